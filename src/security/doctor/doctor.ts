import type { SignedParts } from "../request-signature.ts";
import { judgeHeader } from "./header.ts";
import {
  check,
  type DoctorCheck,
  type DoctorKnowledge,
  form,
  judgeForm,
  readSignature,
  unjudged,
} from "./lenient-parse.ts";
import { examine, judgeBytes } from "./signature-bytes.ts";

export type { DoctorCheck, DoctorKnowledge } from "./lenient-parse.ts";

/** What the doctor found. */
export interface Diagnosis {
  /** Whether the signature would be taken; the same as `verifyRequestSignature` says. */
  readonly ok: boolean;
  /** One sentence: what to change first. */
  readonly sentence: string;
  /** Everything that was looked at, in the order of the verifier. */
  readonly checks: readonly DoctorCheck[];
}

/**
 * Goes through everything that a request's signature needs, and tells the developer who made it what is wrong and how
 * to mend it. It finds the usual mistakes by trying them out, which for a signature that fits nothing takes some
 * 2,000 verifications: ask it only about a signature that was refused.
 * @param signature the value of `X-Signature`, `undefined` where the header is missing.
 */
export function diagnoseSignature(
  signature: string | undefined,
  parts: SignedParts,
  known: DoctorKnowledge,
): Diagnosis {
  const checks = judge(signature, parts, known).map((one) => ({
    ...one,
    sentence: withoutSecrets(one.sentence, known),
  }));
  const wrong = checks.find(({ verdict }) => verdict === "wrong");
  return { ok: wrong === undefined, sentence: wrong?.sentence ?? "The signature is good.", checks };
}

/** Whoever puts a secret into the header must not find it in a log. */
function withoutSecrets(sentence: string, { hmacKeys }: DoctorKnowledge): string {
  const secrets = hmacKeys.reduce((text, { key }) => text.replaceAll(key, "(a secret)"), sentence);
  return secrets.replace(/-----BEGIN [A-Z ]*PRIVATE KEY[^"]*/g, "(a private key)");
}

function judge(text: string | undefined, parts: SignedParts, known: DoctorKnowledge): DoctorCheck[] {
  const fault = text === undefined ? `X-Signature is missing: send ${form} with every request.` : undefined;
  const present = check("header_present", fault, "X-Signature is there.");
  const reading = readSignature(text ?? "");
  const examination = examine(reading, parts, known);
  const { hmac, other, wrongPayload } = examination;
  const clues = { hmac, otherKid: other?.kid, added: wrongPayload?.added ?? [] };
  const others = [
    ...judgeForm(text ?? "", reading, parts),
    ...judgeHeader(reading, parts, known, clues),
    ...judgeBytes(reading, parts, known, examination),
  ];
  return [
    present,
    ...(fault === undefined ? others : others.map(({ name }) => unjudged(name, "X-Signature is missing"))),
  ];
}
