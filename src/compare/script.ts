import type { Examination } from "./examination.ts";
import { examineAmounts } from "./script-amounts.ts";
import { endings, examineEnding, examineFullRefund, examinePaid } from "./script-payer.ts";
import { examineBodies, examinePending, examineSignatures, examineUnknown } from "./script-requests.ts";
import { examineReturn } from "./script-return.ts";
import { examineNotifications, examineQueue } from "./script-webhooks.ts";

/** A part of the script, with what it costs. */
interface ScriptPart {
  readonly name: string;
  readonly run: (examination: Examination) => Promise<void>;
  readonly needs?: "payer" | "webhook";
  /** What it does with money, for the list before the start. */
  readonly does?: string;
}

const thirdPerson = {
  cancel: "cancels",
  decline: "cannot pay",
  fail: "cannot pay, because the payment fails",
  expire: "lets expire",
} as const satisfies Record<keyof typeof endings, string>;

const endingParts = (Object.keys(endings) as (keyof typeof endings)[]).map(
  (action): ScriptPart => ({
    name: endings[action],
    run: (examination) => examineEnding(examination, action),
    needs: "payer",
    does: `1 payment of the smallest amount that the payer ${thirdPerson[action]}`,
  }),
);

/** The script: what is asked of the target, and then of the sandbox that it is compared with, in this order. */
const script: readonly ScriptPart[] = [
  { name: "signatures", run: examineSignatures },
  {
    name: "amounts",
    run: examineAmounts,
    does: "the smallest amounts that are accepted: HKD 0.01 and up, never above 1 until the unit is proven",
  },
  { name: "bodies", run: examineBodies, does: "1 payment for an app that stays pending" },
  { name: "pending", run: examinePending, does: "1 payment that stays pending" },
  { name: "unknown", run: examineUnknown },
  {
    name: "paid",
    run: examinePaid,
    needs: "payer",
    does: "1 payment of three times the smallest amount, or 0.30, that the payer pays, and that is refunded in parts",
  },
  {
    name: "full refund",
    run: examineFullRefund,
    needs: "payer",
    does: "1 payment of the smallest amount that the payer pays, and that is refunded at once",
  },
  ...endingParts,
  {
    name: "return",
    run: examineReturn,
    needs: "webhook",
    does: "1 payment of the smallest amount that the payer pays, to see how the browser comes back",
  },
  { name: "notifications", run: examineNotifications, needs: "webhook" },
  {
    name: "queue",
    run: examineQueue,
    needs: "webhook",
    does: "2 payments of the smallest amount that the payer pays, to see how their notifications queue up",
  },
];

/** Runs the script. Rejects with `Stop` where it must not go on. */
export async function runScript(examination: Examination): Promise<void> {
  for (const part of script) await examination.part(part.name, () => part.run(examination));
}

/** What the script is about to create, as lines. */
export function plannedCosts(abilities: { readonly hasPayer: boolean; readonly hasWebhook: boolean }): string[] {
  return script.flatMap(({ does, needs }) => {
    const isSkipped = (needs !== undefined && !abilities.hasPayer) || (needs === "webhook" && !abilities.hasWebhook);
    return does === undefined || isSkipped ? [] : [does];
  });
}
