import { ConfigError } from "./config-error.ts";
import { type Environment, type OptionName, type OptionValue, optionTable, variableOf } from "./options.ts";

/** Value of an option's variable; `undefined` if it is not set, empty, or set by somebody else. */
export function readVariable(name: OptionName, environment: Environment): string | undefined {
  const value = environment[variableOf(name)];
  return value === "" || (value !== undefined && optionTable[name].foreign?.pattern.test(value)) ? undefined : value;
}

/** A sentence for a variable that is ignored because somebody else set it. */
export function describeForeignVariable(name: OptionName, environment: Environment): string | undefined {
  const value = environment[variableOf(name)];
  const { foreign } = optionTable[name];
  if (value === undefined || !foreign?.pattern.test(value)) return undefined;
  return `${variableOf(name)} is ${withoutPassword(value)}, set by ${foreign.origin}: it is ignored.`;
}

const switchValues: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  yes: true,
  "0": false,
  false: false,
  no: false,
};

/** A flag or variable as the file spells it: that of an option without placeholder is a switch. */
export function readSpelling(name: OptionName, value: string): unknown {
  const { placeholder, isNegated = false } = optionTable[name];
  const isOn = placeholder === undefined ? switchValues[value] : undefined;
  return isOn === undefined ? value : isOn !== isNegated;
}

/** A value and its origin, such as `--port` or `port in sandbox.json`. */
export interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/** Reads a given value, or the default. Throws `ConfigError` if the value is not allowed. */
export function readOption<N extends OptionName>(name: N, given: Given | undefined): OptionValue<N> {
  const { schema, allowed, redact = withoutPassword, default: byDefault } = optionTable[name];
  const { value, origin } = given ?? { value: byDefault, origin: `The default of ${name}` };
  if (value === undefined) return undefined as OptionValue<N>;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ConfigError(`${origin} is ${redact(value)}; expected ${allowed}.`);
  return parsed.data as OptionValue<N>;
}

function withoutPassword(value: unknown): string {
  return String(JSON.stringify(value)).replace(/\/\/.*@/, "//…@");
}
