import { defineCase } from "../../case.ts";
import type { Random } from "../../random.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf } from "../../steps.ts";
import { capturedNotification, claimsOf, signWithText } from "./forge.ts";
import { judgeForgeries, shared } from "./judge-forgery.ts";

/** The text with another character at a place that the seed decides. */
function withOtherByte(text: string, random: Random): string {
  const at = random.below(text.length);
  const other = text[at] === "0" ? "1" : "0";
  return text.slice(0, at) + other + text.slice(at + 1);
}

/** The signature with another last byte. */
function withOtherEnd(jws: string): string {
  const start = jws.lastIndexOf(".") + 1;
  const bytes = Buffer.from(jws.slice(start), "base64url");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return jws.slice(0, start) + bytes.toString("base64url");
}

/** The body of a notification with other members of its payload. */
function withPayload(body: string, change: object): string {
  const notification = jsonOf(body) as { readonly payload: object };
  return JSON.stringify({ ...notification, payload: { ...notification.payload, ...change } });
}

/** Signs a text with the shared secret. */
function signRightly(stage: Stage, text: string): string {
  return signWithText(claimsOf(stage), text, stage.world.credentials.hmacKey);
}

export const changedByte = defineCase({
  ...shared,
  id: "forged_byte_changed",
  title: "Forged: the body or the signature changed",
  stake: "Somebody changes the amount or the order in a genuine message.",
  does:
    "Sends notifications whose signature is right for another body: one byte differs, which the seed chooses; the " +
    "amount differs; the merchantReference differs. Then one whose signature is right except for its last byte. Each " +
    "is about another order.",
  advice:
    "Compute the signature over all bytes of the body as they came, and compare all bytes of it. Otherwise a genuine " +
    "message about a cheap order can be changed into one about an expensive order.",
  precedent: "Verifiers compared only the beginning of the signature, or signed only some members of the body.",
  run: (stage) =>
    judgeForgeries(stage, [
      {
        what: "A notification with one changed byte",
        forge: (body) => signRightly(stage, withOtherByte(body, stage.random)),
      },
      {
        what: "A notification with a changed amount",
        forge: (body, { amount }) =>
          signRightly(stage, withPayload(body, { amount: { value: amount + 1, currency: "hkd" } })),
      },
      {
        what: "A notification with a changed merchantReference",
        forge: (body) => signRightly(stage, withPayload(body, { merchantReference: `other-${stage.run.unique()}` })),
      },
      {
        what: "A notification whose signature has another last byte",
        forge: (body) => withOtherEnd(signRightly(stage, body)),
      },
    ]),
});

export const attachedPayload = defineCase({
  ...shared,
  id: "forged_attached_payload",
  title: "Forged: a signature that brings its own payload",
  stake: "The verifier checks one text, and the shop believes another.",
  does:
    "Sends a notification that the payment is captured, with a right signature that contains its own payload: " +
    "a message that the payment is pending.",
  advice:
    "Refuse a signature whose middle part is not empty, and verify it over the body that you received. Otherwise " +
    "whoever has one signed message can send any other text with it, and gets goods without paying.",
  precedent: "Receivers gave the whole token to a JWT library, which verified the payload inside and not the body.",
  run: (stage) =>
    judgeForgeries(stage, [
      {
        what: "A notification with an attached payload",
        forge: (_, purchase) => {
          const other = capturedNotification(stage, purchase, { status: "pending" }).body;
          const [header, , signature] = signRightly(stage, other).split(".");
          return `${header}.${Buffer.from(other).toString("base64url")}.${signature}`;
        },
      },
    ]),
});
