import { fork } from "node:child_process";
import { once } from "node:events";

/** What the process of the program uses, after a collection of garbage. */
export interface Sample {
  readonly heapUsed: number;
  readonly rss: number;
  /** Delays of the event loop since the sample before, in milliseconds. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  /** Open handles: sockets, timers, servers. */
  readonly handles: number;
  readonly descriptors: number;
}

/** The built program in a process of its own. */
export interface Server {
  readonly url: string;
  sample(): Promise<Sample>;
  /** Ends the program with SIGTERM. @returns its exit code, and what it wrote on standard error */
  stop(): Promise<{ readonly code: number | null; readonly errors: string }>;
}

const program = new URL("../../dist/cli.js", import.meta.url).pathname;
const probe = new URL("probe.js", import.meta.url).href;

export async function startServer(): Promise<Server> {
  const child = fork(program, ["--port", "0", "--auth", "require", "--log", "silent", "--no-demo"], {
    env: { PATH: process.env.PATH },
    execArgv: ["--expose-gc", "--import", probe],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const ended = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
      const [, ready] = /^Alipay HK sandbox ready at (\S+)\n/.exec(output) ?? [];
      if (ready !== undefined) resolve(ready);
    });
    ended.then(([code]) => reject(new Error(`The program ended with ${code}: ${errors}`)));
  });
  return {
    url,
    sample: async () => {
      const answer = once(child, "message");
      child.send("sample");
      const [sample] = (await answer) as [Sample];
      return sample;
    },
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return { code, errors };
    },
  };
}
