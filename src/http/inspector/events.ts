import { html } from "hono/html";
import type { LedgerEntry, MovementKind } from "../../domain/ledger.ts";
import type { PayerWallet } from "../../domain/payment.ts";
import { catalogue, type ScenarioTrigger } from "../../domain/scenario.ts";
import type { PayerAction, PaymentStatus, RefundStatus } from "../../domain/statuses.ts";
import type { Actor, PayerPage, TimelineEvent, TimelinePayload } from "../../domain/timeline.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { formatMoney } from "../ui/format.ts";
import { inWords, scenarioInWords } from "./format.ts";
import type { TimelineRow } from "./timeline-row.ts";
import type { Times } from "./times.ts";

const pageNames: Readonly<Record<PayerPage, string>> = { qr: "QR page", wallet: "Wallet page", result: "Result page" };
const wallets: Readonly<Record<PayerWallet, string>> = { hong_kong: "Hong Kong wallet", mainland: "mainland wallet" };
const payerActions: Readonly<Record<PayerAction, string>> = {
  pay: "Paid",
  decline: "Declined by the wallet",
  cancel: "Cancelled",
  expire: "Let it expire",
  fail: "Failed in the wallet",
};
const actors: Readonly<Record<Actor, string>> = {
  payer: "by the payer",
  scenario: "by the scenario",
  clock: "by the clock",
};
const triggers: Readonly<Record<ScenarioTrigger, string>> = {
  header: "selected by the header X-Sandbox-Scenario",
  queue: "next in the queue",
  amount: "selected by the amount",
};
const paidStatuses: readonly PaymentStatus[] = ["captured", "partially_refunded", "refunded"];

/**
 * Returns a function that converts a payment's events to timeline rows. Call it in the order of the events.
 * @param hasCreateCall whether the timeline already contains the request that created the payment.
 */
export function eventRows(
  whole: WholePayment,
  hasCreateCall: boolean,
  times: Times,
): (event: TimelineEvent) => TimelineRow[] {
  let status: PaymentStatus = "pending";
  const statusRow = (base: Base, next: PaymentStatus): TimelineRow => {
    const title = html`${inWords(status)} → ${inWords(next)}`;
    status = next;
    return { ...base, tag: "Status", title, wrong: !paidStatuses.includes(next) };
  };
  return ({ id, time, payload }) => {
    const base = { key: `event-${id}`, time };
    switch (payload.kind) {
      case "created":
        return hasCreateCall ? [] : [{ ...base, tag: "API", title: html`Payment created` }];
      case "scenario":
        return [scenarioRow(payload, base)];
      case "viewed": {
        const { page, agent } = payload;
        return [
          { ...base, tag: "Page", title: html`${pageNames[page]} opened`, notes: agent === undefined ? [] : [agent] },
        ];
      }
      case "scanned":
        return [{ ...base, tag: "Payer", title: html`Scanned` }];
      case "status":
        return [
          ...payerRow(payload, base),
          { ...statusRow(base, payload.status), notes: causes(whole, payload, times) },
        ];
      case "refund": {
        const next = statusAfter(whole, payload) ?? status;
        const changed = next === status ? [] : [statusRow({ ...base, key: `${base.key}-status` }, next)];
        return [refundRow(whole, payload, base), ...changed];
      }
    }
  };
}

/** The status of the payment after a refund succeeded. */
function statusAfter(
  { payment, refunds }: WholePayment,
  { refundId, status }: TimelinePayload & { kind: "refund" },
): PaymentStatus | undefined {
  if (status !== "refunded") return undefined;
  const { left } = refunds.find(({ id }) => id === refundId) ?? {};
  if (left === undefined) return payment.status;
  return left > 0 ? "partially_refunded" : "refunded";
}

type Base = Pick<TimelineRow, "key" | "time">;

function scenarioRow({ scenario, trigger }: TimelinePayload & { kind: "scenario" }, base: Base): TimelineRow {
  const description = catalogue.find(({ name }) => name === scenario.name)?.description;
  const notes = [...(description === undefined ? [] : [description]), triggers[trigger]];
  return { ...base, tag: "Scenario", title: html`${scenarioInWords(scenario)} applied`, notes };
}

/** The action of the payer; none if somebody else changed the status. */
function payerRow({ action, by, reason, wallet }: TimelinePayload & { kind: "status" }, base: Base): TimelineRow[] {
  if (by !== "payer") return [];
  const notes = [
    ...(reason === undefined ? [] : [inWords(reason)]),
    ...(wallet === undefined ? [] : [wallets[wallet]]),
  ];
  return [{ ...base, key: `${base.key}-act`, tag: "Payer", title: html`${payerActions[action]}`, notes }];
}

/** The cause of a status, and the postings. */
function causes(
  { entries, payment, now }: WholePayment,
  { action, by }: TimelinePayload & { kind: "status" },
  times: Times,
): string[] {
  const captured = entries.find(({ kind }) => kind === "payment_captured");
  return [
    ...(by === "payer" ? [] : [actors[by]]),
    ...(action === "expire" ? [`payable until ${times.near(payment.expireTime, now)}`] : []),
    ...(action === "pay" && captured !== undefined ? [postingsInWords(captured)] : []),
  ];
}

const refundMovements: Readonly<Record<RefundStatus, MovementKind>> = {
  pending: "refund_reserved",
  refunded: "refund_settled",
  failed: "refund_released",
};

function refundRow(
  { refunds, entries }: WholePayment,
  { refundId, status, by }: TimelinePayload & { kind: "refund" },
  base: Base,
): TimelineRow {
  const refund = refunds.find(({ id }) => id === refundId);
  const amount = refund === undefined ? "" : formatMoney(refund.amount);
  const entry = entries.find((one) => one.refundId === refundId && one.kind === refundMovements[status]);
  const titles: Readonly<Record<RefundStatus, string>> = {
    pending: `Refund of ${amount} requested`,
    refunded: `${amount} refunded`,
    failed: `Refund of ${amount} failed`,
  };
  const notes = [
    ...(by === undefined ? [] : [{ merchant: "by the merchant", provider: "at the provider" }[by]]),
    ...(refund === undefined || by === undefined ? [] : [refund.merchantReference]),
    ...(entry === undefined ? [] : [postingsInWords(entry)]),
  ];
  return { ...base, tag: "Refund", title: html`${titles[status]}`, notes, wrong: status === "failed" };
}

/** The postings of an entry, account by account. */
function postingsInWords({ postings }: LedgerEntry): string {
  const parts = postings.map(({ account, amount }) => {
    const absolute = Math.abs(amount) as typeof amount;
    return `${inWords(account)} ${amount > 0 ? "+" : "−"}${formatMoney(absolute)}`;
  });
  return `ledger: ${parts.join(", ")}`;
}
