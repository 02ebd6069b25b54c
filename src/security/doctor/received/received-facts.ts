import { type DoctorCheck, quoted } from "../check.ts";
import { compare, type ExpectedMember, headerMembers, type SignatureFacts } from "../facts.ts";
import type { LineAnalysis } from "./line-analysis.ts";
import type { ReceivedMessage, SenderKnowledge } from "./message.ts";

/**
 * Facts about the signature of a received message. Expected is what the sandbox signed; given is what the merchant's
 * program verifies.
 */
export function receivedFacts(
  analysis: LineAnalysis | undefined,
  { url, body }: ReceivedMessage,
  { nowMs, hmacKeys }: SenderKnowledge,
  checks: readonly DoctorCheck[],
): SignatureFacts {
  if (analysis === undefined) return { comparisons: [] };
  const { header } = analysis.jws;
  const { aud, kid } = header;
  const verdictOf = (name: string) => checks.find((check) => check.name === name)?.verdict ?? "unknown";
  const isKnown = hmacKeys.some((key) => key.kid === kid);
  const expected: ExpectedMember[] = [
    { name: "alg", expected: '"HS256"', verdict: header.alg === "HS256" ? "ok" : "wrong" },
    { name: "kid", expected: isKnown ? quoted(kid) : "the kid of a key of the sandbox", verdict: verdictOf("kid") },
    {
      name: "aud",
      expected: url === undefined ? "no aud" : quoted(url),
      verdict: verdictOf("aud"),
      ...(url === undefined ? { optional: true } : {}),
    },
    {
      name: "exp",
      expected: `seconds since 1970, after ${Math.floor(nowMs / 1000)}, the time of the check`,
      verdict: verdictOf("exp"),
    },
    { name: "crit", expected: "no crit", verdict: "wrong", optional: true },
  ];
  const { signedBody } = analysis;
  return {
    header: headerMembers(header, expected),
    comparisons: [
      ...(typeof aud === "string" && url !== undefined ? [compare("aud", aud, url)] : []),
      ...(signedBody === undefined ? [] : [compare("body", signedBody, body)]),
    ],
  };
}
