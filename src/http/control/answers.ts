import { z } from "zod";
import { scopes } from "../../domain/merchant.ts";
import { payment, refundNotification } from "../api/responses.ts";

// What the control surface answers, for its OpenAPI document alone: a sandbox starts without this file.

const instant = z.string().meta({ format: "date-time" });
const realMs = z.number().meta({ description: "Real time, in milliseconds." });
const text = z.string();

/** A part of an answer that has a name in the document. */
const named = <T extends z.ZodType>(id: string, description: string, schema: T): T => schema.meta({ id, description });

const state = { version: text, store: text, uptimeSeconds: z.number() };
export const health = named("Health", "The process lives.", z.object({ status: z.literal("ok"), ...state }));
export const ready = named("Ready", "It serves.", z.object({ status: z.literal("ready"), ...state }));
export const notReady = named(
  "NotReady",
  "It does not serve, because it is being closed or because its database cannot be reached.",
  z.object({ status: z.enum(["closing", "store_unavailable"]), ...state }),
);

const hmacKeys = z
  .array(z.object({ kid: text, key: text }))
  .meta({ description: "Every active HMAC key, the oldest first: each of them signs." });

export const credentials = named(
  "Credentials",
  "What the developer of a merchant needs.",
  z.object({
    baseUrl: text.meta({ format: "uri" }),
    processingAccountId: text,
    kid: text,
    privateKey: text.exactOptional().meta({ description: "PEM, PKCS #8; absent where the sandbox did not make it." }),
    publicKey: text.meta({ description: "PEM, SPKI." }),
    hmacKid: text,
    hmacKey: text.meta({ description: "The newest." }),
    hmacKeys,
  }),
);

export const credential = named(
  "Credential",
  "A public key that was registered.",
  z.object({ kid: text, publicKey: text, scopes: z.array(z.enum(scopes)) }),
);

export const nothing = named("Nothing", "There is no more to say.", z.object({}));

const clockMode = z.enum(["frozen", "running"]);
export const clock = named("Clock", "Where a world's clock stands.", z.object({ mode: clockMode, now: instant }));

const ran = z.number().meta({ description: "How many tasks ran on the way." });
export const clockMove = named("ClockMove", "Where the clock came to.", z.object({ now: instant, ran }));
export const clockSet = named(
  "ClockSet",
  "Where a world's clock stands now that it was set.",
  z.object({ mode: clockMode, now: instant, ran }),
);

const page = <T extends z.ZodType>(id: string, item: T) =>
  named(
    id,
    "One page of a list, newest first.",
    z.object({
      data: z.array(item),
      nextCursor: text.exactOptional().meta({ description: "Asks for the page after this one; absent on the last." }),
    }),
  );

const ofWorld = { processingAccountId: text, expireTime: instant };
export const paymentsOfWorld = page(
  "PaymentsOfWorld",
  named("PaymentOfWorld", "A payment, and the world that it is in.", payment.extend(ofWorld)),
);

/** A refund as webhooks carry it. */
export const refund = refundNotification.shape.payload;

const posting = z.object({ account: text, amount: z.number() });
const ledgerEntry = named(
  "LedgerEntry",
  "One line of the ledger; its postings, in major HKD, sum to zero.",
  z.object({ id: text, kind: text, refundId: text.exactOptional(), time: instant, postings: z.array(posting) }),
);

const timelineLine = named(
  "TimelineLine",
  "Something that happened; `kind` says what, and which members there are besides.",
  z.looseObject({ time: instant, kind: text }),
);

const amounts = z
  .object({ captured: z.number(), refunded: z.number(), reserved: z.number(), left: z.number() })
  .meta({ description: "Major HKD. `reserved` is held for refunds that are pending, `left` can still be refunded." });

export const wholePayment = named(
  "WholePayment",
  "All that there is to know about a payment.",
  payment.extend({
    ...ofWorld,
    wallet: text.exactOptional().meta({ description: "The wallet that it was paid with." }),
    amounts,
    refunds: z.array(refund),
    ledger: z.array(ledgerEntry),
    pages: z.object({ pay: text, wallet: text }).meta({ description: "Absolute URLs." }),
    timeline: z.array(timelineLine).meta({ description: "What happened, in order." }),
  }),
);

const attempt = named(
  "Attempt",
  "One try to deliver a notification.",
  z.object({
    startedAt: instant.meta({ description: "World time." }),
    url: text,
    requestHeaders: z.array(z.array(text)).meta({ description: "Pairs of name and value." }),
    requestBody: text,
    manual: z.literal(true).exactOptional().meta({ description: "Somebody asked for it." }),
    repeated: z.literal(true).exactOptional().meta({ description: "A scenario asked for it." }),
    answer: z
      .object({ status: z.number(), body: text })
      .exactOptional()
      .meta({ description: "The first 4 KiB; absent where no answer came, then `error` says why." }),
    error: text.exactOptional(),
    durationMs: realMs,
  }),
);

export const notification = named(
  "Notification",
  "What a merchant's endpoint is told, with its attempts in order.",
  z.object({
    id: text,
    type: z.enum(["payment", "refund"]),
    paymentId: text,
    refundId: text.exactOptional(),
    state: z.enum(["due", "retrying", "delivered", "exhausted", "suppressed", "no_endpoint"]),
    plan: text.exactOptional().meta({ description: "What a scenario wants of its delivery." }),
    createTime: instant,
    nextAttemptTime: instant.exactOptional(),
    attempts: z.array(attempt),
  }),
);
export const notifications = page("Notifications", notification);

const loggedRequest = named(
  "LoggedRequest",
  "A request to the provider's API, and what came of it.",
  z.object({
    id: text,
    time: instant.meta({ description: "Real time." }),
    method: text,
    target: text.meta({ description: "Path and query." }),
    status: z.number(),
    durationMs: realMs,
    signature: z.enum(["signed", "unsigned", "wrong", "ignored"]).exactOptional(),
    diagnosis: text.exactOptional().meta({ description: "What is wrong with the signature, and how to mend it." }),
    scenario: z
      .object({ name: text.exactOptional(), trigger: z.enum(["header", "queue", "amount"]) })
      .exactOptional()
      .meta({ description: "What struck it; a test's own scenario has no name." }),
    body: text,
    answer: text.meta({ description: "What was answered, the first 4 KiB." }),
    paymentId: text.exactOptional().meta({ description: "The payment that it made or that its path names." }),
    at: instant.meta({ description: "World time." }),
  }),
);
export const loggedRequests = page("LoggedRequests", loggedRequest);

export const count = named("Count", "How many match.", z.object({ count: z.number() }));

export const diagnosis = named(
  "Diagnosis",
  "What is to be said of a signature.",
  z.object({
    ok: z.boolean(),
    sentence: text.meta({ description: "What to change first." }),
    checks: z
      .array(z.object({ name: text, verdict: text, sentence: text }))
      .meta({ description: "Everything that was looked at, in order." }),
  }),
);
