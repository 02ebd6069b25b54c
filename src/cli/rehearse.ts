import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { ConfigError } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import type { Baseline } from "../rehearsal/baseline.ts";
import type { CaseDescription } from "../rehearsal/case.ts";
import type { CaseChoice } from "../rehearsal/choice.ts";
import type { RehearsalOptions } from "../rehearsal/rehearse.ts";
import type { Outcome } from "../rehearsal/result.ts";
import type { Command, Flags, Positionals } from "./command.ts";
import { type EnvironmentFormat, environmentBlock, formatFlag, formatOf } from "./env.ts";
import { columns, wrapped } from "./help.ts";
import { readFile } from "./offline-sandbox.ts";
import { onEndSignal } from "./process.ts";
import { readReports, writeReports } from "./rehearse-reports.ts";

const defaultFile = "rehearsal.json";

export const rehearse: Command = {
  name: "rehearse",
  summary: "examines a merchant's integration: it says what would go wrong in production",
  parameters: [],
  flags: [
    { name: "file", placeholder: "FILE", help: `the plan (default ${defaultFile})` },
    { name: "only", placeholder: "ID,ID", help: "plays only these cases", isRepeatable: true },
    { name: "skip", placeholder: "ID,ID", help: "leaves these cases out", isRepeatable: true },
    { name: "critical", help: "plays only the cases in which money or goods are lost" },
    { name: "list", help: "prints the cases, and plays none" },
    { name: "explain", placeholder: "ID", help: "explains a case, and plays none" },
    { name: "seed", placeholder: "TEXT", help: "decides the order of the cases (default random)" },
    {
      name: "port",
      placeholder: "PORT",
      help: "port of the provider (default any, or 8853 if the plan has no start)",
    },
    { name: "print-env", help: "prints the variables for a server that you start yourself, before the rehearsal" },
    formatFlag("dotenv", "with --print-env: "),
    {
      name: "report",
      placeholder: "KIND=PATH",
      help: "writes a report: junit, html or json; several with commas, or by repeating the flag",
      isRepeatable: true,
    },
    { name: "baseline", placeholder: "FILE", help: "known failures that are accepted, with reasons and end dates" },
  ],
  notes: [
    "Exit codes: 0 if nothing failed, 1 if a case failed, 2 if the plan or the setup is wrong, 3 if a critical case " +
      "was not judged, 4 for a fault of the sandbox.",
  ],
  run: (flags) => withExitCodes(() => run(flags)),
};

export const rehearseDiff: Command = {
  name: "rehearse diff",
  summary: "compares two JSON reports of rehearsals",
  parameters: [
    { name: "BEFORE", help: "the earlier report" },
    { name: "AFTER", help: "the later report" },
  ],
  flags: [],
  notes: ["Exit codes: 0 if it compared them, 2 if a report or an argument is wrong, 4 for a fault of the sandbox."],
  run: (_, parameters) => withExitCodes(() => diff(parameters)),
};

const exitCodes: Readonly<Record<Outcome, number>> = { pass: 0, fail: 1, incomplete: 3 };
const exitCodeOfFault = 4;

/** Runs a command. Rejects with `ConfigError` for a wrong setup; an unexpected error is reported as a fault. */
async function withExitCodes(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { name, message, stack } = error as Error;
    if (error instanceof ConfigError) throw error;
    // The class is in a part of the program that is loaded late.
    if (name === "SetupError") throw new ConfigError(message);
    process.stderr.write(`${escapeControlCharacters(stack ?? message)}\nThis is a fault of the sandbox.\n`);
    process.exitCode = exitCodeOfFault;
  }
}

async function run(flags: Flags): Promise<void> {
  const port = portOf(flags);
  const choice: CaseChoice = {
    ...(flags.only === undefined ? {} : { only: idsIn(flags.only) }),
    skip: idsIn(flags.skip ?? ""),
    critical: flags.critical !== undefined,
  };
  const { chooseCases, defaultPort } = await import("../rehearsal/rehearse.ts");
  if (flags.explain !== undefined) return explain(flags.explain);
  const chosen = chooseCases(choice);
  if (flags.list !== undefined) return list(chosen);
  if (flags["print-env"] !== undefined) return printEnvironment(port ?? defaultPort, formatOf(flags, "dotenv"));
  const seed = flags.seed === undefined ? {} : { seed: flags.seed };
  await play(flags, { ...choice, ...seed, ...(port === undefined ? {} : { port }) });
}

async function play(flags: Flags, options: RehearsalOptions): Promise<void> {
  const reports = readReports(flags.report);
  const { readPlan } = await import("../rehearsal/plan.ts");
  const { rehearse: playCases } = await import("../rehearsal/rehearse.ts");
  const { caseLine, summaryLines } = await import("../rehearsal/report/terminal.ts");
  const file = flags.file ?? defaultFile;
  const plan = readPlan(planIn(file), file);
  const baseline = await baselineOf(flags);
  const isColoured = process.stdout.isTTY && process.stdout.hasColors();
  const result = await untilSignal((signal) =>
    playCases(plan, {
      ...options,
      directory: dirname(file),
      ...(baseline === undefined ? {} : { baseline }),
      signal,
      onCase: (result) => void process.stdout.write(`${caseLine(result, isColoured)}\n`),
    }),
  );
  process.stdout.write(`${summaryLines(result, isColoured).join("\n")}\n`);
  const { vanishedFrom } = await import("../rehearsal/baseline.ts");
  const vanished = baseline === undefined ? [] : vanishedFrom(result.cases, baseline);
  if (vanished.length > 0) {
    process.stdout.write(`Passes again, so that the baseline need not accept it: ${vanished.join(", ")}.\n`);
  }
  await writeReports(reports, result);
  for (const { kind, path } of reports) process.stdout.write(`The ${kind} report is in ${path}.\n`);
  const { hasSandboxFault } = await import("../rehearsal/result.ts");
  const isFault = result.outcome !== "fail" && hasSandboxFault(result);
  process.exitCode = isFault ? exitCodeOfFault : exitCodes[result.outcome];
}

/** Plays until the end, or until a signal ends this process, but not before the merchant's server has ended. */
async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  let code = 0;
  const end = (name: NodeJS.Signals) => {
    code = 128 + constants.signals[name];
    // The second signal waits for nothing: the exit kills the server.
    onEndSignal(() => process.exit(code));
    ending.abort(new Error(`ended by ${name}`));
  };
  onEndSignal(end);
  process.once("SIGHUP", end);
  try {
    return await work(ending.signal);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    process.stderr.write("The rehearsal was ended before its end.\n");
    process.exit(code);
  } finally {
    process.removeListener("SIGHUP", end);
  }
}

async function printEnvironment(port: number, format: EnvironmentFormat): Promise<void> {
  const { credentialsAt } = await import("../rehearsal/setting.ts");
  process.stdout.write(environmentBlock(await credentialsAt(port), format));
}

function list(cases: readonly CaseDescription[]): void {
  const width = Math.max(...cases.map(({ id }) => id.length));
  for (const { id, severity, title } of cases) {
    process.stdout.write(`${id.padEnd(width)}  ${severity.padEnd(8)}  ${title}\n`);
  }
}

async function explain(id: string): Promise<void> {
  const { chooseCases } = await import("../rehearsal/rehearse.ts");
  const { groups } = await import("../rehearsal/case.ts");
  const { hookHelp } = await import("../rehearsal/plan.ts");
  for (const one of chooseCases({ only: [id] })) {
    const { title, group, severity, needs, stake, does, rule, advice, precedent } = one;
    const needed = needs.map((hook) => hookHelp[hook]).join("; ");
    const parts = [
      `${title} (${id})`,
      `${groups[group]}, ${severity}. Needs of the plan: ${needed || "nothing"}.`,
      ...[`At stake: ${stake}`, `What the sandbox does: ${does}`, `When it passes: ${rule}`],
      ...[`How to pass: ${advice}`, `Precedents: ${precedent}`],
    ];
    process.stdout.write(`${parts.map((part) => wrapped(part, columns).join("\n")).join("\n\n")}\n`);
  }
}

/** The content of `--baseline`; `undefined` without it. */
async function baselineOf(flags: Flags): Promise<Baseline | undefined> {
  if (flags.baseline === undefined) return undefined;
  const { readBaseline } = await import("../rehearsal/baseline.ts");
  return readBaseline(readFile("--baseline", flags.baseline).toString("utf8"), flags.baseline);
}

async function diff([before = "", after = ""]: Positionals): Promise<void> {
  const { readJsonReport } = await import("../rehearsal/report/json.ts");
  const { diffLines } = await import("../rehearsal/report/diff.ts");
  const read = (name: string, path: string) => readJsonReport(readFile(name, path).toString("utf8"), path);
  process.stdout.write(`${diffLines(read("BEFORE", before), read("AFTER", after)).join("\n")}\n`);
}

/** The JSON value of a plan's file, which may begin with a byte order mark. */
function planIn(file: string): unknown {
  if (!existsSync(file)) throw new ConfigError(`There is no file ${file}; "rehearse init" makes one.`);
  const text = readFile("--file", file).toString("utf8");
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new ConfigError(`--file is ${JSON.stringify(file)}, which is not JSON: ${(error as Error).message}.`);
  }
}

function idsIn(list: string): string[] {
  return list
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

function portOf({ port }: Flags): number | undefined {
  if (port === undefined) return undefined;
  const number = Number(port);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw new ConfigError(`--port is ${JSON.stringify(port)}; expected a port from 1 to 65535.`);
}
