import { SandboxError } from "./handle.ts";
import type { Connection } from "./request.ts";
import { signRequest } from "./signing.ts";
import type { Credentials } from "./types.ts";

/** A request to the provider's API. */
interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: object | string | undefined;
}

/** Signs a request with the merchant's key, and sends it. */
export async function sendSigned(
  connection: Connection,
  { kid, privateKey }: Credentials,
  { method, path, body }: ApiRequest,
): Promise<Response> {
  if (privateKey === "") {
    const remedy = "sign the request with signRequest, and send it with fetch";
    throw new SandboxError("invalid_request", `The sandbox does not have the private key of ${kid}: ${remedy}.`);
  }
  if (!path.startsWith("/")) {
    throw new SandboxError("invalid_request", `The path is ${JSON.stringify(path)}; it must begin with /.`);
  }
  const { pathname, search } = new URL(path, "http://localhost");
  const target = pathname + search;
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const signed = { method, target, kid, privateKey, ...(text === undefined ? {} : { body: text }) };
  const headers = { "Content-Type": "application/json", "X-Signature": signRequest(signed) };
  return connection.fetch(target, { method, headers, ...(text === undefined ? {} : { body: text }) });
}
