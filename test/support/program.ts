import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The built program. */
export const program = new URL("../../dist/cli.js", import.meta.url).pathname;

const running = new Set<ChildProcess>();

/** Kills the programs that a test started. */
export function killPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/** Starts the built program, or another script. Of this process's environment it gets only PATH. */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  script = program,
) {
  const child = spawn(process.execPath, [script, ...args], { env: { PATH: process.env.PATH, ...environment } });
  running.add(child);
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.err += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const url = /^Alipay HK sandbox ready at (\S+)\n/.exec(output.out)?.[1];
      if (url !== undefined) resolve(url);
    });
    ended.then(({ code, err }) => reject(new Error(`it ended with ${code}: ${err}`)));
  });
  ready.catch(() => undefined);
  return { child, ended, ready, output };
}

/** A new file in a folder of its own; a text is its content as it is. @returns its path. */
export function fileWith(content: unknown, name = "sandbox.json"): string {
  const path = join(mkdtempSync(join(tmpdir(), "sandbox-")), name);
  const isRaw = typeof content === "string" || content instanceof Uint8Array;
  writeFileSync(path, isRaw ? content : JSON.stringify(content));
  return path;
}
