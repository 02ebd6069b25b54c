/** Flags by their names without the dashes in front. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** What follows the name of a command, in order. */
export type Positionals = readonly string[];

/** A command, what it is given, and which flags it takes. */
export interface Command {
  readonly flags: readonly string[];
  readonly parameters: Positionals;
  readonly run: (flags: Flags, parameters: Positionals) => Promise<void>;
}
