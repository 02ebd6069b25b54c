import { flagOf, type OptionName, optionTable } from "../config/options.ts";

/** Values of flags, by name without the dashes in front. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** Arguments after the name of the command, in order. */
export type Positionals = readonly string[];

/** A flag, as `--help` describes it. */
export interface Flag {
  readonly name: string;
  /** Value in `--help`, such as `URL`; a flag without one is a switch. */
  readonly placeholder?: string | undefined;
  readonly help: string;
  /** Whether it may be repeated: the values are joined with commas. */
  readonly isRepeatable?: boolean;
}

/** A required argument, as `--help` describes it. */
export interface Parameter {
  readonly name: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly flags: readonly Flag[];
  /** Flags that are accepted without effect, so that the same arguments work for `sign` and `doctor`. */
  readonly ignoredFlags?: readonly string[];
  /** Sentences at the end of `--help`. */
  readonly notes?: readonly string[];
  readonly run: (flags: Flags, parameters: Positionals) => Promise<void>;
}

/** Flags of options, described as in the table of options. */
export function optionFlags(names: readonly OptionName[]): Flag[] {
  return names.map((name) => {
    const { placeholder, help, default: byDefault } = optionTable[name];
    const ending = placeholder === undefined || byDefault === undefined ? "" : ` (default ${byDefault})`;
    return { name: flagOf(name), placeholder, help: help + ending };
  });
}
