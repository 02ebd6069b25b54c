import type { Attempt, Notification } from "../../domain/notification.ts";
import type { Payment } from "../../domain/payment.ts";
import { decideRefund, type Refund } from "../../domain/refund.ts";
import type { Scenario } from "../../domain/scenario.ts";
import type { PayerAction } from "../../domain/statuses.ts";
import { isDelivery, taskId } from "../../domain/task.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { paymentReasons, presentRefusal } from "../api/refusals.ts";
import { formatMoney } from "../ui/format.ts";
import { counted, countedTimes, durationInWords, inWords } from "./format.ts";
import type { Times } from "./times.ts";

/** An action that ends the wait, with the label of its button. */
export type Remedy = { readonly label: string } & (
  | { readonly kind: "act"; readonly action: PayerAction }
  | { readonly kind: "advance"; readonly to: number }
  | { readonly kind: "resend"; readonly notificationId: string }
  | { readonly kind: "finish"; readonly refundId: string }
  | { readonly kind: "refund"; readonly refund: Refund }
  | { readonly kind: "endpoint" }
);

/** What a payment waits for, until when, and which actions end the wait. */
export interface Explanation {
  readonly id: string;
  /** `wrong`: a final failure; `calm`: a final state without one. */
  readonly tone: "waiting" | "wrong" | "calm";
  readonly question?: string;
  readonly answer: string;
  /** When the wait ends by itself, with its label: "It expires at". */
  readonly deadline?: { readonly label: string; readonly time: number } | undefined;
  readonly remedies: readonly Remedy[];
}

/** All that a payment waits for, or its result if it waits for nothing. */
export function explanationsOf(whole: WholePayment, times: Times): Explanation[] {
  const { payment, refunds, notifications } = whole;
  if (payment.status === "pending") return [pendingExplanation(whole)];
  const explanations = [
    ...failureExplanation(whole, times),
    ...notifications.flatMap((notification) => notificationExplanation(whole, notification)),
    ...refunds.filter(({ status }) => status === "pending").map((refund) => refundExplanation(whole, refund)),
    ...lateExplanations(whole),
  ];
  return explanations.length > 0 ? explanations : [calmExplanation(whole, times)];
}

function pendingExplanation({ payment, tasks }: WholePayment): Explanation {
  const decision = tasks.find(({ kind }) => kind === "decide_payment");
  const scenario = payment.appliedScenario?.scenario;
  const outcome = inWords(scenario?.outcome ?? "");
  const pay = { kind: "act", action: "pay", label: "Pay as the payer" } as const;
  const base = { id: "pending", tone: "waiting", question: "Why is this payment still pending?" } as const;
  if (decision !== undefined && decision.dueTime >= payment.expireTime) {
    const due = durationInWords(decision.dueTime - payment.createTime);
    const planned = `${scenarioName(scenario)} would set the outcome after ${due}: ${outcome}.`;
    return {
      ...base,
      answer: `${planned} The payment expires before that.`,
      deadline: { label: "It expires at", time: payment.expireTime },
      remedies: [pay, { kind: "advance", to: payment.expireTime, label: "Advance to the expiry" }],
    };
  }
  if (decision !== undefined) {
    return {
      ...base,
      answer: `${scenarioName(scenario)} sets the outcome: ${outcome}.`,
      deadline: { label: "It applies at", time: decision.dueTime },
      remedies: [{ kind: "advance", to: decision.dueTime, label: "Advance to then" }, pay],
    };
  }
  const onPay =
    scenario?.afterMs === "payer" ? ` ${scenarioName(scenario)} sets the outcome when the payer pays: ${outcome}.` : "";
  return {
    ...base,
    answer: progressOf(payment) + onPay,
    deadline: { label: "It expires at", time: payment.expireTime },
    remedies: [pay, { kind: "advance", to: payment.expireTime, label: "Advance to the expiry" }],
  };
}

function scenarioName(scenario: Scenario | undefined): string {
  return scenario?.name === undefined ? "A custom scenario" : `The scenario ${scenario.name}`;
}

function progressOf({ flowType, scanTime }: Payment): string {
  if (scanTime !== undefined) return "The payer has opened the wallet, but has not paid or cancelled yet.";
  return flowType === "qr_link"
    ? "The payer has not scanned the code yet."
    : "The payer has not opened the wallet yet.";
}

function notificationExplanation(whole: WholePayment, notification: Notification): Explanation[] {
  const { id, type, state } = notification;
  if (state === "delivered") return [];
  const { resend, deadline, ...rest } = deliveryState(whole, notification);
  const first: Remedy =
    whole.world.settings.webhookUrl === undefined
      ? { kind: "endpoint", label: "Set the endpoint" }
      : { kind: "resend", notificationId: id, label: resend };
  const advance: readonly Remedy[] =
    deadline === undefined ? [] : [{ kind: "advance", to: deadline.time, label: "Advance to then" }];
  const what = type === "refund" ? "notification of the refund" : "notification";
  const question = `Why has the merchant not received the ${what}?`;
  return [{ id: `webhook-${id}`, question, ...rest, deadline, remedies: [first, ...advance] }];
}

/** State of an undelivered notification. `resend` is the label of the button that sends it. */
function deliveryState(
  { world, payment, tasks, now, queueHead }: WholePayment,
  { id, state, attempts, plan, queue }: Notification,
): Pick<Explanation, "tone" | "answer" | "deadline"> & { readonly resend: string } {
  const { webhookUrl, webhookTimeoutMs } = world.settings;
  const deliveries = tasks.filter((task) => task.subjectId === id && isDelivery(task));
  if (deliveries.some(({ lease, dueTime }) => lease !== undefined || dueTime <= now)) {
    const answer = `An attempt is in progress. The endpoint has ${webhookTimeoutMs / 1000} s to answer.`;
    return { tone: "waiting", answer, resend: "Attempt once more" };
  }
  if (queue === "waiting" && queueHead !== undefined) return queuedState(attempts, queueHead);
  switch (state) {
    case "no_endpoint":
      return webhookUrl === undefined
        ? { tone: "waiting", answer: "This world has no webhook endpoint.", resend: "" }
        : {
            tone: "waiting",
            answer: "There was no endpoint when it was due. Now there is one.",
            resend: "Send it now",
          };
    case "suppressed":
      return {
        tone: "waiting",
        answer: `${scenarioName(payment.appliedScenario?.scenario)} suppresses the notification.`,
        resend: "Send it now",
      };
    case "exhausted": {
      const last = `That was the last of ${counted(attempts.length, "attempt")}: no more are scheduled.`;
      return { tone: "wrong", answer: `${failures(attempts)} ${last}`, resend: "Attempt now" };
    }
    default: {
      const held =
        plan === "out_of_order"
          ? "A scenario holds it until an attempt for the first refund's notification."
          : "A scenario delays the first attempt.";
      const time = tasks.find((task) => task.id === taskId("deliver_notification", id))?.dueTime;
      const label = attempts.length === 0 ? "The first attempt is at" : "Next attempt at";
      return {
        tone: "waiting",
        answer: attempts.length === 0 ? held : failures(attempts),
        deadline: time === undefined ? undefined : { label, time },
        resend: "Attempt now",
      };
    }
  }
}

/** State of a notification that waits for another one of its endpoint. */
function queuedState(attempts: readonly Attempt[], { id, nextAttemptTime: time }: Notification) {
  const tried = attempts.length === 0 ? "" : `${failures(attempts)} `;
  const answer = `${tried}It waits until the notification ${id} is acknowledged or dropped.`;
  const deadline = time === undefined ? undefined : { label: "The next attempt for that one is at", time };
  return { tone: "waiting", answer, deadline, resend: "Send it now" } as const;
}

/** The failure of the last attempts, as a sentence. */
function failures(attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (last === undefined) return "No attempt was made.";
  if (last.answer === undefined) return `The endpoint did not answer: ${last.error ?? "unknown error"}.`;
  const { status } = last.answer;
  const count = attempts.length - 1 - attempts.findLastIndex(({ answer }) => answer?.status !== status);
  return `The endpoint answered ${status} ${countedTimes(count)}.`;
}

function refundExplanation({ tasks }: WholePayment, { id, amount }: Refund): Explanation {
  const due = tasks.find((task) => task.id === taskId("complete_refund", id))?.dueTime;
  return {
    id: `refund-${id}`,
    tone: "waiting",
    question: "Why is the refund still pending?",
    answer: `${formatMoney(amount)} is on its way back to the payer.`,
    deadline: due === undefined ? undefined : { label: "It completes at", time: due },
    remedies: [
      { kind: "finish", refundId: id, label: "Finish it now" },
      ...(due === undefined ? [] : [{ kind: "advance", to: due, label: "Advance to then" } as const]),
    ],
  };
}

/** What a scenario still does to a payment or refund that has ended. */
function lateExplanations({ payment, refunds, tasks }: WholePayment): Explanation[] {
  return tasks.flatMap(({ kind, subjectId, dueTime: time }): Explanation[] => {
    const remedies = [{ kind: "advance", to: time, label: "Advance to then" }] as const;
    const base = { id: `late-${subjectId}`, tone: "waiting", remedies } as const;
    if (kind === "pay_late") {
      const answer = `No. ${scenarioName(payment.appliedScenario?.scenario)} lets its money arrive late.`;
      return [{ ...base, question: "Is this payment final?", answer, deadline: { label: "It arrives at", time } }];
    }
    const refund = refunds.find(({ id }) => kind === "fail_refund_late" && id === subjectId);
    if (refund === undefined) return [];
    const answer = `No. ${scenarioName(refund.appliedScenario?.scenario)} lets it fail late.`;
    const question = `Is the refund of ${formatMoney(refund.amount)} final?`;
    return [{ ...base, question, answer, deadline: { label: "It fails at", time } }];
  });
}

function calmExplanation(whole: WholePayment, times: Times): Explanation {
  return { id: "calm", tone: "calm", answer: outcomeOf(whole, times), remedies: [] };
}

/** The reason of the payment's status, if it has one, and when the merchant was notified. */
function outcomeOf({ payment, notifications, now }: WholePayment, times: Times): string {
  const reason = payment.reason === undefined ? "" : `${paymentReasons[payment.reason]} `;
  return `${reason}Nothing is waiting.${receiptOf(notifications.at(-1), now, times)}`;
}

function receiptOf(notification: Notification | undefined, now: number, times: Times): string {
  const delivered = notification?.attempts.findLast(({ answer }) => answer !== undefined && answer.status < 300);
  return delivered === undefined ? "" : ` The merchant was notified at ${times.near(delivered.startedAt, now)}.`;
}

/** A payment or a latest refund that failed: what, why, and what to do next. */
function failureExplanation(whole: WholePayment, times: Times): Explanation[] {
  const { payment, refunds } = whole;
  const base = { id: "failed", tone: "wrong", remedies: [] } as const;
  if (payment.status === "declined" || payment.status === "failed") {
    const question = payment.status === "failed" ? "Why did the payment fail?" : "Why was the payment declined?";
    return [{ ...base, question, answer: `${outcomeOf(whole, times)} To try again, create a new payment.` }];
  }
  const refund = refunds.at(-1);
  if (refund?.status !== "failed") return [];
  const notification = whole.notifications.findLast(({ refundId }) => refundId === refund.id);
  const receipt = receiptOf(notification, whole.now, times);
  const isReversed = whole.entries.some(({ kind, refundId }) => kind === "refund_reversed" && refundId === refund.id);
  const payer = isReversed ? "The payer's wallet gave the money back" : "The payer did not receive the money";
  const kept = `${payer}, and the merchant has it again.${receipt}`;
  return [
    { ...base, question: `Why did the refund of ${formatMoney(refund.amount)} fail?`, ...retryOf(whole, refund, kept) },
  ];
}

/** Why a refund failed, and how another one can succeed. @param kept where the money is. */
function retryOf(whole: WholePayment, refund: Refund, kept: string): Pick<Explanation, "answer" | "remedies"> {
  const { payment, world, now } = whole;
  const decision = decideRefund(whole, refund.amount, now, world.settings.refundWindowMs);
  if (!decision.ok)
    return {
      answer: `${causeOf(refund)} ${kept} ${presentRefusal(decision.refusal).body.reason.description}`,
      remedies: [],
    };
  const { scenario } = payment.appliedScenario ?? {};
  if (scenario?.refunds?.outcome === "fail" || scenario?.refunds?.failsLateMs !== undefined) {
    const next = "Every refund of this payment fails: to see one succeed, refund another payment.";
    return {
      answer: `${scenarioName(scenario)} makes the refunds of this payment fail. ${kept} ${next}`,
      remedies: [],
    };
  }
  const label = `Refund ${formatMoney(refund.amount)} again`;
  return { answer: `${causeOf(refund)} ${kept}`, remedies: [{ kind: "refund", refund, label }] };
}

function causeOf({ appliedScenario }: Refund): string {
  const { scenario } = appliedScenario ?? {};
  return scenario?.outcome === "fail" || scenario?.failsLateMs !== undefined
    ? `${scenarioName(scenario)} made it fail.`
    : "A test, or somebody in the inspector, let it fail.";
}
