import { defineCase } from "../../case.ts";
import type { Random } from "../../random.ts";
import { capturedNotification, claimsOf, signWithText } from "./forge.ts";
import { judgeForgery, shared } from "./judge-forgery.ts";

/** The text with another character at a place that the seed decides. */
function withOtherByte(text: string, random: Random): string {
  const at = random.below(text.length);
  const other = text[at] === "0" ? "1" : "0";
  return text.slice(0, at) + other + text.slice(at + 1);
}

export const changedByte = defineCase({
  ...shared,
  id: "forged_byte_changed",
  title: "Forged: one byte of the body changed",
  stake: "Somebody changes the amount or the order in a genuine message.",
  does: "Sends a notification whose signature is right for a body that differs in one byte. The seed decides which.",
  advice:
    "Compute the signature over all bytes of the body as they came, and compare all bytes of it. Otherwise a genuine " +
    "message about a cheap order can be changed into one about an expensive order.",
  precedent: "Verifiers compared only the beginning of the signature, or signed only some members of the body.",
  run: (stage) =>
    judgeForgery(stage, "A notification with one changed byte", (body) => [
      signWithText(claimsOf(stage), withOtherByte(body, stage.random), stage.world.credentials.hmacKey),
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
    judgeForgery(stage, "A notification with an attached payload", (_, purchase) => {
      const other = capturedNotification(stage, purchase, { status: "pending" }).body;
      const [header, , signature] = signWithText(claimsOf(stage), other, stage.world.credentials.hmacKey).split(".");
      return [`${header}.${Buffer.from(other).toString("base64url")}.${signature}`];
    }),
});
