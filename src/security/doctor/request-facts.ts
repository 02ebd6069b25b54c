import { signingInput } from "../jws.ts";
import { requestAudience, requestExpirySecondsMax, type SignedParts } from "../request-signature.ts";
import { type DoctorCheck, type DoctorKnowledge, quoted } from "./check.ts";
import { type Comparison, compare, type ExpectedMember, headerMembers, type SignatureFacts } from "./facts.ts";
import type { ParsedSignature } from "./lenient-parse.ts";
import type { SignatureAnalysis } from "./signature-bytes.ts";

/** Facts about the signature of a request. */
export function requestFacts(
  parsed: ParsedSignature,
  request: SignedParts,
  known: DoctorKnowledge,
  analysis: SignatureAnalysis,
  checks: readonly DoctorCheck[],
): SignatureFacts {
  const { header } = parsed;
  if (header === undefined) return { comparisons: [] };
  return {
    header: headerMembers(header, expectedMembers(header, request, known, analysis, checks)),
    comparisons: comparisonsOf(parsed, header.aud, request, analysis),
  };
}

function expectedMembers(
  header: Readonly<Record<string, unknown>>,
  request: SignedParts,
  known: DoctorKnowledge,
  { otherCredential }: SignatureAnalysis,
  checks: readonly DoctorCheck[],
): ExpectedMember[] {
  const verdictOf = (name: string) => checks.find((check) => check.name === name)?.verdict ?? "unknown";
  const now = Math.floor(known.nowMs / 1000);
  const isNamed = known.credentials.some(({ kid }) => kid === header.kid);
  const rightKid = otherCredential?.kid ?? (isNamed ? header.kid : undefined);
  const requiresB64 = Array.isArray(header.crit) && header.crit.includes("b64");
  const crit = { expected: "no crit", verdict: verdictOf("crit"), optional: true } as const;
  return [
    { name: "alg", expected: '"ES256"', verdict: verdictOf("alg") },
    {
      name: "kid",
      expected: rightKid === undefined ? "the kid of a registered key" : quoted(rightKid),
      verdict: rightKid === undefined || rightKid === header.kid ? verdictOf("kid") : "wrong",
    },
    { name: "aud", expected: quoted(requestAudience(request)), verdict: verdictOf("aud") },
    {
      name: "exp",
      expected: `seconds since 1970, at most ${requestExpirySecondsMax} s after ${now}, the time of the check`,
      verdict: verdictOf("exp"),
    },
    { name: "crit", ...crit },
    ...(requiresB64 ? [{ name: "b64", ...crit, expected: "no b64" }] : []),
  ];
}

function comparisonsOf(
  { encodedHeader, payload }: ParsedSignature,
  aud: unknown,
  request: SignedParts,
  { wrongPayload, isMatch, otherCredential }: SignatureAnalysis,
): Comparison[] {
  const { body } = request;
  const right = signingInput(encodedHeader, body);
  const isOverRightBytes = isMatch === true || otherCredential !== undefined;
  const found = isOverRightBytes ? { input: right, payload: body } : wrongPayload;
  return [
    compare("aud", requestAudience(request), typeof aud === "string" ? aud : undefined),
    compare("body", body, found === undefined ? payload : found.payload),
    compare("signing_input", right, found?.input),
  ];
}
