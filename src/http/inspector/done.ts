import { z } from "zod";
import { type Money, moneyFromMajor } from "../../domain/money.ts";
import type { Attempt } from "../../domain/notification.ts";
import { scenarioNames } from "../../domain/scenario.ts";
import { declineReasons, payerActions, refundOutcomes } from "../../domain/statuses.ts";
import { type EffectCounts, type TaskEffect, taskEffects } from "../../domain/task-effect.ts";
import { clockModes } from "../../domain/world.ts";
import { formatMoney } from "../ui/format.ts";
import { counted, countedTimes, durationInWords, inWords } from "./format.ts";

// The result of a form, for the page that the form leads to. It is in the query of that page, so that every replica can
// show it. It has only numbers, ids and words of closed lists: the sentences are here, so nobody can put a text of his
// own on the page by a link.

const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const money = number.transform((cents) => moneyFromMajor(cents / 100) as Money);
const id = z.string().regex(/^[0-9A-Za-z]{27}$/);
const effects = Object.fromEntries(taskEffects.map((effect) => [effect, number.exactOptional()])) as Record<
  TaskEffect,
  z.ZodExactOptional<typeof number>
>;

/** The members of each kind of result. */
const members = {
  acted: z.strictObject({
    action: z.enum(["scan", ...payerActions]),
    amount: money,
    reason: z.enum(declineReasons).optional(),
  }),
  refund_started: z.strictObject({ amount: money, refund: id }),
  refund_ended: z.strictObject({ outcome: z.enum(refundOutcomes), amount: money, refund: id }),
  answered: z.strictObject({ status: number, ms: number, notification: id, attempt: number }),
  unanswered: z.strictObject({ why: z.enum(["timeout", "failure"]), ms: number, notification: id, attempt: number }),
  waiting: z.strictObject({ ms: number }),
  resent_all: z.strictObject({ resent: number, delivered: number, skipped: number }),
  clock: z.strictObject({ mode: z.enum(clockModes) }),
  advanced: z.strictObject({ ms: number, ...effects }),
  queued: z.strictObject({ scenario: z.enum(scenarioNames), times: number }),
  emptied: z.strictObject({ scenarios: number }),
  endpoint: z.strictObject({ is: z.enum(["set", "removed"]) }),
  reset: z.strictObject({}).transform(() => ({})),
  created: z.strictObject({ amount: money, payment: id, call: number.optional() }),
} as const;

type Kind = keyof typeof members;
type Members<K extends Kind> = z.output<(typeof members)[K]>;

/** What a form did. */
export type Done = { [K in Kind]: { readonly kind: K } & Readonly<Members<K>> }[Kind];

/** Writes a result for a query: `answered.status-200.ms-51`. */
export function writeDone({ kind, ...values }: Done): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return [kind, ...given.map(([name, value]) => `${name}-${value}`)].join(".");
}

/** Reads a result from a query; `undefined` for anything else. */
export function readDone(text: string): Done | undefined {
  const [kind = "", ...parts] = text.split(".");
  if (!Object.hasOwn(members, kind)) return undefined;
  const values = Object.fromEntries(parts.map((part) => /^([a-z_]+)-(\w+)$/.exec(part)?.slice(1) ?? [part]));
  const parsed = members[kind as Kind].safeParse(values);
  return parsed.success ? ({ kind, ...parsed.data } as Done) : undefined;
}

/** The result of an attempt that a form requested. @param timeoutMs timeout of the attempt. */
export function doneOfAttempt(
  { answer, durationMs: ms }: Attempt,
  { notification, index: attempt, timeoutMs }: { notification: string; index: number; timeoutMs: number },
): Done {
  if (answer !== undefined) return { kind: "answered", status: answer.status, ms, notification, attempt };
  const isTimeout = ms >= timeoutMs;
  const why = isTimeout ? "timeout" : "failure";
  return { kind: "unanswered", why, ms: isTimeout ? timeoutMs : ms, notification, attempt };
}

const acted = {
  scan: "Scanned",
  pay: "Paid",
  decline: "Declined",
  cancel: "Cancelled",
  expire: "Expired",
  fail: "Failed",
};
const refundEnds = { succeed: "Refund completed", fail: "Refund failed" };
const clockModeWords = { running: "The clock runs.", frozen: "The clock is frozen." };

/** What a form did, as a sentence with its numbers. */
export function sentenceOf(done: Done): string {
  switch (done.kind) {
    case "acted": {
      const reason = done.reason === undefined ? "" : `, ${inWords(done.reason)}`;
      return `${acted[done.action]}: ${formatMoney(done.amount)}${reason}.`;
    }
    case "refund_started":
      return `Refund started: ${formatMoney(done.amount)}.`;
    case "refund_ended":
      return `${refundEnds[done.outcome]}: ${formatMoney(done.amount)}.`;
    case "answered":
      return `Sent: ${done.status} in ${done.ms} ms.`;
    case "unanswered":
      return done.why === "timeout"
        ? `Sent: no answer within ${durationInWords(done.ms)}.`
        : `Not sent: the connection failed after ${done.ms} ms.`;
    case "waiting":
      return `Sent: no answer within ${durationInWords(done.ms)}. It will appear in the timeline.`;
    case "resent_all":
      return resentInWords(done);
    case "clock":
      return clockModeWords[done.mode];
    case "advanced":
      return `Advanced ${durationInWords(done.ms)}: ${effectsInWords(done)}.`;
    case "queued":
      return `Queued ${done.scenario} ${countedTimes(done.times)}.`;
    case "emptied":
      return `Emptied the queue: ${counted(done.scenarios, "scenario")} removed.`;
    case "endpoint":
      return done.is === "set" ? "The endpoint is set." : "The endpoint is removed.";
    case "reset":
      return "The world is reset: it has no payments.";
    case "created":
      return `Payment created: ${formatMoney(done.amount)}.`;
  }
}

function resentInWords({ resent, delivered, skipped }: Members<"resent_all">): string {
  const others = delivered < resent ? `, ${resent - delivered} without a 2xx answer` : "";
  const what =
    resent === 0 ? "No webhook was resent." : `Resent ${counted(resent, "webhook")}: ${delivered} delivered${others}.`;
  const left =
    skipped === 0
      ? ""
      : ` ${counted(skipped, "webhook")} skipped: an attempt is due already, or no more attempts are possible.`;
  return what + left;
}

/** The noun of each effect, and what happened to it. */
const effectWords: Readonly<Record<Exclude<TaskEffect, "sent" | "unacknowledged">, readonly [string, string]>> = {
  captured: ["payment", "captured"],
  expired: ["payment", "expired"],
  declined: ["payment", "declined"],
  cancelled: ["payment", "cancelled"],
  failed: ["payment", "failed"],
  refunded: ["refund", "completed"],
  refund_failed: ["refund", "failed"],
};

function effectsInWords({ sent = 0, unacknowledged = 0, ...others }: EffectCounts): string {
  const parts = Object.entries(effectWords).flatMap(([effect, [noun, verb]]) => {
    const count = others[effect as keyof typeof effectWords] ?? 0;
    return count === 0 ? [] : [`${counted(count, noun)} ${verb}`];
  });
  const attempts = sent + unacknowledged;
  if (attempts > 0) parts.push(`${counted(attempts, "notification")} sent`);
  if (unacknowledged > 0) parts.push(`${unacknowledged.toLocaleString("en")} without a 2xx answer`);
  return parts.length === 0 ? "nothing was due" : parts.join(", ");
}

/** Whether a form did something that ended badly. */
export function isBad(done: Done): boolean {
  if (done.kind === "answered") return done.status < 200 || done.status > 299;
  if (done.kind === "resent_all") return done.delivered < done.resent;
  return done.kind === "unanswered" || done.kind === "waiting";
}

/** Id of the element with the new entry. Its details are open. */
export function entryOf(done: Done | undefined): string | undefined {
  switch (done?.kind) {
    case "answered":
    case "unanswered":
      return `attempt-${done.notification}-${done.attempt}`;
    case "refund_started":
    case "refund_ended":
      return `refund-${done.refund}`;
    case "created":
      return done.call === undefined ? undefined : `call-${done.call}`;
    default:
      return undefined;
  }
}
