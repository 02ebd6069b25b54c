import type { z } from "zod";
import type { RefusalCode } from "../../domain/refusal.ts";

/** The parts of the control surface, in the order of the document. */
export const tags = {
  Sandbox: "The sandbox itself. These need no token.",
  Merchants: "Merchants, their keys, and the worlds that belong to them.",
  Worlds: "A world's settings, its end, its start, and the whole of it in one document.",
  Clock: "A world's own clock.",
  Payments: "Looking at payments, and acting without a browser.",
  Scenarios: "What is to happen to the requests that come next.",
  Notifications: "What a merchant's endpoint was told.",
  Requests: "What came in at the provider's API.",
} as const;

/** What can stand in a path. */
export const pathParameters: Readonly<Record<string, string>> = {
  processingAccountId: "The world.",
  kid: "The key's id, as it was registered.",
  paymentId: "The payment's `id`, of whatever world.",
  refundId: "The refund's `id`, of whatever world.",
  notificationId: "The notification's `id`, of whatever world.",
};

/** What the OpenAPI document says of one operation of the control surface. */
export interface ControlOperation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Below `/_sandbox`, with `{name}` for each parameter. */
  readonly path: string;
  readonly id: string;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodType<unknown, Record<string, unknown>>;
  readonly body?: ControlBody;
  /** By status. */
  readonly answers: Readonly<Record<number, ControlAnswer>>;
  /** What it refuses with, besides what every operation may. */
  readonly refusals: readonly RefusalCode[];
}

interface ControlBody {
  readonly schema: z.ZodType;
  /** Whether nothing may be sent, which is the same as `{}`. */
  readonly optional?: true;
  /** A document is too long for one. */
  readonly example?: object;
}

interface ControlAnswer {
  readonly description: string;
  /** Of a body in JSON; absent where the answer is a stream. */
  readonly schema?: z.ZodType;
}
