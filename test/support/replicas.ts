import { Client } from "pg";
import { expect } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { type PostgresProxy, startPostgresProxy } from "./postgres-proxy.ts";
import { type Schema, takeSchema } from "./postgres-schemas.ts";
import { gate, type Receiver, startReceiver } from "./receiver.ts";

/** Processing account ids of the demo world and of another one. */
export const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
export const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Replicas in this process, each with its own connections, scheduler and listener, and their shared schema. */
export interface Replicas extends AsyncDisposable {
  readonly a: Sandbox;
  readonly b: Sandbox;
  readonly schema: Schema;
  /** Opens another replica, which is closed with the others. */
  another(options?: SandboxOptions): Promise<Sandbox>;
}

/** Store options of a replica on a schema. The timeout is long, because a machine that runs many tests is slow. */
export function storedIn({ url, name }: Pick<Schema, "url" | "name">): SandboxOptions {
  return { store: url, storeSchema: name, storeConnections: 4, storeTimeout: "PT1M" };
}

/** Opens two replicas. By default the clock of their demo world is frozen at nine in the morning. */
export async function twoReplicas(options: SandboxOptions = {}): Promise<Replicas> {
  const schema = await takeSchema();
  return replicasOn(schema, options, {});
}

/**
 * Opens two replicas. The first one reaches the database through a proxy.
 * @param first additional options of the first replica. `deaf` makes the proxy drop notifications.
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

/** Returns the number of stored replica records. A killed replica keeps its record for a while. */
export async function replicasIn({ schema }: Replicas): Promise<number> {
  const client = new Client({ connectionString: schema.url });
  await client.connect();
  const { rowCount } = await client.query(`SELECT FROM "${schema.name}".replica`).finally(() => client.end());
  return rowCount ?? 0;
}

/** Calls `make` `count` times concurrently. @returns the results in order. */
export function together<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

/** Polls a value until the expectation holds. */
export function eventually<T>(ask: () => Promise<T>, timeout = 10_000) {
  return expect.poll(ask, { timeout, interval: 25 });
}

/** A merchant's server that ends with the test. */
export async function receiverUntilEnd(
  ...options: Parameters<typeof startReceiver>
): Promise<Receiver & AsyncDisposable> {
  const receiver = await startReceiver(...options);
  return Object.assign(receiver, { [Symbol.asyncDispose]: receiver.close });
}

/** A receiver that answers only after `letGo`. `givenUp` resolves when a sender has closed its connection. */
export async function holdingReceiver(status = 204) {
  const held = gate();
  const givenUp = gate();
  const receiver = await receiverUntilEnd(async (response) => {
    response.on("close", () => response.writableFinished || givenUp.open());
    await held.opened;
    if (!response.destroyed) response.writeHead(status).end();
  });
  return Object.assign(receiver, { letGo: held.open, givenUp: givenUp.opened });
}
