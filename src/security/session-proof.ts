import { createHmac } from "node:crypto";

/** Binds a session to the admin token that began it, without revealing the token. */
export function sessionProof(adminToken: string, sessionId: string): string {
  return createHmac("sha256", adminToken).update(sessionId).digest("base64url");
}
