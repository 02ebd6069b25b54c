import type { Answer } from "../api/answer.ts";

/** A response of the provider's API as it is sent. */
export interface SignedResponse {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly status: number;
  /** Values by lower-case name; several lines of one header are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Called with every response. The description is built only when the listener asks for it. */
export type OnSigned = (describe: () => SignedResponse) => void;

/** Describes a response with its signatures. */
export function describeResponse(
  { method, path }: Pick<SignedResponse, "method" | "path">,
  { status, headers, text }: Answer,
  signatures: readonly string[],
): SignedResponse {
  const signature = signatures.length === 0 ? {} : { "x-signature": signatures.join(", ") };
  const lines = Object.entries({ ...headers, ...signature });
  return { method, path, status, headers: Object.fromEntries(lines.map(([n, v]) => [n.toLowerCase(), v])), body: text };
}
