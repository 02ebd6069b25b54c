import { Client } from "pg";
import { expect } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { type PostgresProxy, startPostgresProxy } from "./postgres-proxy.ts";
import { type Schema, takeSchema } from "./postgres-schemas.ts";
import { gate, type Receiver, startReceiver } from "./receiver.ts";

/** The world that is there from the start, and another one. */
export const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
export const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Replicas of this process, each with connections, a scheduler and ears of its own, and the schema that they share. */
export interface Replicas extends AsyncDisposable {
  readonly a: Sandbox;
  readonly b: Sandbox;
  readonly schema: Schema;
  /** One more, closed with the others. */
  another(options?: SandboxOptions): Promise<Sandbox>;
}

/** Where a replica on that schema keeps its records. A machine that runs many tests at once is slow, and nothing is wrong. */
export function storedIn({ url, name }: Pick<Schema, "url" | "name">): SandboxOptions {
  return { store: url, storeSchema: name, storeConnections: 4, storeTimeout: "PT1M" };
}

/** Two replicas, whose demo world stands at nine in the morning unless told otherwise. */
export async function twoReplicas(options: SandboxOptions = {}): Promise<Replicas> {
  const schema = await takeSchema();
  return replicasOn(schema, options, {});
}

/**
 * Two replicas, the first of which reaches the database by a proxy.
 * @param first the first one's own options; a proxy that is deaf keeps from it what the database tells by itself.
 */
export async function twoReplicasOneByProxy(
  options: SandboxOptions = {},
  { deaf = false, ...first }: SandboxOptions & { readonly deaf?: boolean } = {},
): Promise<Replicas & { readonly proxy: PostgresProxy }> {
  const schema = await takeSchema();
  const proxy = await startPostgresProxy(schema.url, { deaf });
  const replicas = await replicasOn(schema, options, { ...first, store: proxy.url });
  const close = async () => {
    proxy.open();
    await replicas[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  };
  return { ...replicas, proxy, [Symbol.asyncDispose]: close };
}

async function replicasOn(schema: Schema, options: SandboxOptions, first: SandboxOptions): Promise<Replicas> {
  const open: Sandbox[] = [];
  const another = async (changes: SandboxOptions = {}) => {
    const usual = { clock: "2026-01-05T09:00:00.000Z", ...storedIn(schema) };
    const sandbox = await createSandbox({ ...usual, ...options, ...changes });
    open.push(sandbox);
    return sandbox;
  };
  const close = async () => {
    await Promise.all(open.map((sandbox) => sandbox.close()));
    await schema.release();
  };
  const [a, b] = [await another(first), await another()];
  return { a, b, schema, another, [Symbol.asyncDispose]: close };
}

/** How many replicas count as there, whether they live or were not seen to end. */
export async function replicasIn({ schema }: Replicas): Promise<number> {
  const client = new Client({ connectionString: schema.url });
  await client.connect();
  const { rowCount } = await client.query(`SELECT FROM "${schema.name}".replica`).finally(() => client.end());
  return rowCount ?? 0;
}

/** So many of something, made at once with their numbers. */
export function together<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

/** Asks again and again, as the state of a database in use wants it, until it is so. */
export function eventually<T>(ask: () => Promise<T>, timeout = 10_000) {
  return expect.poll(ask, { timeout, interval: 25 });
}

/** A merchant's server that ends with the test. */
export async function receiverUntilEnd(
  ...asked: Parameters<typeof startReceiver>
): Promise<Receiver & AsyncDisposable> {
  const receiver = await startReceiver(...asked);
  return Object.assign(receiver, { [Symbol.asyncDispose]: receiver.close });
}

/** One that answers nobody until it is let go. `givenUp` resolves when somebody has stopped waiting for an answer. */
export async function holdingReceiver(status = 204) {
  const held = gate();
  const left = gate();
  const receiver = await receiverUntilEnd(async (response) => {
    response.on("close", () => response.writableFinished || left.open());
    await held.opened;
    if (!response.destroyed) response.writeHead(status).end();
  });
  return Object.assign(receiver, { letGo: held.open, givenUp: left.opened });
}
