import type { Config } from "../config/config.ts";
import { type Attempt, isExtra, type Notification, retryDelaysOf } from "../domain/notification.ts";
import { presentTime } from "../http/api/fields.ts";
import type { OnRequest } from "../http/middleware/log-requests.ts";
import { createLog, type Log, type LogFormat } from "../platform/log.ts";
import type { UnreadableRequest } from "../platform/server.ts";
import { redactSecrets } from "../security/redaction.ts";

/** The log of a sandbox. It begins with what the configuration has to say. @param delayMs as for `createLog`. */
export function openLog({ log: format, notices }: Config, delayMs: number): Log {
  const log = logWithoutSecrets(format, delayMs);
  for (const message of notices) log({ event: "options", message });
  return log;
}

function logWithoutSecrets(format: LogFormat, delayMs = 0): Log {
  return createLog(format, { clean: redactSecrets, delayMs });
}

/**
 * Reports the defects of a sandbox: to the log, and to the listener. Without a listener the silent log does not hide
 * them.
 */
export function defectListener(
  format: LogFormat,
  listener: ((error: unknown) => void) | undefined,
): (error: unknown) => void {
  const log = logWithoutSecrets(format === "silent" && listener === undefined ? "pretty" : format);
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log({ event: "defect", message: `A defect of the sandbox, please report it: ${text}` });
    // Later, so that an error of the listener is not an error of the caller.
    if (listener !== undefined) void Promise.resolve(error).then(listener);
  };
}

/** One line for each request; none for the silent log. */
export function requestLog(format: LogFormat, log: Log): OnRequest {
  if (format === "silent") return () => {};
  let loggedUnsigned = false;
  return (line) => {
    const unsigned = line.diagnosis?.startsWith("unsigned") === true;
    const diagnosis = line.diagnosis === undefined || (unsigned && loggedUnsigned) ? "" : `\n  ${line.diagnosis}`;
    loggedUnsigned ||= unsigned;
    log({ event: "request", message: `${line.method} ${line.target} ${line.status}${diagnosis}`, ...line });
  };
}

/** What the log says of a failed TLS handshake. */
const handshakeSentences: Readonly<Record<NonNullable<UnreadableRequest["handshake"]>, (reason: string) => string>> = {
  http: () => "A client speaks plain HTTP, but this port speaks TLS: use https:// in its URL.",
  untrusted: (reason) =>
    "A client refused the certificate of the sandbox, because it does not trust its CA, or uses a host that the " +
    `certificate does not name: ${reason}.`,
  failed: (reason) => `A TLS handshake failed: ${reason}.`,
};

/** One line for each request that is no readable HTTP. */
export function unreadableLog(log: Log): (request: UnreadableRequest) => void {
  return ({ status, reason, client, isTls = false, handshake }) => {
    if (handshake !== undefined) return log({ event: "unreadable", message: handshakeSentences[handshake](reason) });
    const from = client === undefined ? "" : ` from ${client}`;
    const message = isTls
      ? `A client${from} speaks TLS, but this port speaks plain HTTP: use http:// in its URL. ` +
        "For https:// start the sandbox with --tls self-signed, or with --tls-cert and --tls-key."
      : `A request${from} got ${status}, as it is no readable HTTP: ${reason}`;
    log({ event: "unreadable", message, status, reason, client });
  };
}

/** One line when the heap becomes too full for new payments, and one when it has room again. */
export function heapLog(log: Log): (isFull: boolean) => void {
  return (isFull) => {
    const message = isFull
      ? "The memory of the sandbox is almost full: new payments get 500 internal_error. Reset or remove worlds, or " +
        "start the sandbox with more memory: NODE_OPTIONS=--max-old-space-size={megabytes}."
      : "The sandbox has memory again: new payments are accepted.";
    log({ event: "memory", message });
  };
}

/** One line for each attempt to deliver a notification. */
export function attemptLog(log: Log): (notification: Notification, attempt: Attempt) => void {
  return (notification, attempt) => {
    const { id, processingAccountId, type, paymentId, refundId, state, nextAttemptTime } = notification;
    const { url, answer, error, durationMs } = attempt;
    const result = answer === undefined ? `failed (${error})` : String(answer.status);
    const number = notification.attempts.filter((made) => !isExtra(made)).length;
    const which = isExtra(attempt) ? "extra attempt" : `attempt ${number} of ${retryDelaysOf(notification).length + 1}`;
    const next = nextAttemptTime === undefined ? undefined : presentTime(nextAttemptTime);
    const subject = `${type} ${refundId ?? paymentId}`;
    const outcome = next === undefined ? state : `next attempt ${next}`;
    log({
      event: "webhook",
      message: `webhook POST ${url} ${result}, ${which} for ${subject}, ${outcome}`,
      ...{ url, status: answer?.status, error, durationMs },
      ...(isExtra(attempt) ? { extra: true } : { attempt: number }),
      ...{ notificationId: id, processingAccountId, paymentId, refundId, state, nextAttemptTime: next },
    });
  };
}
