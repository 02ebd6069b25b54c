import { type Attempt, isExtra, type Notification } from "../../../domain/notification.ts";
import { quoted } from "../check.ts";
import { otherSpelling } from "./audience.ts";
import { signatureLines } from "./message.ts";
import { bodyCause, clockCause, joinedCause, keyCause, nameCause } from "./usual-causes.ts";

/** Facts about an attempt that the endpoint refused. */
interface RejectionFacts {
  readonly url: string;
  /** The scenario that made the signature wrong. */
  readonly flaw: Notification["plan"];
  /** Number of signatures. */
  readonly count: number;
  /** Real time at which the signature expires, in milliseconds; `undefined` if it does not say. */
  readonly expiryMs: number | undefined;
  /** World time, in milliseconds. */
  readonly startedAt: number;
  /** The response: its text, and the header that asks for a login. */
  readonly text: string;
  readonly challenge: string | undefined;
}

/** A cause of a 401 or 403, and the evidence for it. */
interface RejectionCause {
  readonly applies: (facts: RejectionFacts) => boolean;
  readonly sentence: (facts: RejectionFacts) => string;
}

/** Beyond it, an instant has no date. */
const secondsMax = 8.64e12;
const yourProgram = (cause: string) => `The signature was right when it was sent. Your program probably ${cause}.`;
const instant = (time: number) => new Date(time).toISOString();

/** The causes, those with the strongest evidence first. The last one needs none. */
const causes: readonly RejectionCause[] = [
  {
    applies: ({ flaw }) => flaw === "bad_signature",
    sentence: () => "The scenario bad_signature made the signature wrong: your endpoint is right to refuse it.",
  },
  {
    applies: ({ flaw }) => flaw === "expired_signature",
    sentence: () => "The scenario expired_signature sent an exp in the past: your endpoint is right to refuse it.",
  },
  {
    applies: ({ challenge }) => challenge !== undefined && !/^bearer\b/i.test(challenge),
    sentence: ({ challenge }) =>
      `The response asks for a login (WWW-Authenticate: ${quoted(challenge)}), which the provider does not have: ` +
      "let webhooks pass without it, and verify their signature.",
  },
  {
    applies: ({ text }) => /csrf|xsrf|forgery/i.test(text),
    sentence: () => "The response is about CSRF, not about the signature: exempt the webhook's path from that check.",
  },
  { applies: ({ text }) => /\bexp\b|expir/i.test(text), sentence: clockSentence },
  { applies: ({ text }) => /\baud\b|audience/i.test(text), sentence: ({ url }) => yourProgram(nameCause(url)) },
  { applies: ({ startedAt, expiryMs }) => expiryMs !== undefined && startedAt >= expiryMs, sentence: clockSentence },
  { applies: ({ count }) => count > 1, sentence: ({ count }) => yourProgram(joinedCause(count)) },
  {
    applies: ({ url }) => URL.canParse(url) && new URL(url).href !== url,
    sentence: ({ url }) => yourProgram(nameCause(url)),
  },
  {
    applies: () => true,
    sentence: ({ url }) =>
      `${yourProgram(keyCause)} Other causes: it ${otherSpelling(url) === undefined ? "" : `${nameCause(url)}; it `}` +
      `${bodyCause}. The command "doctor webhook" finds out.`,
  },
];

function clockSentence({ startedAt, expiryMs }: RejectionFacts): string {
  if (expiryMs === undefined) return yourProgram(clockCause);
  return `${yourProgram(clockCause)} exp is ${instant(expiryMs)}, and the world's clock was at ${instant(startedAt)}.`;
}

/** The likeliest cause of a 401 or 403 to a webhook; `undefined` for another response. */
export function explainRejection(notification: Notification, attempt: Attempt): string | undefined {
  const { answer, url, requestHeaders, startedAt } = attempt;
  if (answer === undefined || (answer.status !== 401 && answer.status !== 403)) return undefined;
  const lines = signatureLines(requestHeaders.filter(([name]) => name === "x-signature").map(([, value]) => value));
  const exps = lines.map(({ jws }) => (typeof jws === "string" ? undefined : jws.header.exp));
  const [exp] = exps.filter((value) => typeof value === "number" && Math.abs(value) < secondsMax) as number[];
  const facts: RejectionFacts = {
    url,
    flaw: isFirstScheduled(notification, attempt) ? notification.plan : undefined,
    count: lines.length,
    expiryMs: exp === undefined ? undefined : exp * 1000,
    startedAt,
    text: answer.body,
    challenge: answer.headers?.find(([name]) => name.toLowerCase() === "www-authenticate")?.[1],
  };
  return causes.find(({ applies }) => applies(facts))?.sentence(facts);
}

function isFirstScheduled({ attempts }: Notification, attempt: Attempt): boolean {
  return attempts.find((made) => !isExtra(made)) === attempt;
}
