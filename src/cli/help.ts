import type { Command, Flag } from "./command.ts";

/** A label and its description. */
type Row = readonly [label: string, text: string];

const program = "alipay-hk-sandbox";

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

Each flag of serve has a variable: SANDBOX_PORT for --port, and so on. A flag overrides a variable, a variable
overrides the file. The other commands read SANDBOX_PORT and SANDBOX_ADMIN_TOKEN too.
Exit codes: 2 for wrong arguments, 1 for a failure.
`;
}

/** Help on one command. */
export function commandHelp(command: Command): string {
  const { name, summary, parameters, flags } = command;
  const all = [...parameters.map((parameter): Row => [parameter.name, parameter.help]), ...flags.map(flagRow)];
  return `${program} ${[name, ...namesOf(command)].join(" ")} [flags]: ${summary}.

${rows(all)}
`;
}

function namesOf({ parameters }: Command): string[] {
  return parameters.map(({ name }) => name);
}

function flagRow({ name, placeholder, help }: Flag): Row {
  return [placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`, help];
}

function rows(all: readonly Row[]): string {
  const width = Math.max(...all.map(([label]) => label.length));
  return all.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`).join("\n");
}
