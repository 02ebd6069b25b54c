import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { ConfigError } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import type { Command, Flags } from "./command.ts";

export const rehearseInit: Command = {
  name: "rehearse init",
  summary: "writes rehearsal.json from one checkout that you do in a browser",
  parameters: [],
  flags: [
    { name: "webhook-url", placeholder: "URL", help: "your endpoint for notifications; required" },
    { name: "start", placeholder: "COMMAND", help: "starts your server; without it the server must run already" },
    { name: "url", placeholder: "URL", help: "base of the shop's pages (default the origin of --webhook-url)" },
    {
      name: "order",
      placeholder: "PATH",
      help: "page or JSON of an order, with {reference} or {number} (default where the return leads to)",
    },
    { name: "port", placeholder: "PORT", help: "port that your server knows as the provider (default 8853)" },
    { name: "recorder-port", placeholder: "PORT", help: "port of the copy of your shop that records (default any)" },
    { name: "file", placeholder: "FILE", help: "the file to write (default rehearsal.json)" },
    {
      name: "ci",
      placeholder: "github",
      help: "also writes .github/workflows/rehearsal.yaml in the root of the repository",
    },
  ],
  run,
};

/** Maximum time until the customer has reached the provider's page, in milliseconds. */
const limitMs = 600_000;

async function run(flags: Flags): Promise<void> {
  const { "webhook-url": webhookUrl, file = "rehearsal.json", ci } = flags;
  if (webhookUrl === undefined) throw new ConfigError("--webhook-url is missing; expected your endpoint's URL.");
  if (ci !== undefined && ci !== "github") {
    throw new ConfigError(`--ci is ${JSON.stringify(ci)}; expected github.`);
  }
  const { workflowFor } = await import("./rehearse-workflow.ts");
  const workflow = ci === undefined ? undefined : workflowFor(process.cwd(), file);
  for (const path of workflow === undefined ? [file] : [file, relative(".", workflow.path)]) {
    if (existsSync(path)) throw new ConfigError(`${path} exists already; remove it, or use another --file.`);
  }
  const { initPlan } = await import("../rehearsal/init/init.ts");
  const say = (line: string) => void process.stderr.write(`${escapeControlCharacters(line)}\n`);
  const { plan, notes } = await initPlan({
    webhookUrl,
    start: flags.start,
    url: flags.url,
    order: flags.order,
    directory: process.cwd(),
    port: portOf(flags, "port", 8853),
    recorderPort: portOf(flags, "recorder-port", 0),
    limitMs,
    say,
  });
  const { version } = await import("../config/config.ts");
  write(file, `${JSON.stringify({ ...plan, casesOf: version }, null, 2)}\n`);
  say(`Wrote ${file}. Check it:`);
  for (const note of notes) say(`- ${note}`);
  if (workflow !== undefined) {
    write(workflow.path, workflow.text);
    say(`Wrote ${relative(".", workflow.path)}.`);
    if (!workflow.hasPackage) {
      say("- It installs the sandbox with npm, and there is no package.json: use the single file instead (README).");
    }
  }
  say("Now play the cases with the command rehearse.");
}

function portOf(flags: Flags, name: string, byDefault: number): number {
  const port = Number(flags[name] ?? byDefault);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`--${name} is ${JSON.stringify(flags[name])}; expected a port from 0 to 65535.`);
}

function write(path: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new ConfigError(`${path} cannot be written: ${(error as Error).message}`);
  }
}
