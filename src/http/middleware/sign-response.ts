import type { ContractChanges } from "../../domain/contract-rules.ts";
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
  /** The contract profile that it follows; `mixed` if each part of the body follows its own. */
  readonly contract: ContractChanges | "mixed" | undefined;
}

/** Called with every response. The description is built only when the listener asks for it. */
export type OnSigned = (describe: () => SignedResponse) => void;

/** Describes a response with its signatures. */
export function describeResponse(
  { method, path }: Pick<SignedResponse, "method" | "path">,
  { status, headers, text }: Answer,
  signatures: readonly string[],
  contract: SignedResponse["contract"],
): SignedResponse {
  const signature = signatures.length === 0 ? {} : { "x-signature": signatures.join(", ") };
  const lines = Object.entries({ ...headers, ...signature });
  const lowered = Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path, status, headers: lowered, body: text, contract };
}
