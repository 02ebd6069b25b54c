import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { MerchantOption } from "../domain/merchant-option.ts";
import { readFileSettings } from "../domain/settings.ts";
import type { WorldSettings } from "../domain/world.ts";
import { ConfigError } from "./config-error.ts";
import type { Given } from "./given-options.ts";
import { withLogoFile } from "./logo-file.ts";
import { readMerchants } from "./merchants.ts";
import { type OptionName, optionNames, optionTable } from "./options.ts";

/** Content of a file, with its origin for error messages. */
export interface ConfigFile {
  readonly options: Partial<Record<OptionName, Given>>;
  readonly settings: Partial<WorldSettings>;
  readonly merchants: readonly MerchantOption[];
}

const names = optionNames.filter((name) => optionTable[name].file !== false);

/** Reads a JSON file of options. Throws `ConfigError`. @param origin where the path comes from. */
export function readConfigFile(path: string, origin: string): ConfigFile {
  const { $schema: _, settings = {}, merchants = [], ...rest } = parseFile(path, origin) as Record<string, unknown>;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new ConfigError(`settings in ${path} is ${JSON.stringify(settings)}; expected an object.`);
  }
  const options: Partial<Record<OptionName, Given>> = {};
  for (const [name, value] of Object.entries(rest)) {
    const known = names.find((candidate) => candidate === name);
    if (known === undefined) {
      const allowed = [...names, "settings", "merchants"].join(", ");
      throw new ConfigError(`${name} in ${path} is unknown; expected one of ${allowed}.`);
    }
    const isPath = optionTable[known].isPath === true && typeof value === "string" && value !== "";
    options[known] = { value: isPath ? resolve(dirname(path), value) : value, origin: `${name} in ${path}` };
  }
  return {
    options,
    settings: readFileSettings(withLogoFile(settings, path, "settings"), (name, _, complaint) => {
      throw new ConfigError(`settings.${name} in ${path} ${complaint}.`);
    }),
    merchants: readMerchants(withLogoFiles(merchants, path), path),
  };
}

function withLogoFiles(merchants: unknown, path: string): unknown {
  if (!Array.isArray(merchants)) return merchants;
  return merchants.map((merchant: unknown, index) =>
    typeof merchant === "object" && merchant !== null ? withLogoFile(merchant, path, `merchants[${index}]`) : merchant,
  );
}

function parseFile(path: string, origin: string): object {
  const subject = `${origin} is ${JSON.stringify(path)}`;
  let content: unknown;
  try {
    content = JSON.parse(textOf(readFileSync(path)));
  } catch (error) {
    throw new ConfigError(`${subject}, which cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError(`${subject}; expected a file that contains a JSON object.`);
  }
  return content;
}

/** The text of a file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it. Without the mark. */
function textOf(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
