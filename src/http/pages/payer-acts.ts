import { z } from "zod";
import { type PayerOptions, payerWallets } from "../../domain/payment.ts";
import { type DeclineReason, declineReasons, type PayerAction } from "../../domain/statuses.ts";

/** What a button of the pages does to a payment. */
export interface PayerAct {
  readonly action: PayerAction;
  readonly reason?: DeclineReason | undefined;
  readonly return?: PayerOptions["return"];
}

const plainActs = {
  pay: { action: "pay" },
  cancel: { action: "cancel" },
  decline: { action: "decline" },
  expire: { action: "expire" },
  fail: { action: "fail" },
  "pay-never-returns": { action: "pay", return: "never" },
  "pay-return-by-post": { action: "pay", return: "by_post" },
  "lying-return": { action: "decline", return: "lying" },
} as const satisfies Record<string, PayerAct>;

/** The names of the acts: values of the buttons, and their names for tests. */
export type ActName = keyof typeof plainActs | `decline-${DeclineReason}`;

const declines = declineReasons.map((reason) => [`decline-${reason}`, { action: "decline", reason }] as const);

const acts = new Map<string, PayerAct>([...Object.entries(plainActs), ...declines]);

const form = z.object({
  action: z.string().refine((name) => acts.has(name)),
  reason: z.enum(declineReasons).optional(),
  wallet: z.enum(payerWallets).optional(),
});

/** Reads what a form of the pages sends; `undefined` where it is none of theirs. */
export function readForm(fields: object): { readonly act: PayerAct; readonly manner: PayerOptions } | undefined {
  const read = form.safeParse(fields);
  const act = read.success ? acts.get(read.data.action) : undefined;
  if (!read.success || act === undefined) return undefined;
  const { reason = act.reason, wallet } = read.data;
  return { act: { ...act, reason }, manner: { wallet, return: act.return } };
}
