import { unusualJson } from "../../../domain/unusual-json.ts";
import { defineCase } from "../../case.ts";
import type { DeliveryOptions } from "../../courier.ts";
import type { Notification } from "../../mailbox.ts";
import type { Stage } from "../../stage.ts";
import { claimsOf, foreignId, signWithText } from "../forged/forge.ts";
import { genuine, judgeGenuine } from "./genuine-messages.ts";

/** A way in which a genuine notification can come. */
interface UnusualDelivery {
  readonly id: string;
  readonly title: string;
  readonly stake: string;
  /** After "A notification with". */
  readonly what: string;
  readonly advice: string;
  readonly precedent: string;
  readonly options: (notification: Notification, stage: Stage) => DeliveryOptions;
}

/** The usual headers under other names. */
function renamed({ headers }: Notification, rename: (name: string) => string): DeliveryOptions {
  const entries = Object.entries(headers);
  const without = Object.fromEntries(entries.map(([name]) => [name, undefined]));
  const others = Object.fromEntries(entries.map(([name, value]) => [rename(name), value]));
  return { headers: { ...without, ...others }, signatureName: rename("X-Signature") };
}

const headerNames: readonly UnusualDelivery[] = [
  {
    id: "webhook_header_lower_case",
    title: "Names of headers in lower case",
    stake: "A change to HTTP/2 on the way loses each notification.",
    what: "the name `x-signature` in lower case",
    advice:
      "Read headers by name without regard to case, as HTTP requires. HTTP/2 and many proxies send lower case. " +
      "Otherwise a change on the way, which you do not make, leaves every paid order open.",
    precedent: "A provider began to send its header in lower case, and its own library found no signature any more.",
    options: (notification) => renamed(notification, (name) => name.toLowerCase()),
  },
  {
    id: "webhook_header_upper_case",
    title: "Names of headers in upper case",
    stake: "A proxy that writes names in its own way loses each notification.",
    what: "the name `X-SIGNATURE` in upper case",
    advice:
      "Read headers by name without regard to case, as HTTP requires. Otherwise a new proxy leaves every paid order " +
      "open.",
    precedent: "Libraries that looked up the raw name in a map worked in one framework, and failed in the next.",
    options: (notification) => renamed(notification, (name) => name.toUpperCase()),
  },
];

/** Signatures of the body: one with a key that the merchant does not know, and the genuine ones. */
function twoLines({ body, url }: Notification, stage: Stage): { readonly unknown: string; readonly right: string[] } {
  const unknown = signWithText(claimsOf(stage, { kid: foreignId(stage.random), aud: url }), body, "unknown");
  return { unknown, right: stage.run.signaturesOf(body, url) };
}

const signatureLines: readonly UnusualDelivery[] = [
  {
    id: "webhook_unknown_signature_first",
    title: "Two signatures, the unknown one first",
    stake: "While the provider changes keys, each notification is refused.",
    what: "an unknown signature before the right one",
    advice:
      "Check all lines of X-Signature, also those after a comma, and take the message if one of them is right. " +
      "Otherwise every order that is paid during a change of keys stays open.",
    precedent: "Programs that read one value of the header see the wrong one while keys change.",
    options: (notification, stage) => {
      const { unknown, right } = twoLines(notification, stage);
      return { signatures: [unknown, ...right] };
    },
  },
  {
    id: "webhook_unknown_signature_last",
    title: "Two signatures, the unknown one last",
    stake: "While the provider changes keys, each notification is refused.",
    what: "an unknown signature after the right one",
    advice:
      "Check all lines of X-Signature, also those after a comma, and take the message if one of them is right. " +
      "Otherwise every order that is paid during a change of keys stays open.",
    precedent:
      "Frameworks that keep one line of a repeated header keep the last one, and the right signature is the first.",
    options: (notification, stage) => {
      const { unknown, right } = twoLines(notification, stage);
      return { signatures: [...right, unknown] };
    },
  },
];

/** The body with members that no receiver knows, of all kinds. */
function withUnknownMembers(body: string): string {
  const { payload, ...head } = JSON.parse(body) as { payload: { amount: object } };
  const unknown = { unknownText: "", unknownList: [1, { a: null }], unknownNothing: null, unknownObject: { id: "x" } };
  const amount = { ...payload.amount, unknownNumber: 0 };
  return JSON.stringify({ ...head, ...unknown, payload: { ...payload, amount, ...unknown } });
}

const bodies: readonly UnusualDelivery[] = [
  {
    id: "webhook_chunked",
    title: "A body in chunks",
    stake: "A proxy that passes bodies on in chunks loses each notification.",
    what: "a body in two chunks, without Content-Length",
    advice:
      "Read the body to its end. Do not rely on Content-Length, and do not take the first part for the whole. " +
      "Otherwise a genuine notification has a wrong signature, and its order stays open.",
    precedent: "A library took a missing Content-Length for an empty body, and verified the signature of nothing.",
    options: () => ({ isChunked: true }),
  },
  {
    id: "webhook_charset",
    title: "A content type with a charset",
    stake: "A harmless parameter of the content type loses each notification.",
    what: "the content type `application/json; charset=utf-8`",
    advice:
      "Compare only the media type, without its parameters. You can also ignore it, because the signature decides. " +
      "Otherwise a harmless change at the provider leaves every paid order open.",
    precedent: "A library for a chat service answered 415 to application/json with a charset.",
    options: () => ({ headers: { "content-type": "application/json; charset=utf-8" } }),
  },
  {
    id: "webhook_unusual_json",
    title: "JSON in another spelling",
    stake: "A new version of the provider's software spells the same JSON differently, and notifications are refused.",
    what: "other white space, another order of members, escaped texts and amounts like 38.00",
    advice:
      "Verify the signature over the bytes as they came, before a parser sees them: JSON that is parsed and written " +
      "again has other bytes. Otherwise a new version at the provider leaves every paid order open.",
    precedent: "The commonest fault of webhook receivers: a framework parses the body, and the signature is wrong.",
    options: ({ body }) => ({ body: unusualJson(body) }),
  },
  {
    id: "webhook_unknown_members",
    title: "Members that nobody knows",
    stake: "The provider adds a member to its messages, and each notification is refused.",
    what: "unknown members",
    advice:
      "Ignore members that you do not know. Strict schemas are for what you write, not for what you read. Otherwise " +
      "every paid order stays open from the day on which the provider adds a member.",
    precedent: "Strict parsers are a known cause of outages on the day on which a provider adds a member.",
    options: ({ body }) => ({ body: withUnknownMembers(body) }),
  },
];

/** Genuine notifications that come in an unusual way. */
export const unusualDeliveries = [...headerNames, ...bodies, ...signatureLines].map(({ what, options, ...texts }) =>
  defineCase({
    ...genuine,
    ...texts,
    does: `Pays, and sends the genuine notification with ${what}. The payer does not return.`,
    run: (stage) => judgeGenuine(stage, what, options),
  }),
);
