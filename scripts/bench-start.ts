import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { median } from "./measuring.ts";

const root = join(import.meta.dirname, "..");
const warmUps = 2;
const rounds = 15;
const ratioMax = 1.6;
const libraries = ["hono", "@hono/node-server", "zod"];

interface Program {
  readonly child: ChildProcess;
  readonly output: Readable;
  readonly exit: Promise<unknown[]>;
}

function start(args: readonly string[]): Program {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  return { child, output: child.stdout, exit: once(child, "exit") };
}

/** Duration of a process that only loads the libraries, in milliseconds. */
async function loadLibraries(): Promise<number> {
  const imports = libraries.map((library) => `import("${library}")`).join(", ");
  const startTime = performance.now();
  await start(["--input-type=module", "-e", `await Promise.all([${imports}])`]).exit;
  return performance.now() - startTime;
}

/** Time until a new sandbox has answered its first request, in milliseconds. */
async function startSandbox(): Promise<number> {
  const startTime = performance.now();
  const { child, output, exit } = start(["dist/cli.js", "--port", "0", "--log", "silent"]);
  try {
    const response = await fetch(`${await readyUrl(output)}/_sandbox/health`);
    const duration = performance.now() - startTime;
    await response.arrayBuffer();
    return duration;
  } finally {
    child.kill("SIGTERM");
    await exit;
  }
}

async function readyUrl(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) {
    const url = /^Alipay HK sandbox ready at (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error("The sandbox exited before it was ready. Run npm run build first.");
}

const loading: number[] = [];
const starting: number[] = [];
for (let round = -warmUps; round < rounds; round += 1) {
  const [loaded, started] = [await loadLibraries(), await startSandbox()];
  if (round < 0) continue;
  loading.push(loaded);
  starting.push(started);
}

const [baseline, sandbox] = [median(loading), median(starting)];
console.log(`Node ${process.version}, medians of ${rounds} alternating rounds after ${warmUps} warm-ups`);
console.log(`  load ${libraries.join(", ")} and exit   ${baseline.toFixed(0)} ms`);
console.log(`  start the sandbox to its first response  ${sandbox.toFixed(0)} ms`);
console.log(`  ratio ${(sandbox / baseline).toFixed(2)}, at most ${ratioMax}`);
