import { jsonOf, memberAt } from "../../steps.ts";
import { nameOf, type Traffic, type TrafficVerdict } from "./traffic.ts";

/** Whether each request has a signature that the sandbox accepts. */
export function judgeSignatures({ exchanges }: Traffic): TrafficVerdict {
  const isSeen = exchanges.length > 0;
  const unsigned = exchanges.find(({ headers }) => headers["x-signature"] === undefined);
  if (unsigned !== undefined) {
    return { isSeen, complaint: `${nameOf(unsigned)} has no X-Signature.`, evidence: [unsigned] };
  }
  const refused = exchanges.find(({ answer }) => answer?.status === 401);
  if (refused === undefined) return { isSeen };
  const diagnosis = refused.answer?.headers.find(([name]) => /^x-sandbox-diagnosis$/i.test(name))?.[1] ?? "";
  const complaint = `The signature of ${nameOf(refused)} is refused with 401. ${diagnosis}`.trim();
  return { isSeen, complaint, evidence: [refused] };
}

const secondsMin = 30;
const secondsMax = 270;

/** Whether `exp` is far enough from now, and from the limit of 300 s, for clocks that differ. */
export function judgeLifetimes({ exchanges }: Traffic): TrafficVerdict {
  const lifetimes = exchanges.flatMap((exchange) => {
    const header = (exchange.headers["x-signature"] ?? "").split(".")[0] ?? "";
    const exp = memberAt(jsonOf(Buffer.from(header, "base64url").toString("utf8")), "/exp");
    return typeof exp === "number" ? [{ exchange, seconds: exp - exchange.startTime / 1000 }] : [];
  });
  const isSeen = lifetimes.length > 0;
  // A program rounds the time to whole seconds.
  const wrong = lifetimes.find(({ seconds }) => seconds < secondsMin - 1 || seconds > secondsMax + 1);
  if (wrong === undefined) return { isSeen };
  const { exchange, seconds } = wrong;
  const complaint =
    `The signature of ${nameOf(exchange)} expires ${Math.round(seconds)} s after the request, ` +
    `expected ${secondsMin} to ${secondsMax} s.`;
  return { isSeen, complaint, evidence: [exchange] };
}
