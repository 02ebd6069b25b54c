import { createHash } from "node:crypto";

/** An object that sends requests to a sandbox. */
export interface Fetcher {
  readonly fetch: (target: string, init?: RequestInit) => Promise<Response>;
}

/** The data of one world in the API. */
export interface WorldViews {
  readonly world: object;
  readonly clock: object;
  readonly credentials: object;
  readonly payments: readonly PaymentView[];
  readonly notifications: readonly NotificationView[];
  readonly queue: readonly object[];
  readonly requests: readonly { readonly target: string; readonly paymentId?: string }[];
}

interface PaymentView {
  readonly id: string;
  readonly merchantReference: string;
  readonly status: string;
  readonly refunds: readonly { readonly id: string; readonly status: string }[];
}

interface NotificationView {
  readonly id: string;
  readonly paymentId: string;
  readonly state: string;
  readonly attempts: readonly object[];
}

/** Members with a sentence for people, which may change between versions. */
const sentences = new Set(["description", "sentence"]);

const textMax = 80;

/** Removes sentences, and replaces long texts by a digest. */
function shorten(name: string, value: unknown): unknown {
  if (sentences.has(name)) return undefined;
  if (typeof value !== "string" || value.length <= textMax) return value;
  return `sha256 ${createHash("sha256").update(value).digest("base64url").slice(0, 16)}`;
}

async function read<T>({ fetch }: Fetcher, target: string): Promise<T> {
  const response = await fetch(target);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`GET ${target}: ${response.status} ${text}`);
  return JSON.parse(text, shorten) as T;
}

/** Reads all views of a world. Adds nothing to its request log. */
export async function viewsOf(sandbox: Fetcher, processingAccountId: string): Promise<WorldViews> {
  const query = `?processingAccountId=${processingAccountId}`;
  const list = async <T>(path: string): Promise<T[]> =>
    (await read<{ data: T[] }>(sandbox, `${path}${query}${path.endsWith("/next") ? "" : "&limit=100"}`)).data;
  const clock = await read<{ mode: string }>(sandbox, `/_sandbox/clock${query}`);
  const payments = await list<{ id: string }>("/_sandbox/payments");
  return {
    world: await read(sandbox, `/_sandbox/worlds/${processingAccountId}`),
    clock: clock.mode === "running" ? { mode: clock.mode } : clock,
    credentials: await read(sandbox, `/_sandbox/credentials${query}`),
    payments: await Promise.all(payments.map(({ id }) => read<PaymentView>(sandbox, `/_sandbox/payments/${id}`))),
    notifications: await list("/_sandbox/notifications"),
    queue: await list("/_sandbox/scenarios/next"),
    requests: await list("/_sandbox/requests"),
  };
}
