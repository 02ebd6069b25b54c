import { pause, systemClock } from "../platform/clock.ts";
import { openReceiver } from "../platform/receiver.ts";
import { type NotificationInbox, notificationInbox } from "./inbox.ts";
import { type ReturnInbox, returnInbox } from "./return-inbox.ts";
import { NotReached } from "./safety.ts";
import { type MerchantKeys, type Payer, type Subject, signedSender } from "./subject.ts";

/** How to reach the target. */
export interface TargetOptions {
  /** Origin of the API. */
  readonly baseUrl: string;
  readonly keys: MerchantKeys;
  readonly returnUrl: string;
  readonly payer: Payer | undefined;
  /** The URL that the target sends notifications to, and the address at which this program receives them. */
  readonly webhook: { readonly url: string; readonly host: string; readonly port: number } | undefined;
  /** Timeout of a request, in milliseconds. */
  readonly timeoutMs: number;
}

/** The target, with the port for its notifications. */
export interface Target extends AsyncDisposable {
  readonly subject: Subject;
}

/** Opens the port for notifications. Rejects with the error of the system. */
export async function openTarget(options: TargetOptions): Promise<Target> {
  const { baseUrl, keys, payer, returnUrl, webhook, timeoutMs } = options;
  const inbox = webhook === undefined ? undefined : notificationInbox(() => keys.hmacKey);
  const returns = webhook === undefined ? undefined : returnInbox(new URL(webhook.url).origin);
  const server =
    webhook === undefined || inbox === undefined || returns === undefined
      ? undefined
      : await openReceiver(webhook, (request) => receive(request, webhook.url, inbox, returns));
  const send = signedSender((target, init) => fetchWithin(baseUrl + target, init, timeoutMs), keys);
  const subject: Subject = {
    processingAccountId: keys.processingAccountId,
    returnUrl,
    payer,
    inbox,
    returns,
    send: async (request) => {
      if (inbox?.stop !== undefined) throw inbox.stop;
      return send(request);
    },
    wait: async (seconds) => {
      if (await payer?.wait(seconds)) return true;
      await pause(seconds * 1_000, new AbortController().signal);
      return false;
    },
  };
  return { subject, [Symbol.asyncDispose]: async () => void (await server?.close()) };
}

function receive(
  request: Request,
  url: string,
  inbox: NotificationInbox,
  returns: ReturnInbox,
): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === new URL(returns.url).pathname) return returns.handle(request);
  if (request.method === "POST" && pathname === new URL(url).pathname) return inbox.handle(request, url);
  return new Response(null, { status: 404 });
}

/** Sends a request, and reads its whole answer. Rejects with `NotReached` without one. Redirects are not followed. */
async function fetchWithin(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
  const timeout = new AbortController();
  const cancel = systemClock.after(timeoutMs, () => timeout.abort(), { keepsAlive: true });
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: timeout.signal });
    const { status, headers } = response;
    const body = await textOf(response);
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
  } catch (error) {
    if (error instanceof NotReached) throw error;
    if (timeout.signal.aborted) throw new NotReached(`${new URL(url).origin} did not answer within ${timeoutMs} ms`);
    const { cause } = error as { cause?: { message?: string; code?: string } };
    const reason = cause?.message || cause?.code || (error as Error).message;
    throw new NotReached(`nothing answers at ${new URL(url).origin}: ${reason}`);
  } finally {
    cancel();
  }
}

/** Maximum length of an answer, in bytes. */
const answerMax = 1_048_576;

async function textOf({ body, url }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > answerMax) throw new NotReached(`an answer of ${new URL(url).origin} has more than 1 MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
