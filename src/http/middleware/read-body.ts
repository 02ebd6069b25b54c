import type { Context, MiddlewareHandler } from "hono";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import type { Env, SocketBindings } from "../env.ts";
import { respondRefusal } from "../respond.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Incoming = NonNullable<SocketBindings["incoming"]>;

const noBytes: Bytes = new Uint8Array();

/** Reads the body once, as bytes. Refuses with the refusals of `receiveBody`. */
export function readBody(maxBytes: number): MiddlewareHandler<Env> {
  return async (c, next) => {
    const body = await receiveBody(c, maxBytes);
    if (!body.ok) return respondRefusal(c, body.refusal);
    c.set("body", body.value);
    return next();
  };
}

/**
 * Receives the exact bytes of a body; empty for GET and HEAD. Refuses with `payload_too_large` as soon as the body is
 * known to exceed the limit, and with `invalid_request` if it ends early.
 */
export async function receiveBody({ req, env }: Context<Env>, maxBytes: number): Promise<Result<Bytes>> {
  if (req.method === "GET" || req.method === "HEAD") return accept(noBytes);
  const tooLarge = refuse({ code: "payload_too_large", maxBytes });
  if (Number(req.header("content-length") ?? 0) > maxBytes) return tooLarge;
  try {
    const bytes = await (env?.incoming === undefined
      ? bytesOfStream(req.raw.body, maxBytes)
      : bytesOfSocket(env.incoming, maxBytes));
    return bytes === undefined ? tooLarge : accept(bytes);
  } catch {
    // The client disconnected, or the request timed out: no defect of the sandbox.
    const description = "The body broke off.";
    return refuse({ code: "invalid_request", errors: [{ path: "", code: "invalid_request", description }] });
  }
}

/** The body of a GET, up to the limit. It has no effect, but the signature doctor explains it. */
export async function receiveIgnoredBody({ env }: Context<Env>, maxBytes: number): Promise<Bytes | undefined> {
  const { incoming } = env ?? {};
  const length = Number(incoming?.headers?.["content-length"] ?? 0);
  if (incoming === undefined || !(length > 0 && length <= maxBytes)) return undefined;
  return bytesOfSocket(incoming, maxBytes).catch(() => undefined);
}

/**
 * All bytes of a socket's request; `undefined` if they are more than the maximum. Then the rest is not read.
 * A web stream of the socket would be slower, and needs globals that test environments replace.
 */
function bytesOfSocket(incoming: Incoming, maxBytes: number): Promise<Bytes | undefined> {
  return new Promise((resolve, reject) => {
    const chunks = new Chunks(maxBytes);
    const end = (settle: () => void) => {
      for (const [event, listener] of listeners) incoming.off(event, listener);
      settle();
    };
    const onEnd = () => end(() => resolve(chunks.bytes()));
    const onError = () => end(() => reject(new Error("the request ended early")));
    const onData = (chunk: Uint8Array) => {
      if (chunks.add(chunk)) return;
      incoming.pause();
      end(() => resolve(undefined));
    };
    const listeners = [
      ["data", onData],
      ["end", onEnd],
      ["error", onError],
      ["close", onError],
    ] as const;
    for (const [event, listener] of listeners) incoming.on(event, listener);
    if (incoming.destroyed) onError();
  });
}

async function bytesOfStream(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Bytes | undefined> {
  if (body === null) return noBytes;
  const chunks = new Chunks(maxBytes);
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!chunks.add(part.value)) return undefined;
    }
    return chunks.bytes();
  } finally {
    await reader.cancel();
  }
}

/** The parts of a body. */
class Chunks {
  readonly #maxBytes: number;
  readonly #kept: Uint8Array[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns whether the size is within the limit. */
  add(chunk: Uint8Array): boolean {
    this.#kept.push(chunk);
    this.#size += chunk.length;
    return this.#size <= this.#maxBytes;
  }

  bytes(): Bytes {
    const [first] = this.#kept;
    if (first !== undefined && this.#kept.length === 1) return first as Bytes;
    const bytes = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#kept) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}
