import { defineCase } from "../../case.ts";
import type { Random } from "../../random.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { completeRightPayment, createForeignPayment, foreignPayment, judgeForeignPayment } from "./foreign-payment.ts";
import { capturedNotification } from "./forge.ts";
import { requireUnmoved } from "./judge-forgery.ts";

export const oneDollar = defineCase({
  ...foreignPayment,
  id: "forged_one_dollar",
  title: "A genuine payment of HKD 1 for the order",
  stake: "A customer pays HKD 1, and gets goods of any price.",
  does:
    "Makes a genuine payment of HKD 1 under the order's reference, which is paid and notified; its payer returns. " +
    "Then the right payment is paid.",
  precedent:
    "Reviews of several shops found handlers that compare the reference and the status of a verified event, and " +
    "never its amount.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const foreign = await createForeignPayment(stage, purchase, { amount: 1 });
    await judgeForeignPayment(stage, purchase, foreign, "A payment of HKD 1 under its reference");
    await completeRightPayment(stage, purchase, "a payment of HKD 1 for the order");
  },
});

/** Another account of the same merchant: its id differs in the last character. */
function siblingOf(processingAccountId: string): string {
  return processingAccountId.slice(0, -1) + (processingAccountId.endsWith("0") ? "1" : "0");
}

/** Removes the other account: while a merchant has two, the time of the world does not end a rotation of its keys. */
async function removeWorld(stage: Stage, processingAccountId: string): Promise<void> {
  const { status } = await stage.world.fetch(`/_sandbox/worlds/${processingAccountId}`, { method: "DELETE" });
  if (status >= 300) throw new Error(`The sandbox answers ${status} to the removal of ${processingAccountId}.`);
}

export const siblingAccount = defineCase({
  ...foreignPayment,
  id: "forged_sibling_account",
  title: "A payment of another account with the same reference",
  stake: "An order of one shop is paid, and the same order number of the other shop is sent out.",
  does:
    "Makes a genuine payment of the right amount under the order's reference, in another processing account of the " +
    "same merchant. It is paid and notified; its payer returns. Then the right payment is paid.",
  precedent:
    "Two shops of one company shared an account. A payment in one of them opened the finished order with the same " +
    "number in the other again, and its customer got mails.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const processingAccountId = siblingOf(stage.world.processingAccountId);
    const foreign = await createForeignPayment(stage, purchase, { amount: purchase.amount, processingAccountId });
    try {
      await judgeForeignPayment(stage, purchase, foreign, "A payment of another account under its reference");
    } finally {
      await removeWorld(stage, processingAccountId);
    }
    await completeRightPayment(stage, purchase, "a payment of another account");
  },
});

/** The text with one letter in the other case, which the seed chooses; `undefined` for a text without letters. */
function withOtherCase(text: string, random: Random): string | undefined {
  const places = [...text.matchAll(/[a-z]/gi)].map(({ index }) => index);
  const at = places[random.below(Math.max(1, places.length))];
  if (at === undefined) return undefined;
  const letter = text.charAt(at);
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return text.slice(0, at) + other + text.slice(at + 1);
}

const sameInOtherCase = {
  ...foreignPayment,
  severity: "serious",
  advice:
    "Compare ids and references exactly. The default collation of some databases ignores case: give such a column a " +
    "binary one. Otherwise the money of one order pays another, and a customer gets goods for it.",
  precedent:
    "The default collation of a common database ignores case, and ids in base62 do not. One provider asks its " +
    "merchants to store ids with a binary collation, and plug-ins did not.",
} as const;

export const idInOtherCase = defineCase({
  ...sameInOtherCase,
  id: "forged_id_case",
  title: "A payment id that differs in case only",
  stake: "The payment of one order makes another one paid, because their ids differ only in the case of a letter.",
  does:
    "Sends a rightly signed notification about a payment whose id differs from that of the order in the case of one " +
    "letter, with a reference that is not the order's. Then the right payment is paid.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const id = withOtherCase(purchase.paymentId, stage.random);
    if (id === undefined) notJudged("does_not_apply", `The id ${purchase.paymentId} has no letter.`);
    const merchantReference = `other-${stage.run.unique()}`;
    await stage.deliver(capturedNotification(stage, purchase, { id, merchantReference }));
    const what = "A payment whose id differs in the case of a letter";
    await requireUnmoved(stage, purchase, { what, cause: "ignores_case" });
    await completeRightPayment(stage, purchase, "a payment with nearly the same id");
  },
});

export const referenceInOtherCase = defineCase({
  ...sameInOtherCase,
  id: "forged_reference_case",
  title: "A reference that differs in case only",
  stake: "The payment of one order makes another one paid, because their references differ only in case.",
  does:
    "Makes a genuine payment of the right amount, under a reference that differs from the order's in the case of one " +
    "letter. It is paid and notified. Then the right payment is paid.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const reference = withOtherCase(purchase.reference, stage.random);
    if (reference === undefined) notJudged("does_not_apply", `The reference ${purchase.reference} has no letter.`);
    const foreign = await createForeignPayment(stage, purchase, { amount: purchase.amount, reference });
    await stage.pay(foreign);
    await stage.deliver(await stage.notification({ purchase: foreign, type: "payment" }));
    const what = "A payment whose reference differs in the case of a letter";
    await requireUnmoved(stage, purchase, { what, cause: "ignores_case" });
    await completeRightPayment(stage, purchase, "a payment with nearly the same reference");
  },
});
