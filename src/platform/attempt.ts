import { onAbort } from "./abort.ts";
import { systemClock } from "./clock.ts";

/** Response to a webhook. The body is a text of at most 4 KiB: the beginning, or a description of binary content. */
export interface WebhookAnswer {
  readonly status: number;
  /** The header lines, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The response, or the reason why there is none. */
export type Delivery =
  | { readonly answer: WebhookAnswer }
  | {
      readonly error: string;
      /** The attempt ended by its timeout. */
      readonly isTimeout?: true;
    };

/** An attempt under way. What it hears after its end has no effect. */
export interface RunningAttempt {
  /** The response began, and its body is still to come. */
  began(status: number): void;
  ended(delivery: Delivery): void;
  failed(error: unknown): void;
}

/** Limits of an attempt. */
export interface AttemptLimits {
  /** Timeout of the complete response, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes one attempt. It ends by its own report, its timeout or its signal, whichever is first: no attempt lasts longer,
 * whatever the receiver does. Its timer keeps the process alive. Never rejects.
 * @param begin starts the attempt. @returns a function that frees what the attempt uses; it is called at every end.
 */
export function makeAttempt(
  { timeoutMs, signal }: AttemptLimits,
  begin: (attempt: RunningAttempt) => () => void,
): Promise<Delivery> {
  return new Promise((resolve) => {
    let status: number | undefined;
    let isEnded = false;
    let free = () => {};
    const ended = (delivery: Delivery) => {
      if (isEnded) return;
      isEnded = true;
      cancelTimer();
      ignoreAbort();
      resolve(delivery);
      free();
    };
    const failed = (error: unknown) => ended({ error: describeError(error, status) });
    const cancelTimer = systemClock.after(
      timeoutMs,
      () => ended({ error: describeTimeout(timeoutMs, status), isTimeout: true }),
      { keepsAlive: true },
    );
    const ignoreAbort = onAbort(signal, () => ended({ error: "the attempt was aborted" }));
    const began = (begun: number) => {
      status = begun;
    };
    if (signal.aborted) return ended({ error: "the attempt was aborted" });
    try {
      free = begin({ began, ended, failed });
    } catch (error) {
      failed(error);
    }
    if (isEnded) free();
  });
}

function describeTimeout(timeoutMs: number, status: number | undefined): string {
  return status === undefined
    ? `no response within ${timeoutMs} ms`
    : `the response, with status ${status}, did not end within ${timeoutMs} ms`;
}

function describeError(error: unknown, status: number | undefined): string {
  if (!(error instanceof Error)) return String(error);
  // The name has several addresses, and none of them answered.
  if (error instanceof AggregateError) return error.errors.map((one) => describeError(one, status)).join(", ");
  const { code = "", reason } = error as NodeJS.ErrnoException & { reason?: string };
  if (code === "ECONNRESET" || code === "EPIPE") {
    if (status !== undefined) return `the connection was closed during the response, with status ${status}`;
    return error.message === "socket hang up"
      ? "the connection was closed without a response"
      : "the connection was reset";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return `the endpoint does not speak TLS: ${reason ?? error.message}`;
  if (code.startsWith("HPE_")) return `the response is not valid HTTP: ${error.message}`;
  return error.message || error.name;
}
