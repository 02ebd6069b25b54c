import { request as sendRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../scripts/free-port.ts";
import type { HttpRequest } from "../load/http-request.ts";
import { type Command, type RunningProcess, startServer } from "../processes.ts";

/** A program that is measured. */
export interface Target {
  readonly name: string;
  /** What the tables call it. */
  readonly title: string;
  readonly kind: "floor" | "sandbox" | "peer";
  /** The command that starts it on a port of the loopback address. */
  command(port: number): Command;
  /** Creates to be sent in order, again and again. */
  readonly creates: readonly HttpRequest[];
  /** Reads what a create has made. */
  read(id: string): HttpRequest;
  /** What `npm install` is given to install it. */
  readonly packages: readonly string[];
}

/** A target that serves. */
export interface RunningTarget extends RunningProcess {
  readonly url: string;
  /** Milliseconds from the start of the process to the first good answer to a create. */
  readonly startMs: number;
}

const pollMs = 2;
const startMsMax = 60_000;

/** Starts a target and waits until a create succeeds. */
export async function start(target: Target): Promise<RunningTarget> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [create] = target.creates;
  if (create === undefined) throw new Error(`${target.name} has no creates`);
  const began = performance.now();
  const running = startServer(target.command(port));
  try {
    await Promise.race([untilAnswered(url, create), running.failed]);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { ...running, url, startMs: performance.now() - began };
}

/** Starts a target, hands it to `work`, and ends it whatever happens. */
export async function withTarget<T>(target: Target, work: (running: RunningTarget) => Promise<T>): Promise<T> {
  const running = await start(target);
  try {
    return await Promise.race([work(running), running.failed]);
  } finally {
    await running.stop();
  }
}

async function untilAnswered(url: string, create: HttpRequest): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { status, text } = await exchange(url, create).catch((error) => ({ status: 0, text: String(error) }));
    if (isSuccess(status)) return;
    if (performance.now() - began > startMsMax) throw new Error(`${url} does not create: ${status} ${text}`);
    await sleep(pollMs);
  }
}

/** Creates some payments and returns their ids. */
export async function createSome({ url }: RunningTarget, target: Target, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const create = target.creates[index % target.creates.length] as HttpRequest;
    const { status, text } = await exchange(url, create);
    if (!isSuccess(status)) throw new Error(`${target.name} answered a create with ${status}: ${text}`);
    const { id } = JSON.parse(text) as { id?: unknown };
    ids.push(String(id));
  }
  return ids;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Sends a request on a connection of its own. */
export function exchange(
  url: string,
  { method, path, headers, body }: HttpRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const length = body === "" ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = sendRequest(url + path, { method, agent: false, headers: { ...headers, ...length } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}
