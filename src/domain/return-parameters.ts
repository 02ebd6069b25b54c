import type { Members, RecordOf } from "./members.ts";
import type { OnWrong } from "./spelling.ts";

export const returnTemplates = ["id", "merchantReference", "status"] as const;
export type ReturnTemplate = (typeof returnTemplates)[number];

/** A parameter of the browser's return. Its value can have templates: `{status}`. */
const parameterMembers = { name: "text", value: "string" } as const satisfies Members;
export interface ReturnParameter extends RecordOf<typeof parameterMembers> {}

/** The value of the rule `returnParameters` in records. */
export const returnParametersMember = {
  either: [{ oneOf: ["none"] }, { list: { object: parameterMembers } }],
} as const;

const parametersMax = 10;
const known = returnTemplates.map((template) => `{${template}}`);
const allowedTemplates = `${known.slice(0, -1).join(", ")} and ${known.at(-1)}`;

function isText(value: unknown): value is string {
  return typeof value === "string" && !/\p{Cc}/u.test(value);
}

function isParameter(given: unknown): given is ReturnParameter {
  if (typeof given !== "object" || given === null) return false;
  const { name, value, ...others } = given as Partial<ReturnParameter>;
  return isText(name) && name !== "" && isText(value) && Object.keys(others).length === 0;
}

function read(value: unknown, onWrong: OnWrong): "none" | readonly ReturnParameter[] | undefined {
  if (value === "none") return value;
  if (!Array.isArray(value) || value.length > parametersMax || !value.every(isParameter)) return undefined;
  if (new Set(value.map(({ name }) => name)).size < value.length) return undefined;
  for (const [index, parameter] of value.entries()) {
    const unknown = parameter.value.match(/\{[^{}]*\}/g)?.find((template) => !known.includes(template));
    const complaint = `has the template ${unknown}; allowed are ${allowedTemplates}`;
    if (unknown !== undefined) onWrong(`${index}.value`, parameter.value, complaint);
  }
  return value.length === 0 ? "none" : value.map(({ name, value: template }) => ({ name, value: template }));
}

const controls = "\\u0000-\\u001f\\u007f-\\u009f";

/** Spells the parameters of the browser's return: `none`, or a list of names and templates of values. */
export const returnParametersSpelling = {
  default: "none",
  allowed:
    `none, or a list of at most ${parametersMax} objects with \`name\` and \`value\`: different names that are not ` +
    `empty, values with the templates ${allowedTemplates}, and no control characters`,
  read,
  json: {
    anyOf: [
      { type: "string", enum: ["none"] },
      {
        type: "array",
        maxItems: parametersMax,
        items: {
          type: "object",
          properties: {
            name: { type: "string", pattern: `^[^${controls}]+$` },
            value: { type: "string", pattern: `^[^${controls}]*$` },
          },
          required: ["name", "value"],
          additionalProperties: false,
        },
      },
    ],
  },
} as const;
