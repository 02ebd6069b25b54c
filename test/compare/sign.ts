import { createHmac } from "node:crypto";

/** Signs an answer as the provider does. */
export function signWith(body: string, { hmacKey, kid }: { readonly hmacKey: string; readonly kid: string }): string {
  const header = { alg: "HS256", kid, exp: Math.floor(Date.now() / 1000) + 300 };
  const encoded = Buffer.from(JSON.stringify(header)).toString("base64url");
  const payload = Buffer.from(body).toString("base64url");
  const signature = createHmac("sha256", hmacKey).update(`${encoded}.${payload}`).digest("base64url");
  return `${encoded}..${signature}`;
}
