import { z } from "zod";
import { type PayerOptions, payerWallets } from "../../domain/payment.ts";
import { type DeclineReason, declineReasons, type PayerAction } from "../../domain/statuses.ts";

/** The effect of a button on a payment. */
interface ButtonEffect {
  readonly action: PayerAction;
  readonly reason?: DeclineReason | undefined;
  readonly return?: PayerOptions["return"];
}

const effectsByButton = {
  pay: { action: "pay" },
  cancel: { action: "cancel" },
  decline: { action: "decline" },
  expire: { action: "expire" },
  fail: { action: "fail" },
  "pay-never-returns": { action: "pay", return: "never" },
  "pay-return-by-post": { action: "pay", return: "by_post" },
  "lying-return": { action: "decline", return: "lying" },
} as const satisfies Record<string, ButtonEffect>;

/** The value and test id of a button. */
export type ButtonName = keyof typeof effectsByButton | `decline-${DeclineReason}`;

const declines = declineReasons.map((reason) => [`decline-${reason}`, { action: "decline", reason }] as const);

const effects = new Map<string, ButtonEffect>([...Object.entries(effectsByButton), ...declines]);

const form = z.object({
  action: z.string().refine((name) => effects.has(name)),
  reason: z.enum(declineReasons).optional(),
  wallet: z.enum(payerWallets).optional(),
});

/** An action of the payer, as a form submits it. */
export interface PayerForm {
  readonly action: PayerAction;
  readonly reason: DeclineReason | undefined;
  readonly options: PayerOptions;
}

/** Reads the fields of a submitted form; `undefined` if they are invalid. */
export function readForm(fields: object): PayerForm | undefined {
  const parsed = form.safeParse(fields);
  const effect = parsed.success ? effects.get(parsed.data.action) : undefined;
  if (!parsed.success || effect === undefined) return undefined;
  const { reason = effect.reason, wallet } = parsed.data;
  return { action: effect.action, reason, options: { wallet, return: effect.return } };
}
