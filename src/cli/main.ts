import { parseArgs } from "node:util";
import { SandboxError } from "../client/handle.ts";
import { ConfigError, UnavailableError, version } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import type { Command, Flag, Flags, Positionals } from "./command.ts";
import { compare } from "./compare.ts";
import { controlCommands, world } from "./control-commands.ts";
import { doctor } from "./doctor.ts";
import { doctorResponse, doctorWebhook } from "./doctor-received.ts";
import { env } from "./env.ts";
import { commandHelp, programHelp } from "./help.ts";
import { ready } from "./ready.ts";
import { rehearse, rehearseDiff } from "./rehearse.ts";
import { rehearseInit } from "./rehearse-init.ts";
import { resend } from "./resend.ts";
import { serve } from "./serve.ts";
import { sign } from "./sign.ts";
import { trigger } from "./trigger.ts";

const commands = [
  serve,
  sign,
  doctor,
  doctorWebhook,
  doctorResponse,
  env,
  ready,
  trigger,
  resend,
  compare,
  rehearse,
  rehearseInit,
  rehearseDiff,
  world,
  ...controlCommands,
];

interface Invocation {
  readonly command: Command;
  readonly flags: Flags;
  readonly parameters: Positionals;
}

/** Reads the arguments, or returns what `--help` and `--version` print. Throws `ConfigError`. */
function readArguments(args: readonly string[]): Invocation | string {
  const named = commandIn(args);
  const command = named ?? serve;
  const { values, positionals } = parse(command, args);
  if (values.help !== undefined)
    return named === undefined ? programHelp(version, commands, serve) : commandHelp(named);
  if (values.version !== undefined) return `${version}\n`;
  const words = command.name.split(" ");
  const given = positionals.length === 0 ? serve.name : positionals.slice(0, words.length).join(" ");
  const parameters = positionals.slice(words.length);
  if (given !== command.name) {
    const names = commands.map((candidate) => candidate.name);
    if (names.includes(given)) throw new ConfigError(`The command ${given} must be the first argument.`);
    throw new ConfigError(`Unknown command ${JSON.stringify(given)}: expected one of ${names.join(", ")}.`);
  }
  checkParameters(command, parameters);
  return { command, flags: values, parameters };
}

/** The command that the first words name, the longest one; `undefined` if they name none. */
function commandIn(args: readonly string[]): Command | undefined {
  const start = args.findIndex((arg) => !arg.startsWith("-"));
  const isNamed = ({ name }: Command) => name.split(" ").every((word, index) => args[start + index] === word);
  return start < 0 ? undefined : commands.filter(isNamed).toSorted((a, b) => b.name.length - a.name.length)[0];
}

function parse({ name, flags, ignoredFlags = [] }: Command, args: readonly string[]) {
  const ignored = ignoredFlags.map((flag): Flag => ({ name: flag, placeholder: "VALUE", help: "" }));
  const known = [...flags, ...ignored, { name: "help", help: "" }, { name: "version", help: "" }];
  const types = known.map(
    (flag) => [flag.name, { type: flag.placeholder === undefined ? "boolean" : "string" }] as const,
  );
  const options = { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } } as const;
  const config = { args: [...args], options, allowPositionals: true, strict: false, tokens: true } as const;
  const { tokens, positionals } = parseArgs(config);
  const values: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = known.find((candidate) => candidate.name === token.name);
    if (flag === undefined) {
      const names = flags.map((candidate) => `--${candidate.name}`).join(", ");
      throw new ConfigError(`Unknown option ${token.rawName}: ${name} takes ${names}.`);
    }
    const before = values[flag.name];
    const value = readFlag(flag, token);
    values[flag.name] = flag.isRepeatable && before !== undefined ? `${before},${value}` : value;
  }
  return { values, positionals };
}

/** Value of a flag on the command line; `true` for a switch. */
function readFlag(
  { name, placeholder }: Flag,
  { value, inlineValue }: { readonly value: string | undefined; readonly inlineValue: boolean | undefined },
): string {
  if (placeholder === undefined) {
    if (value === undefined) return "true";
    throw new ConfigError(`--${name} is ${JSON.stringify(value)}; expected the flag without a value.`);
  }
  if (value !== undefined && (inlineValue || !/^-./.test(value))) return value;
  const spellings = `--${name} ${placeholder}, or --${name}=${placeholder} for a value that begins with -`;
  throw new ConfigError(`--${name} has no value; expected ${spellings}.`);
}

function checkParameters({ name, parameters: expected }: Command, given: Positionals): void {
  const names = expected.map((parameter) => parameter.name).join(" ");
  const unexpected = given[expected.length];
  const missing = expected[given.length];
  if (unexpected !== undefined) {
    const takes = names === "" ? "none" : names;
    throw new ConfigError(`Unexpected argument ${JSON.stringify(unexpected)}: ${name} takes ${takes}.`);
  }
  if (missing !== undefined) throw new ConfigError(`Missing argument ${missing.name}: ${name} takes ${names}.`);
}

/** Runs a command. @param args the arguments of the process. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const invocation = readArguments(args);
    if (typeof invocation === "string") process.stdout.write(invocation);
    else await invocation.command.run(invocation.flags, invocation.parameters);
  } catch (error) {
    const { exitCode, sentence } = outcomeOf(error);
    process.exitCode = exitCode;
    // Connections to a database that does not answer would keep the process alive.
    process.stderr.write(`${escapeControlCharacters(sentence)}\n`, () => process.exit());
  }
}

/** Exit code 2 for wrong arguments, 1 for a failure. Rethrows defects. */
function outcomeOf(error: unknown): { exitCode: number; sentence: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UnavailableError) return { exitCode: 1, sentence: message };
  if (error instanceof ConfigError) return { exitCode: 2, sentence: message };
  if (error instanceof SandboxError) return { exitCode: code === "invalid_request" ? 2 : 1, sentence: message };
  throw error;
}
