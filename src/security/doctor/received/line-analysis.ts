import { type DetachedJws, signingInput, verifyHs256 } from "../../jws.ts";
import { repairedKeys } from "./key-fault.ts";
import type { ReceivedMessage, SenderKnowledge } from "./message.ts";
import { sentBodies } from "./sent-bodies.ts";

/** Maximum number of keys that are tried besides those that the message suggests. */
const otherKeysMax = 200;
/** Size from which a body is tried only with the keys that the message suggests, in bytes. */
const largeBody = 64 * 1024;

/** What the bytes of one signature reveal. */
export interface LineAnalysis {
  readonly jws: DetachedJws;
  /** Whether it matches the body as given, with an accepted key. */
  readonly isMatch: boolean;
  /** Text of the key that made it, if one was found. */
  readonly matchingKey: string | undefined;
  /** Why it does not match, apart from the key. */
  readonly bodyFault: string | undefined;
  /** The body that it matches; `undefined` if none was found. */
  readonly signedBody: Uint8Array | undefined;
}

/** The signature that is nearest to a right one. @param hasRightHeader checks all but the signature itself. */
export function likeliestLine(
  all: readonly DetachedJws[],
  message: ReceivedMessage,
  known: SenderKnowledge,
  hasRightHeader: (header: DetachedJws["header"]) => boolean,
): LineAnalysis | undefined {
  const analyses = all.map((jws) => analyse(jws, message, known));
  return (
    analyses.find(({ jws, isMatch }) => isMatch && hasRightHeader(jws.header)) ??
    analyses.find(({ isMatch }) => isMatch) ??
    analyses.find(({ matchingKey }) => matchingKey !== undefined) ??
    analyses[0]
  );
}

function analyse(jws: DetachedJws, { body, hmacKey }: ReceivedMessage, known: SenderKnowledge): LineAnalysis {
  const { encodedHeader, header, signature } = jws;
  const base = { jws, isMatch: false, matchingKey: undefined, bodyFault: undefined, signedBody: undefined };
  const named = known.hmacKeys.filter(({ kid }) => kid === header.kid).map(({ key }) => key);
  const others = known.hmacKeys.slice(0, body.length > largeBody ? 0 : otherKeysMax).map(({ key }) => key);
  const accepted = hmacKey === undefined ? [...named, ...others] : [hmacKey];
  const repaired = hmacKey === undefined ? [] : [...repairedKeys(hmacKey)].map(({ key }) => key);
  const candidates = [...new Set([...accepted, ...named, ...repaired, ...others])];
  const signerOf = (payload: Uint8Array, bytes: Uint8Array = signature) => {
    const input = signingInput(encodedHeader, payload);
    return candidates.find((key) => verifyHs256(input, bytes, key));
  };
  const exact = signerOf(body);
  if (exact !== undefined) return { ...base, isMatch: accepted.includes(exact), matchingKey: exact, signedBody: body };
  const flipped = signerOf(
    body,
    signature.map((byte) => byte ^ 0xff),
  );
  if (flipped !== undefined) {
    const reason = "it was made wrong by the scenario bad_signature, so your program is right to refuse it";
    return { ...base, matchingKey: flipped, bodyFault: `The signature does not match: ${reason}.`, signedBody: body };
  }
  for (const { bytes, description, remedy } of sentBodies(body, known.sentBody)) {
    const key = signerOf(bytes);
    if (key === undefined) continue;
    const bodyFault = `The signature does not match the body that you verify, but ${description}: ${remedy}.`;
    return { ...base, matchingKey: key, bodyFault, signedBody: bytes };
  }
  return base;
}
