import { defineCase } from "../../case.ts";
import { claimsOf, signWithText } from "./forge.ts";
import { judgeForgeries, shared } from "./judge-forgery.ts";

export const retiredKey = defineCase({
  ...shared,
  id: "forged_retired_key",
  title: "Forged: a key that was retired",
  stake: "A key was retired because it leaked, and whoever has it can still mark orders as paid.",
  severity: "serious",
  needs: ["order", "start"],
  phase: "keys",
  does:
    "Adds a key, starts the server again with the new one, and retires the old one. Then it sends a notification " +
    "that the payment is captured, signed with the old key.",
  advice:
    "Keep a retired key nowhere: not in a cache, a table or a second variable. Otherwise a rotation after a leak " +
    "helps nobody.",
  precedent: "Caches of keys outlive rotations: a key that leaked counts until the last process is started again.",
  run: async (stage) => {
    const oldKeys = stage.world.credentials.hmacKeys;
    const { hmacKid, hmacKey } = await stage.world.keys.rotate({ overlap: "PT1H" });
    stage.note(`adds the key ${hmacKid}`);
    stage.server.use({ NOMUPAY_HMAC_KEY: hmacKey });
    await stage.restart();
    for (const { kid } of oldKeys) {
      stage.note(`retires the key ${kid}`);
      await stage.world.keys.retire(kid);
    }
    await judgeForgeries(
      stage,
      oldKeys.map(({ kid, key }) => ({
        what: "A notification signed with a retired key",
        forge: (body) => signWithText(claimsOf(stage, { kid }), body, key),
      })),
    );
  },
});
