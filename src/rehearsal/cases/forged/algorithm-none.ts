import { defineCase } from "../../case.ts";
import { claimsOf, encodeJson } from "./forge.ts";
import { judgeForgeries, shared } from "./judge-forgery.ts";

const ids = { none: "forged_alg_none", None: "forged_alg_none_capital", NONE: "forged_alg_none_upper" } as const;

/** Spellings of the algorithm that means "no signature". */
export const unsigned = (["none", "None", "NONE"] as const).map((alg) =>
  defineCase({
    ...shared,
    id: ids[alg],
    title: `Forged: the algorithm ${alg}`,
    stake: "An attacker marks an order as paid with a message that nobody signed.",
    does: `Sends a notification that the payment is captured, with the algorithm ${alg} and no signature.`,
    precedent: "Several JWT libraries once accepted this algorithm, some of them only in another case.",
    run: (stage) =>
      judgeForgeries(stage, [
        { what: `A notification with the algorithm ${alg}`, forge: () => `${encodeJson(claimsOf(stage, { alg }))}..` },
      ]),
  }),
);
