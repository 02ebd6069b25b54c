import { defineCase } from "../../case.ts";
import { reversedSignatures } from "../../faults.ts";
import type { Stage } from "../../stage.ts";
import { paidOnce } from "../paid-once.ts";

/** Time until an older key is retired by itself: longer than any rehearsal. */
const overlap = "P7D";

const shared = {
  group: "keys",
  severity: "serious",
  phase: "keys",
  precedent:
    "Providers sign with two keys for hours when a key changes. Receivers that read only one header line, or split " +
    "its value wrongly, refused all webhooks of those hours.",
} as const;

async function buyWithTwoKeys(stage: Stage, isNewFirst: boolean): Promise<void> {
  const { hmacKid } = await stage.world.keys.rotate({ overlap });
  stage.note(`adds a key; every message has two signatures, the ${isNewFirst ? "new" : "old"} one first`);
  const reversed = isNewFirst ? stage.fault("any", reversedSignatures, Infinity) : undefined;
  try {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const signatures = stage.run.signaturesOf(notification.body, notification.url);
    await stage.deliverUntilTaken(notification, { signatures: isNewFirst ? signatures.reverse() : signatures });
    await stage.goBack(purchase);
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "During a rotation of keys a paid order is wrong", "rotation");
  } finally {
    reversed?.end();
    // The server goes on with the key that it has.
    await stage.world.keys.retire(hmacKid);
  }
}

/** Two signatures on each message while a key is replaced. */
export const rotation = ([false, true] as const).map((isNewFirst) =>
  defineCase({
    ...shared,
    needs: ["order"],
    id: isNewFirst ? "keys_new_first" : "keys_old_first",
    title: `Two signatures, the ${isNewFirst ? "new" : "old"} one first`,
    stake: "While a key is replaced, all genuine messages are refused, and paid orders stay open.",
    does:
      "Adds a second shared secret at the provider. Answers and webhooks have two signatures, the one with the " +
      `${isNewFirst ? "new" : "old"} secret first. The merchant still has only the old secret.`,
    rule: "A purchase becomes paid, as if there were only one signature.",
    advice:
      "Accept a message if any of its X-Signature lines is right, whichever it is. Read all lines: frameworks join " +
      "them with a comma, or return only one. Otherwise nothing can be sold while the provider changes a key.",
    run: (stage) => buyWithTwoKeys(stage, isNewFirst),
  }),
);

export const oldKeyRetired = defineCase({
  ...shared,
  id: "keys_old_retired",
  title: "The old key is retired",
  stake: "After the change to the new key the server still uses the old one, and refuses every message.",
  needs: ["order", "start"],
  does: "Adds a key, starts the server again with the new one, and retires the old one. Then a customer buys and pays.",
  rule: "The purchase becomes paid.",
  advice:
    "Read the secret from the environment at each start, and store it nowhere else. Otherwise the change of a key " +
    "stops all payments until somebody finds the old copy.",
  precedent:
    "Settings that an application copied to its database or cache at the first start have outlived the change.",
  run: async (stage) => {
    const old = stage.world.credentials.hmacKeys;
    const { hmacKey } = await stage.world.keys.rotate({ overlap });
    stage.note("starts the server again with the new key, and retires the old one");
    stage.server.use({ NOMUPAY_HMAC_KEY: hmacKey });
    await stage.restart();
    for (const { kid } of old) await stage.world.keys.retire(kid);
    const purchase = await stage.checkout();
    await stage.complete(purchase);
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "After the change of the key a paid order is wrong", "rotation");
  },
});
