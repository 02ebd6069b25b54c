import { type DetachedJws, type JwsFault, parseDetachedJws } from "../../jws.ts";

/** A response or webhook of the provider, as a merchant's program received it. */
export interface ReceivedMessage {
  /** The value or values of `X-Signature`. */
  readonly signature: string | readonly string[] | undefined;
  /** The body, as the program verifies it. */
  readonly body: Uint8Array;
  /** URL that the program compares with `aud`; absent for a response. */
  readonly url?: string | undefined;
  /** The shared secret that the program uses. Without it, every known one counts. */
  readonly hmacKey?: string | undefined;
  /** The signature that the program computed. */
  readonly computed?: string | undefined;
}

/** A shared secret, and the merchant that it belongs to. */
export interface ProviderKey {
  readonly kid: string;
  readonly key: string;
  readonly merchantId: string;
}

/** What the sandbox knows about a message. No text of a key appears in a sentence. */
export interface SenderKnowledge {
  /** Real time, in milliseconds. */
  readonly nowMs: number;
  readonly hmacKeys: readonly ProviderKey[];
  /** The body of the notification that the message is about, as the sandbox sent it. */
  readonly sentBody?: string | undefined;
}

/** One signature of `X-Signature`. */
export type SignatureLine = { readonly text: string; readonly jws: DetachedJws | JwsFault };

/** Maximum number of signatures that are read; a rotation has two. */
const linesMax = 10;

/** The signatures in `X-Signature`: separate lines, lines that a server joined, or lines with the header's name. */
export function signatureLines(signature: ReceivedMessage["signature"]): SignatureLine[] {
  return [signature ?? []]
    .flat()
    .flatMap((value) => value.split(/[,\r\n]+/))
    .map((line) => line.replace(/^\s*X-Signature:/i, "").trim())
    .filter((line) => line !== "")
    .slice(0, linesMax)
    .map((text) => ({ text, jws: parseDetachedJws(text) }));
}
