#!/usr/bin/env node
import { parseArgs } from "node:util";
import { SandboxError } from "../client/handle.ts";
import { ConfigError, version } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import type { Command, Flags, Positionals } from "./command.ts";
import { doctor } from "./doctor.ts";
import { env } from "./env.ts";
import { commandHelp, programHelp } from "./help.ts";
import { ready } from "./ready.ts";
import { resend } from "./resend.ts";
import { serve } from "./serve.ts";
import { sign } from "./sign.ts";
import { trigger } from "./trigger.ts";

const commands = [serve, sign, doctor, env, ready, trigger, resend];

interface Invocation {
  readonly command: Command;
  readonly flags: Flags;
  readonly parameters: Positionals;
}

/** Reads the arguments, or returns what `--help` and `--version` print. Throws `ConfigError`. */
function readArguments(args: readonly string[]): Invocation | string {
  const name = args.find((arg) => !arg.startsWith("-"));
  const named = commands.find((candidate) => candidate.name === name);
  const command = named ?? serve;
  const { values, positionals } = parse(command, args);
  if (values.help) return named === undefined ? programHelp(version, commands, serve) : commandHelp(named);
  if (values.version) return `${version}\n`;
  const [given = serve.name, ...parameters] = positionals;
  if (given !== command.name) {
    const names = commands.map((candidate) => candidate.name).join(", ");
    throw new ConfigError(`Unknown command ${JSON.stringify(given)}: expected one of ${names}.`);
  }
  checkParameters(command, parameters);
  const flags = Object.entries(values).map(([flag, value]) => [flag, value === true ? "true" : value]);
  return { command, flags: Object.fromEntries(flags), parameters };
}

function parse({ flags, ignoredFlags = [] }: Command, args: readonly string[]) {
  const types = Object.fromEntries([
    ...flags.map(
      ({ name, placeholder }) => [name, { type: placeholder === undefined ? "boolean" : "string" }] as const,
    ),
    ...ignoredFlags.map((name) => [name, { type: "string" }] as const),
  ]);
  const options = { ...types, help: { type: "boolean" as const, short: "h" }, version: { type: "boolean" as const } };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true }) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (error) {
    const [sentence] = (error as Error).message.split("\n");
    const names = flags.map((flag) => `--${flag.name}`).join(", ");
    throw new ConfigError(`${sentence} Expected flags: ${names}.`);
  }
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

async function main(args: readonly string[]): Promise<void> {
  try {
    const invocation = readArguments(args);
    if (typeof invocation === "string") process.stdout.write(invocation);
    else await invocation.command.run(invocation.flags, invocation.parameters);
  } catch (error) {
    const { exitCode, sentence } = outcomeOf(error);
    process.stderr.write(`${escapeControlCharacters(sentence)}\n`);
    process.exitCode = exitCode;
  }
}

/** Exit code 2 for wrong arguments, 1 for a failure. Rethrows defects. */
function outcomeOf(error: unknown): { exitCode: number; sentence: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError) return { exitCode: 2, sentence: message };
  if (error instanceof SandboxError) return { exitCode: code === "invalid_request" ? 2 : 1, sentence: message };
  if (code === undefined) throw error;
  return { exitCode: 1, sentence: `The port cannot be opened: ${message}.` };
}

await main(process.argv.slice(2));
