import { html } from "hono/html";
import { type Money, moneyFromMajor } from "../../domain/money.ts";
import { transitions } from "../../domain/payment.ts";
import type { PaymentFilters } from "../../services/payments/payment-filters.ts";
import { foreign, type Html } from "../ui/html.ts";
import type { ListFilters } from "./page-address.ts";
import type { Times } from "./times.ts";

/** What a list can be limited to besides a status. */
export const onlys: Readonly<Record<string, { readonly label: string; readonly filters: PaymentFilters }>> = {
  webhook_retrying: { label: "Webhook retrying", filters: { notification: "retrying" } },
  webhook_failed: { label: "Webhook failed", filters: { notification: "exhausted" } },
  refund_failed: { label: "Refund failed", filters: { refund: "failed" } },
};

const dayMs = 86_400_000;

/** First instant of a day, such as `2026-01-05`, in a time zone; `undefined` if it is not a day. */
function startOfDay(day: string, { offsetMs }: Pick<Times, "offsetMs">): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const start = Date.parse(`${day}T00:00:00Z`);
  const isDay = Number.isFinite(start) && new Date(start).toISOString().startsWith(day);
  return isDay ? start - offsetMs : undefined;
}

/** An amount that a person wrote: `10`, `10.5`, `HK$1,234.50`. */
function amountOf(text: string): Money | undefined {
  const [, major] = /^\s*(?:HK)?\$?\s*(\d[\d,]*(?:\.\d{1,2})?)\s*$/i.exec(text) ?? [];
  return major === undefined ? undefined : moneyFromMajor(Number(major.replaceAll(",", "")));
}

const read = <T>(text: string | undefined, parse: (text: string) => T | undefined) =>
  text === undefined ? undefined : parse(text);

/** The filters of an address. Those with a wrong value are left out: `filterProblem` says which. */
export function filtersOf(address: ListFilters, times: Times): PaymentFilters {
  const { text, status, only, from, until, least, most } = address;
  const dayOf = (day: string) => startOfDay(day, times);
  const lastDay = read(until, dayOf);
  return {
    text: text?.trim(),
    amount: read(text, amountOf),
    status: status !== undefined && Object.hasOwn(transitions, status) ? status : undefined,
    fromTime: read(from, dayOf),
    toTime: lastDay === undefined ? undefined : lastDay + dayMs,
    amountMin: read(least, amountOf),
    amountMax: read(most, amountOf),
    ...(only !== undefined && Object.hasOwn(onlys, only) ? onlys[only]?.filters : {}),
  };
}

/** What is wrong with the filters of an address. */
export function filterProblem(address: ListFilters, times: Times): Html | undefined {
  const { status, only, from, until, least, most } = address;
  if (status !== undefined && !Object.hasOwn(transitions, status)) return html`${foreign(status)} is not a status.`;
  if (only !== undefined && !Object.hasOwn(onlys, only)) return html`${foreign(only)} is not a state to look for.`;
  const day = [from, until].find((text) => text !== undefined && startOfDay(text, times) === undefined);
  if (day !== undefined) return html`${foreign(day)} is not a day. Write it like 2026-01-05.`;
  const amount = [least, most].find((text) => text !== undefined && amountOf(text) === undefined);
  if (amount !== undefined) return html`${foreign(amount)} is not an amount. Write it like 10 or 10.50.`;
  const { fromTime = -Infinity, toTime = Infinity, amountMin = 0, amountMax = amountMin } = filtersOf(address, times);
  if (fromTime >= toTime) return html`The first day is after the last day.`;
  return amountMin > amountMax ? html`The smallest amount is larger than the largest amount.` : undefined;
}
