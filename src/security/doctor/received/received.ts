import type { JwsFault } from "../../jws.ts";
import { checkOf, type DoctorCheck, notChecked } from "../check.ts";
import { cleanFacts, type SignatureFacts } from "../facts.ts";
import { type LineAnalysis, likeliestLine } from "./line-analysis.ts";
import { type ReceivedMessage, type SenderKnowledge, type SignatureLine, signatureLines } from "./message.ts";
import { likelyMistakes } from "./program-mistakes.ts";
import { checksOf, formFault, hasRightHeader } from "./received-checks.ts";
import { receivedFacts } from "./received-facts.ts";
import { bodyCause, clockCause, joinedCause, nameCause } from "./usual-causes.ts";

export type { ReceivedMessage, SenderKnowledge } from "./message.ts";

/** A mistake that a program may make although the signature is right. */
export interface UsualMistake {
  /** Completes "Your program". */
  readonly cause: string;
  /** The signature that a program with this mistake computes, as base64url. */
  readonly computed?: string;
}

/** Result of a diagnosis of a received message. */
export interface ReceivedDiagnosis extends SignatureFacts {
  /** Whether no check is wrong. Without `computed`, it agrees with `verifyProviderSignature`. */
  readonly ok: boolean;
  /** The first fault, and what to change. */
  readonly sentence: string;
  /** Name of the first check that is wrong. */
  readonly code?: string;
  readonly checks: readonly DoctorCheck[];
  /** If the signature is right: what a program that refuses it may do, likeliest first. */
  readonly mistakes: readonly UsualMistake[];
}

const namesAfterForm = ["alg", "kid", "aud", "key", "signature", "computed", "exp"];

/**
 * Explains to a merchant's developer why their verification of a response or webhook fails. Their program is not
 * visible: the message, and the key and the signature that they give, show what can be concluded.
 */
export function diagnoseReceived(message: ReceivedMessage, known: SenderKnowledge): ReceivedDiagnosis {
  const lines = signatureLines(message.signature);
  const readable = lines.flatMap(({ jws }) => (typeof jws === "string" ? [] : [jws]));
  const analysis = likeliestLine(readable, message, known, (header) => hasRightHeader(header, message, known));
  const checks = allChecks(lines, analysis, message, known).map((check) => ({
    ...check,
    sentence: withoutKeys(check.sentence, message, known),
  }));
  const wrong = checks.find(({ verdict }) => verdict === "wrong");
  const isComputedKnown = message.computed !== undefined;
  const isOnlyOld = wrong === undefined || wrong.name === "exp";
  const mistakes = isOnlyOld && !isComputedKnown ? usualMistakes(analysis, message, lines.length) : [];
  const facts = cleanFacts(receivedFacts(analysis, message, known, checks), (text) =>
    withoutKeys(text, message, known),
  );
  if (wrong !== undefined) {
    return { ok: false, sentence: wrong.sentence, code: wrong.name, checks, mistakes, ...facts };
  }
  const advice = isComputedKnown
    ? checks.find(({ name }) => name === "computed")?.sentence
    : "If your program refuses it, compare what it does with the usual mistakes.";
  return { ok: true, sentence: `The signature is valid. ${advice}`, checks, mistakes, ...facts, comparisons: [] };
}

function allChecks(
  lines: readonly SignatureLine[],
  analysis: LineAnalysis | undefined,
  message: ReceivedMessage,
  known: SenderKnowledge,
): DoctorCheck[] {
  const [first] = lines;
  const count = lines.length;
  if (first === undefined) {
    const missing = "X-Signature is missing: give its value, {b64url header}..{b64url signature}.";
    return unreadable("signature_present", missing, ["form", ...namesAfterForm]);
  }
  const several = `X-Signature has ${count} signatures, one for each active key: one that is right is enough.`;
  const present = checkOf("signature_present", undefined, count === 1 ? "X-Signature has one signature." : several);
  if (analysis !== undefined) return [present, ...checksOf(analysis, message, known)];
  return [present, ...unreadable("form", formFault(first.jws as JwsFault), namesAfterForm)];
}

function unreadable(name: string, fault: string, later: readonly string[]): DoctorCheck[] {
  return [checkOf(name, fault, ""), ...later.map((other) => notChecked(other, "X-Signature cannot be read"))];
}

function usualMistakes(
  analysis: LineAnalysis | undefined,
  { url, body }: ReceivedMessage,
  count: number,
): UsualMistake[] {
  if (analysis?.matchingKey === undefined) return [];
  const { jws, matchingKey: key } = analysis;
  const right = jws.signature.toString("base64url");
  const [first, ...rest] = likelyMistakes({ ...jws, body, key })
    .map(({ cause, signature }) => ({ cause, computed: signature.toString("base64url") }))
    .filter(({ computed }) => computed !== right);
  return [
    ...(count > 1 ? [{ cause: joinedCause(count) }] : []),
    ...(first === undefined ? [] : [first]),
    ...(url === undefined ? [] : [{ cause: nameCause(url) }]),
    { cause: bodyCause },
    { cause: clockCause },
    ...rest,
  ];
}

/** Removes keys from a sentence: sentences are logged. */
function withoutKeys(sentence: string, { hmacKey = "" }: ReceivedMessage, { hmacKeys }: SenderKnowledge): string {
  const keys = [hmacKey, ...hmacKeys.map(({ key }) => key)].filter((key) => key.length >= 8);
  return keys.reduce((text, key) => text.replaceAll(key, "(a secret)"), sentence);
}
