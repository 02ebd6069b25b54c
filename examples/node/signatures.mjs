import { createHmac, sign, timingSafeEqual } from "node:crypto";

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/**
 * Returns the X-Signature of a request: a detached JWS (ES256) over the exact bytes of the body.
 * @param target the path with the query, as it is sent. @param body "" for a request without a body.
 */
export function signRequest({ privateKey, kid, method, target, body, now = Date.now() / 1000 }) {
  const claims = { alg: "ES256", kid, aud: `${method} ${target}`, exp: Math.floor(now) + 180 };
  const header = base64url(JSON.stringify(claims));
  const input = Buffer.from(`${header}.${base64url(body)}`);
  // A JWS has r and s, 32 bytes each. Without this option Node makes DER.
  const signature = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${header}..${base64url(signature)}`;
}

/** Whether a response is the provider's. @param body its exact bytes. */
export function isRightResponse({ secret, signatures, body, now }) {
  return isRight({ secret, signatures, body, now, aud: undefined });
}

/** Whether a webhook is the provider's. @param url of this endpoint, as the provider knows it. */
export function isRightWebhook({ secret, signatures, body, url, now }) {
  return isRight({ secret, signatures, body, now, aud: url });
}

/** While keys rotate there are several signatures: one of them must be right. */
function isRight({ secret, signatures, body, aud, now = Date.now() / 1000 }) {
  return (signatures ?? "").split(", ").some((jws) => {
    const [, header, signature] = /^([\w-]+)\.\.([\w-]+)$/.exec(jws) ?? [];
    if (header === undefined || !hasClaims(header, { aud, now })) return false;
    // The key is the text of the secret. Do not decode it.
    const expected = createHmac("sha256", secret)
      .update(`${header}.${base64url(body)}`)
      .digest("base64url");
    return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  });
}

function hasClaims(header, { aud, now }) {
  try {
    const claims = JSON.parse(Buffer.from(header, "base64url").toString());
    const isCurrent = typeof claims.exp === "number" && claims.exp > now;
    return claims.alg === "HS256" && claims.aud === aud && isCurrent && claims.crit === undefined;
  } catch {
    return false;
  }
}
