import { runForOutput } from "../platform/command.ts";
import type { Browser } from "./browser.ts";
import { sendRequest } from "./http.ts";
import { type OrderState, type Plan, SetupError } from "./plan.ts";
import { commandInput, fill, jsonOf, memberAt, type Values } from "./steps.ts";

/** What the merchant says about an order. */
export interface OrderView {
  readonly state: OrderState;
  /** The merchant's own word, or what stands for it. */
  readonly word: string;
  /** In HKD; absent without the pointer. */
  readonly paidAmount: number | undefined;
  readonly refundedAmount: number | undefined;
  /** Number of fulfilments; absent without the pointer. */
  readonly effects: number | undefined;
  /** Value of the goods that the order sends, in HKD; absent without the pointer. */
  readonly goodsAmount: number | undefined;
  /** Number of goods that are available; absent without the pointer. */
  readonly stock: number | undefined;
  /** The beginning of the response. */
  readonly evidence: string;
}

/** Whether two amounts in HKD are equal. */
export function isSameAmount(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.005;
}

type OrderPlan = NonNullable<Plan["order"]>;

/** The merchant has no such order, and the plan does not say that this means a state. */
export class OrderNotFoundError extends SetupError {}

/** The order says a word that nobody can guess the meaning of: it ends the run. */
export class UnmappedWordError extends SetupError {}

const evidenceMax = 500;

/** Who reads an order, and with which values. */
export interface OrderReader {
  readonly baseUrl: string;
  /** Folder in which a command runs. */
  readonly directory: string;
  readonly values: Values;
  readonly timeoutMs: number;
  /** The customer's browser, for plans that read as the customer. */
  readonly browser: Browser;
}

/**
 * Reads the merchant's view of an order. Throws `SetupError` for a word that is not mapped, and for a response that is
 * no order. @returns `undefined` if the server does not answer.
 */
export async function readOrder(plan: OrderPlan, given: OrderReader): Promise<OrderView | undefined> {
  const { baseUrl, values, timeoutMs, browser } = given;
  if (plan.command !== undefined) return viewOf(plan, await runCommand(plan.command, given), 200);
  const url = new URL(fill(plan.url ?? "", values, encodeURIComponent), baseUrl).href;
  const headers = { Accept: "application/json, text/html;q=0.9" };
  const { status, body } = plan.asCustomer
    ? await browser.open({ method: "GET", url, headers })
    : await sendRequest({ method: "GET", url, headers, timeoutMs });
  if (status === 0 || status >= 500) return undefined;
  if (status >= 300 && status !== 404) {
    throw new SetupError(
      `${url} answers ${status}; expected the order. Check order.url, and that it needs no sign-in.`,
    );
  }
  return viewOf(plan, body, status);
}

function viewOf(plan: OrderPlan, text: string, status: number): OrderView {
  const evidence = text.slice(0, evidenceMax);
  const amounts = { paidAmount: undefined, refundedAmount: undefined, goodsAmount: undefined };
  const nothing = { ...amounts, effects: undefined, stock: undefined, evidence };
  if (status === 404) {
    if (plan.notFound === undefined) {
      throw new OrderNotFoundError(
        "The order is not found (404). If an order exists only when it is paid, set order.notFound. If the server " +
          "loses its orders when it ends, set start.keepsOrders to false.",
      );
    }
    return { ...nothing, state: plan.notFound, word: "404", paidAmount: 0, refundedAmount: 0, effects: 0 };
  }
  if (plan.paidText !== undefined) {
    const isPaid = text.includes(plan.paidText);
    return { ...nothing, state: isPaid ? "paid" : "unpaid", word: isPaid ? plan.paidText : "(without paidText)" };
  }
  const json = jsonOf(text);
  const value = json === undefined ? text.trim() : memberAt(json, plan.pointer);
  if (value === undefined) {
    throw new SetupError(`order.pointer ${plan.pointer} finds nothing in the order: ${evidence}`);
  }
  const word = String(value);
  const state = plan.words[word];
  if (state === undefined) {
    const known = Object.keys(plan.words).join(", ");
    throw new UnmappedWordError(
      `The order says ${JSON.stringify(word)}, which order.words does not map; it maps ${known}. Add it.`,
    );
  }
  const number = (name: "paidAmount" | "refundedAmount" | "effects" | "goodsAmount" | "stock") => {
    const pointer = plan[name];
    if (pointer === undefined) return undefined;
    const value = Number(memberAt(json, pointer));
    if (Number.isFinite(value)) return value;
    throw new SetupError(`order.${name} ${pointer} finds no number in the order: ${evidence}`);
  };
  return {
    state,
    word,
    paidAmount: number("paidAmount"),
    refundedAmount: number("refundedAmount"),
    effects: number("effects"),
    goodsAmount: number("goodsAmount"),
    stock: number("stock"),
    evidence,
  };
}

async function runCommand(
  command: string,
  { directory, values, timeoutMs }: { directory: string; values: Values; timeoutMs: number },
): Promise<string> {
  const result = await runForOutput({ command, ...commandInput(values), timeoutMs, directory });
  if (result.failure === undefined) return result.output;
  throw new SetupError(
    `order.command failed: ${result.failure}. Run it by hand; $1 is ${JSON.stringify(values.reference)}.`,
  );
}
