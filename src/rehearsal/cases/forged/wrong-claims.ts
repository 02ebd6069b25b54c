import { defineCase, type Severity } from "../../case.ts";
import type { Stage } from "../../stage.ts";
import { type Claims, claimsOf, signWithText } from "./forge.ts";
import { type Forgery, judgeForgeries, shared } from "./judge-forgery.ts";

/** A header that the provider would not send to this endpoint now, with a right signature. */
interface WrongClaim {
  readonly id: string;
  readonly title: string;
  readonly stake: string;
  readonly severity: Severity;
  /** After "a notification". */
  readonly what: string;
  readonly advice: string;
  readonly precedent: string;
  readonly change: (stage: Stage) => Claims;
  /** Another message with the same fault, and what it does, as a sentence. */
  readonly more?: Forgery & { readonly does: string };
}

/** A response of the API with all that the provider signed, sent to the endpoint. */
const replayedAnswer: WrongClaim["more"] = {
  does: "Then sends the signed response to the create of another payment to the endpoint, as it came.",
  what: "A signed answer of the API, sent as a webhook,",
  forge: (_, { create }) => {
    const { headers, body } = create.answer ?? { headers: [], body: "" };
    const lines = headers.filter(([name]) => /^x-signature$/i.test(name));
    return { signatures: lines.map(([, value]) => value), body };
  },
};

const wrongClaims: readonly WrongClaim[] = [
  {
    id: "forged_unknown_crit",
    title: "Forged: a critical member that nobody knows",
    stake: "The signature has a condition that the merchant does not know, and the merchant accepts it anyway.",
    severity: "minor",
    what: "whose header names an unknown member in `crit`",
    advice:
      "Refuse a header with `crit`, unless you support each member that it names (RFC 7515, section 4.1.11). " +
      "Otherwise you accept a signature whose meaning you do not know.",
    precedent: "Widely used JWT libraries ignored `crit` for years; several of them got a security advisory for it.",
    change: () => ({ crit: ["onlyForTests"], onlyForTests: true }),
  },
  {
    id: "forged_no_audience",
    title: "Forged: no audience, as in an answer of the API",
    stake: "A signed answer of the API is sent to the endpoint as if it were a webhook.",
    severity: "serious",
    what: "without `aud`, like an answer of the API,",
    advice:
      "Require `aud` in a webhook, equal to the URL of the endpoint. Answers of the API have the same key and no " +
      "`aud`. Otherwise whoever has an old answer can send it as a webhook, and change an order with it.",
    precedent:
      "Some JWT libraries check the audience only if the token has one, which leaves the choice to the attacker.",
    change: () => ({ aud: undefined }),
    more: replayedAnswer,
  },
  {
    id: "forged_other_audience",
    title: "Forged: the audience of another endpoint",
    stake: "A message to another shop, or to a test server with the same key, makes an order here paid.",
    severity: "serious",
    what: "whose `aud` is another endpoint",
    advice:
      "Compare `aud` with the exact URL of the endpoint, from your configuration. Otherwise messages to your test " +
      "server, or to a second shop with the same order numbers, mark orders here as paid.",
    precedent:
      "A token for one service that another service accepts is a classic of reviews: the signature is right, and " +
      "nobody compares the audience.",
    change: () => ({ aud: "https://other-shop.example/webhooks" }),
  },
  {
    id: "forged_past_expiry",
    title: "Forged: a signature that has expired",
    stake: "Whoever once saw a message, in a log for example, can send it again at any time.",
    severity: "serious",
    what: "whose `exp` was an hour ago",
    advice:
      "Refuse a signature whose `exp` has passed, with at most some minutes of tolerance for clocks. Each attempt of " +
      "the provider is signed anew, so nothing genuine is lost. Otherwise a message from a log works for ever.",
    precedent: "Providers sign a time because recorded webhooks were sent again. Many receivers never look at it.",
    change: (stage) => ({ exp: Math.floor(stage.nowMs() / 1000) - 3600 }),
  },
];

/** Right signatures whose header forbids to take them. */
export const wrongClaimCases = wrongClaims.map(({ what, change, more, ...texts }) =>
  defineCase({
    ...shared,
    ...texts,
    does:
      `Sends a notification ${what.replace(/,$/, "")}. It says that the payment is captured, and its signature is ` +
      `right.${more === undefined ? "" : ` ${more.does}`}`,
    run: (stage) =>
      judgeForgeries(stage, [
        {
          what: `A notification ${what}`,
          forge: (body) => signWithText(claimsOf(stage, change(stage)), body, stage.world.credentials.hmacKey),
        },
        ...(more === undefined ? [] : [more]),
      ]),
  }),
);
