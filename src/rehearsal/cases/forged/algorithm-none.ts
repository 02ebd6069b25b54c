import { defineCase } from "../../case.ts";
import { judgeForgery, shared } from "./judge-forgery.ts";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Spellings of the algorithm that means "no signature". */
export const unsigned = (["none", "None", "NONE"] as const).map((alg) =>
  defineCase({
    ...shared,
    id: `forged_alg_${alg === "none" ? "none" : alg === "None" ? "none_capital" : "none_upper"}`,
    title: `Forged: the algorithm ${alg}`,
    stake: "An attacker marks an order as paid with a message that nobody signed.",
    does: `Sends a notification that the payment is captured, with the algorithm ${alg} and no signature.`,
    precedent: "Several JWT libraries once accepted this algorithm, some of them only in another case.",
    run: (stage) =>
      judgeForgery(stage, (_, purchase) => {
        const kid = stage.world.credentials.hmacKid;
        const exp = Math.floor(stage.nowMs() / 1000) + 300;
        stage.note(`forges a message about ${purchase.paymentId}`);
        return { signatures: [`${encode({ alg, kid, aud: stage.run.signedUrl, exp })}..`] };
      }),
  }),
);
