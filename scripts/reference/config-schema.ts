import { z } from "zod";
import { merchantsSchema } from "../../src/config/merchants.ts";
import { type OptionName, optionNames, optionTable } from "../../src/config/options.ts";
import { contractJsonSchema } from "../../src/domain/contract.ts";
import { defaultSettings, settingSpellings, writeSettings } from "../../src/domain/settings.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema of the configuration file, for editors. The program may refuse more: some rules are code. */
export function configSchema(): JsonSchema {
  const options = optionNames.filter((name) => optionTable[name].file !== false);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration file of alipay-hk-sandbox",
    ...objectOf({
      $schema: { type: "string", description: "Location of this schema." },
      ...Object.fromEntries(options.map((name) => [name, optionSchema(name)])),
      settings: { description: "Defaults of every world.", ...settingsSchema() },
      merchants: { description: "Merchants besides the demo merchant.", ...schemaOf(merchantsSchema()) },
    }),
  };
}

function optionSchema(name: OptionName): JsonSchema {
  const { schema, help, allowed, isNegated, default: byDefault } = optionTable[name];
  const effect = isNegated ? `false: ${help}` : help;
  return { description: `${effect}. Allowed: ${allowed}.`, ...schemaOf(schema), default: byDefault };
}

function settingsSchema(): JsonSchema {
  const defaults = writeSettings(defaultSettings);
  const settings = Object.entries(settingSpellings).map(([name, { help, ...setting }]) => {
    const { allowed } = setting.file ?? setting;
    if (name === "contract") return [name, { description: `${help}.`, ...contractJsonSchema }] as const;
    const type = typeof (defaults[name] ?? "");
    return [name, { description: `${help}. Allowed: ${allowed}.`, type, default: defaults[name] }] as const;
  });
  return objectOf(Object.fromEntries(settings));
}

function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, additionalProperties: false };
}

/** Values as the file spells them, before they are converted. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return rest;
}
