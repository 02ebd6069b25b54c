import { compressedRequestNote } from "../../domain/compression.ts";
import type { SignedParts } from "../request-signature.ts";
import { checkOf, type DoctorCheck, type DoctorKnowledge, notChecked } from "./check.ts";
import { cleanFacts, type SignatureFacts } from "./facts.ts";
import { checkHeader } from "./header.ts";
import { checkForm, expectedForm, type ParsedSignature, parseLeniently } from "./lenient-parse.ts";
import { requestFacts } from "./request-facts.ts";
import { analyseSignature, checkSignature, type SignatureAnalysis } from "./signature-bytes.ts";

export type { DoctorCheck, DoctorKnowledge } from "./check.ts";

/** Result of a diagnosis. */
export interface Diagnosis extends SignatureFacts {
  /** Whether the signature is accepted; agrees with `verifyRequestSignature`. */
  readonly ok: boolean;
  /** The first fault, and what to change. */
  readonly sentence: string;
  /** Name of the first check that is wrong. */
  readonly code?: string;
  /** Every check, in the order of the verifier. */
  readonly checks: readonly DoctorCheck[];
}

/**
 * Explains to a developer what is wrong with a request's signature, and what to change. It tries out the usual
 * mistakes; for a signature that matches nothing that takes up to 2,000 verifications, so call it only for a
 * signature that was refused.
 * @param signature the value of `X-Signature`, `undefined` if the header is missing.
 */
export function diagnoseSignature(
  signature: string | undefined,
  request: SignedParts,
  known: DoctorKnowledge,
): Diagnosis {
  const parsed = parseLeniently(signature ?? "");
  const analysis = analyseSignature(parsed, request, known);
  const checks = allChecks(signature, parsed, request, known, analysis).map((check) => ({
    ...check,
    sentence: withoutSecrets(check.sentence, known),
  }));
  const firstWrong = checks.find(({ verdict }) => verdict === "wrong");
  const notes = [compressedRequestNote(request.body), analysis.isSearchSkipped ? searchSkipped : undefined];
  const sentences = [firstWrong?.sentence ?? "The signature is valid.", ...notes.filter((note) => note !== undefined)];
  const sentence = sentences.join(" ");
  const facts = cleanFacts(requestFacts(parsed, request, known, analysis, checks), (text) =>
    withoutSecrets(text, known),
  );
  if (firstWrong === undefined) return { ok: true, sentence, checks, ...facts, comparisons: [] };
  return { ok: false, sentence, code: firstWrong.name, checks, ...facts };
}

const searchSkipped =
  "The search for the cause was skipped, because there were many wrong signatures: try again in a second.";

/** Removes secrets that a developer put into the header by mistake: sentences are logged. */
function withoutSecrets(sentence: string, { hmacKeys }: DoctorKnowledge): string {
  const withoutHmacKeys = hmacKeys.reduce((text, { key }) => text.replaceAll(key, "(a secret)"), sentence);
  return withoutHmacKeys.replace(/-----BEGIN [A-Z ]*PRIVATE KEY[^"]*/g, "(a private key)");
}

function allChecks(
  signature: string | undefined,
  parsed: ParsedSignature,
  request: SignedParts,
  known: DoctorKnowledge,
  analysis: SignatureAnalysis,
): DoctorCheck[] {
  const missing = `X-Signature is missing: send ${expectedForm} with every request.`;
  const { hmacFault, otherCredential, wrongPayload } = analysis;
  const hints = { hmacFault, otherKid: otherCredential?.kid, addedClaims: wrongPayload?.addedClaims ?? [] };
  const others = [
    ...checkForm(signature ?? "", parsed, request),
    ...checkHeader(parsed, request, known, hints),
    ...checkSignature(parsed, request, known, analysis),
  ];
  if (signature !== undefined) return [checkOf("header_present", undefined, "X-Signature is present."), ...others];
  return [
    checkOf("header_present", missing, ""),
    ...others.map(({ name }) => notChecked(name, "X-Signature is missing")),
  ];
}
