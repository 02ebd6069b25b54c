import type { PlanInput } from "../plan.ts";
import { jsonOf, memberAt } from "../steps.ts";
import { pointerTo } from "./checkout-steps.ts";

/** What the order's page or resource said in each state. */
export interface SeenOrders {
  readonly unpaid: string;
  readonly paid: string;
  readonly failed: string;
  readonly refunded: string;
}

/** What could be found out about the merchant's view of an order, and what a person should check. */
export interface OrderFindings {
  readonly order: Omit<NonNullable<PlanInput["order"]>, "url"> | undefined;
  readonly notes: readonly string[];
}

/** Finds where an order says its state, its amounts and its fulfilments. @param amount what was paid, in HKD. */
export function orderFindings(seen: SeenOrders, amount: number): OrderFindings {
  const paid = jsonOf(seen.paid);
  return typeof paid === "object" && paid !== null ? findingsInJson(seen, amount) : findingsInPage(seen);
}

function findingsInJson(seen: SeenOrders, amount: number): OrderFindings {
  const unpaid = jsonOf(seen.unpaid);
  const paid = jsonOf(seen.paid);
  const before = (pointer: string) => memberAt(unpaid, pointer);
  const changedText = (wanted: RegExp) =>
    pointersTo(paid, (member, pointer) => {
      const name = pointer.split("/").at(-1) ?? "";
      return typeof member === "string" && wanted.test(name) && before(pointer) !== member;
    })[0];
  const pointer = changedText(/status|state/i) ?? changedText(/./);
  if (pointer === undefined) {
    return { order: undefined, notes: ["No text of the order differs between unpaid and paid: write order by hand."] };
  }
  const words: Record<string, "unpaid" | "paid" | "failed" | "refunded"> = {};
  const notes: string[] = [];
  for (const state of ["unpaid", "paid", "failed", "refunded"] as const) {
    const word = String(memberAt(jsonOf(seen[state]), pointer));
    if (words[word] === undefined) words[word] = state;
    else if (state !== "failed") notes.push(`A ${state} order still says ${JSON.stringify(word)}.`);
  }
  const number = (isNamed: (name: string) => boolean, isRight: (was: unknown, is: number) => boolean) =>
    pointersTo(paid, (member, at) => {
      const name = at.split("/").at(-1) ?? "";
      return typeof member === "number" && isNamed(name) && isRight(before(at), member);
    })[0];
  const named = (wanted: RegExp) => (name: string) => wanted.test(name);
  const paidAmount = number(named(/paid|captured|received/i), (was, is) => Number(was ?? 0) === 0 && is === amount);
  const refundedAmount = number(named(/refunded/i), (_, is) => is === 0);
  const effects = number(isEffect, (was, is) => Number(was ?? 0) === 0 && is === 1);
  const optional = { paidAmount, refundedAmount, effects };
  const missing = Object.entries(optional).filter(([, at]) => at === undefined);
  if (missing.length > 0) {
    notes.push(`Not found: ${missing.map(([name]) => `order.${name}`).join(", ")}. Add them if the order shows them.`);
  }
  if (effects !== undefined) {
    notes.push(`order.effects is ${effects}: correct it if that does not count the goods or mails that go out.`);
  }
  notes.push("Add your words for partially_refunded and attention to order.words, if you have them.");
  const given = Object.fromEntries(Object.entries(optional).filter(([, at]) => at !== undefined));
  return { order: { pointer, words, ...given }, notes };
}

/** Whether a member's name says that it counts what goes out. Others, such as a version, also go from 0 to 1. */
function isEffect(name: string): boolean {
  const words = name.split(/[\W_]+|(?=[A-Z])/);
  return words.some((word) => /^(fulfil|ship|sent|e?mail|deliver|dispatch)/i.test(word));
}

/** Pointers of all members that a condition holds for. */
function pointersTo(json: unknown, isRight: (member: unknown, pointer: string) => boolean): string[] {
  const found: string[] = [];
  const visit = (value: unknown, at: string) => {
    if (typeof value !== "object" || value === null) return;
    for (const name of Object.keys(value)) {
      const pointer = at + (pointerTo({ [name]: 0 }, () => true) ?? "");
      const member = memberAt(json, pointer);
      if (isRight(member, pointer)) found.push(pointer);
      visit(member, pointer);
    }
  };
  visit(json, "");
  return found;
}

/** A text that only the page of a paid order has. */
function findingsInPage({ unpaid, paid, failed }: SeenOrders): OrderFindings {
  const texts = (page: string) => page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, "").split(/<[^>]*>|\n/);
  const others = unpaid + failed;
  const candidates = texts(paid)
    .map((text) => text.trim())
    .filter((text) => text.length > 2 && text.length < 80 && !others.includes(text) && !/\d{3}/.test(text));
  const paidText =
    candidates.find((text) => /paid|captured|received|complete|thank|付|成功/i.test(text)) ?? candidates[0];
  if (paidText === undefined) {
    return { order: undefined, notes: ["The page of a paid order has no text of its own: write order by hand."] };
  }
  const note = `The order is paid if its page has ${JSON.stringify(paidText)}. A JSON view would open more cases.`;
  return { order: { paidText }, notes: [note] };
}
