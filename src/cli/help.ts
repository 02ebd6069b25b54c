import type { Command, Flag } from "./command.ts";

/** A label and its description. */
type Row = readonly [label: string, text: string];

const program = "alipay-hk-sandbox";
/** Maximum width of the output, in columns. */
export const columns = 100;

/** Help on the program: its commands, and the flags of `serve`. */
export function programHelp(version: string, commands: readonly Command[], serve: Command): string {
  return `${program} ${version}: a sandbox for Alipay HK payments. No money moves.

  ${program} [serve] [flags]
  ${program} COMMAND [flags]

Commands:
${rows(commands.map((command) => [[command.name, ...namesOf(command)].join(" "), command.summary]))}

Flags of serve:
${rows(serve.flags.map(flagRow))}

  --help                      explains this, or the COMMAND before it
  --version                   prints the version

Each flag of serve has a variable, such as SANDBOX_PORT for --port. A flag overrides a variable, and
a variable overrides the file. The other commands read the same variables.
A DURATION is like 500ms, 30s, 5m, 1h30m or 2d, or like PT30M in ISO 8601.
Exit codes: 2 for wrong arguments, 1 for a failure. A command with other exit codes lists them in
COMMAND --help.
`;
}

/** Help on one command. */
export function commandHelp(command: Command): string {
  const { name, summary, parameters, flags, notes = [] } = command;
  const all = [...parameters.map((parameter): Row => [parameter.name, parameter.help]), ...flags.map(flagRow)];
  return `${program} ${[name, ...namesOf(command)].join(" ")} [flags]
${summary[0]?.toUpperCase()}${summary.slice(1)}.

${rows(all)}
${notes.map((note) => `\n${wrapped(note, columns).join("\n")}\n`).join("")}`;
}

function namesOf({ parameters }: Command): string[] {
  return parameters.map(({ name }) => name);
}

function flagRow({ name, placeholder, help }: Flag): Row {
  return [placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`, help];
}

function rows(all: readonly Row[]): string {
  const indent = Math.max(...all.map(([label]) => label.length)) + 4;
  return all
    .map(
      ([label, text]) => `  ${label}`.padEnd(indent) + wrapped(text, columns - indent).join(`\n${" ".repeat(indent)}`),
    )
    .join("\n");
}

/** Lines of at most `width` characters. */
export function wrapped(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${width}}(?= |$)`, "g"))?.map((line) => line.trim()) ?? [];
}
