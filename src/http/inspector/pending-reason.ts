import type { Attempt, Notification } from "../../domain/notification.ts";
import type { Refund } from "../../domain/refund.ts";
import type { PayerAction } from "../../domain/statuses.ts";
import { isDelivery, taskId } from "../../domain/task.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { paymentReasons } from "../api/refusals.ts";
import { formatMoney } from "../ui/format.ts";
import { counted, formatTimeNear, inWords, times } from "./format.ts";

/** How a wait can be ended. */
export type Remedy = { readonly words: string } & (
  | { readonly kind: "act"; readonly action: PayerAction }
  | { readonly kind: "advance"; readonly to: number }
  | { readonly kind: "resend"; readonly notificationId: string }
  | { readonly kind: "finish"; readonly refundId: string }
  | { readonly kind: "endpoint" }
);

/** What a payment waits for, until when, and what ends the wait. */
export interface Explanation {
  readonly id: string;
  /** `wrong`: something went wrong for good; `calm`: there is nothing to wait for. */
  readonly tone: "waiting" | "wrong" | "calm";
  readonly question?: string;
  readonly answer: string;
  /** When it ends by itself, and what is said of that: "It expires at". */
  readonly until?: { readonly words: string; readonly time: number } | undefined;
  readonly ways: readonly Remedy[];
}

/** Everything that a payment waits for; where it waits for nothing, how it ended. */
export function explanationsOf(whole: WholePayment): Explanation[] {
  const { payment, refunds, notifications } = whole;
  if (payment.status === "pending") return [pendingFinding(whole)];
  const found = [
    ...notifications.flatMap((notification) => notificationFinding(whole, notification)),
    ...refunds.filter(({ status }) => status === "pending").map((refund) => refundFinding(whole, refund)),
  ];
  return found.length > 0 ? found : [calmFinding(whole)];
}

function pendingFinding({ payment, tasks }: WholePayment): Explanation {
  const question = "Why is this payment still pending?";
  const planned = tasks.find(({ kind }) => kind === "decide_payment");
  const scenario = payment.appliedScenario?.scenario;
  const name = scenario?.name ?? "of a test's own";
  const pay = { kind: "act", action: "pay", words: "Pay as the payer" } as const;
  if (planned !== undefined) {
    return {
      id: "pending",
      tone: "waiting",
      question,
      answer: `The scenario ${name} decides it: ${inWords(scenario?.outcome ?? "")}.`,
      until: { words: "That happens at", time: planned.dueTime },
      ways: [{ kind: "advance", to: planned.dueTime, words: "Advance to then" }, pay],
    };
  }
  const waits =
    payment.flowType === "qr_link"
      ? "The payer has not scanned the code yet."
      : "The payer has not opened the wallet yet.";
  const opened = "The payer has opened the wallet, and has neither paid nor cancelled.";
  const decided =
    scenario?.afterMs === "payer"
      ? ` The scenario ${name} decides when the payer pays: ${inWords(scenario.outcome ?? "")}.`
      : "";
  return {
    id: "pending",
    tone: "waiting",
    question,
    answer: (payment.scanTime === undefined ? waits : opened) + decided,
    until: { words: "It expires at", time: payment.expireTime },
    ways: [pay, { kind: "advance", to: payment.expireTime, words: "Advance to the expiry" }],
  };
}

function notificationFinding(whole: WholePayment, notification: Notification): Explanation[] {
  const { id, type, state, attempts, plan } = notification;
  if (state === "delivered") return [];
  const finding = (
    tone: Explanation["tone"],
    answer: string,
    words: string,
    rest: Partial<Explanation> = {},
  ): Explanation[] => {
    const of = type === "refund" ? " of the refund" : "";
    const ways: Remedy[] =
      whole.world.settings.webhookUrl === undefined
        ? [{ kind: "endpoint", words: "Set the endpoint" }]
        : [{ kind: "resend", notificationId: id, words }];
    return [
      {
        id: `webhook-${id}`,
        tone,
        question: `Why has the merchant not been told${of}?`,
        answer,
        ways,
        ...rest,
        ...(rest.ways === undefined ? {} : { ways: [...ways, ...rest.ways] }),
      },
    ];
  };
  if (
    whole.tasks.some(
      (task) => task.subjectId === id && isDelivery(task) && (task.lease !== undefined || task.dueTime <= whole.now),
    )
  ) {
    const answer = `An attempt is under way: the endpoint may take ${whole.world.settings.webhookTimeoutMs / 1000} s to answer.`;
    return finding("waiting", answer, "Attempt once more");
  }
  switch (state) {
    case "no_endpoint":
      return whole.world.settings.webhookUrl === undefined
        ? finding("waiting", "This world has no webhook endpoint.", "")
        : finding("waiting", "There was no endpoint when it fell due. There is one now.", "Send it now");
    case "suppressed":
      return finding(
        "waiting",
        `The scenario ${whole.payment.appliedScenario?.scenario.name ?? ""} holds the notification back.`.replace(
          "  ",
          " ",
        ),
        "Send it now",
      );
    case "exhausted":
      return finding(
        "wrong",
        `${failures(attempts)} That was the last of ${counted(attempts.length, "attempt")}: nothing more is sent by itself.`,
        "Attempt now",
      );
    default: {
      const due = whole.tasks.find((task) => task.id === taskId("deliver_notification", id))?.dueTime;
      const held =
        plan === "out_of_order"
          ? "It is held until the first refund's notification was attempted."
          : "A scenario starts the first attempt late.";
      const answer = attempts.length === 0 ? held : failures(attempts);
      const words = attempts.length === 0 ? "The first attempt is at" : "Next attempt at";
      if (due === undefined) return finding("waiting", answer, "Attempt now");
      return finding("waiting", answer, "Attempt now", {
        until: { words, time: due },
        ways: [{ kind: "advance", to: due, words: "Advance to then" }],
      });
    }
  }
}

/** How the last attempts failed, in a sentence. */
function failures(attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (last === undefined) return "No attempt was made.";
  if (last.answer === undefined) return `The endpoint did not answer: ${last.error ?? "no reason is known"}.`;
  const { status } = last.answer;
  const alike = attempts.length - 1 - attempts.findLastIndex(({ answer }) => answer?.status !== status);
  return `The endpoint answered ${status} ${times(alike)}.`;
}

function refundFinding({ tasks }: WholePayment, { id, amount }: Refund): Explanation {
  const due = tasks.find((task) => task.id === taskId("complete_refund", id))?.dueTime;
  return {
    id: `refund-${id}`,
    tone: "waiting",
    question: "Why is the refund still pending?",
    answer: `${formatMoney(amount)} is on the way back to the payer.`,
    until: due === undefined ? undefined : { words: "It is done at", time: due },
    ways: [
      { kind: "finish", refundId: id, words: "Finish it now" },
      ...(due === undefined ? [] : [{ kind: "advance", to: due, words: "Advance to then" } as const]),
    ],
  };
}

function calmFinding({ payment, notifications, now }: WholePayment): Explanation {
  const told = notifications.at(-1)?.attempts.findLast(({ answer }) => answer !== undefined && answer.status < 300);
  const reason = payment.reason === undefined ? "" : `${paymentReasons[payment.reason]} `;
  const when = told === undefined ? "" : ` The merchant was told at ${formatTimeNear(told.startedAt, now)}.`;
  return { id: "calm", tone: "calm", answer: `${reason}Nothing is waiting.${when}`, ways: [] };
}
