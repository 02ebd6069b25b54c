import { createHmac, createPrivateKey, sign } from "node:crypto";
import { webhookUserAgent } from "../../../domain/notification.ts";
import type { Notification } from "../../mailbox.ts";
import type { Purchase } from "../../purchase.ts";
import type { Random } from "../../random.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf } from "../../steps.ts";

/** Header of a signature as a forger writes it. */
export type Claims = Readonly<Record<string, unknown>>;

/** Header of a genuine signature with the newest key, for the merchant's endpoint. */
export function claimsOf(stage: Stage, change: Claims = {}): Claims {
  const exp = Math.floor(stage.nowMs() / 1000) + 300;
  return { alg: "HS256", kid: stage.world.credentials.hmacKid, aud: stage.run.signedUrl, exp, ...change };
}

/** Base64url of the JSON of a value. */
export function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Signs a body as HS256 with the bytes of a text. @returns the compact detached form. */
export function signWithText(claims: Claims, body: string, key: string): string {
  const header = encodeJson(claims);
  const input = `${header}.${Buffer.from(body).toString("base64url")}`;
  return `${header}..${createHmac("sha256", key).update(input).digest("base64url")}`;
}

/** Signs a body as ES256. @param privateKey PEM. @returns the compact detached form. */
export function signWithPrivateKey(claims: Claims, body: string, privateKey: string): string {
  const header = encodeJson(claims);
  const input = Buffer.from(`${header}.${Buffer.from(body).toString("base64url")}`);
  const key = createPrivateKey(privateKey);
  return `${header}..${sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An id that the sandbox never made. */
export function foreignId(random: Random): string {
  return `2${Array.from({ length: 26 }, () => base62[random.below(base62.length)]).join("")}`;
}

/**
 * What the notification of a captured payment would be, for a payment that is pending.
 * @param change members of the payload in place of the genuine ones.
 */
export function capturedNotification(stage: Stage, purchase: Purchase, change: Claims = {}): Notification {
  const created = jsonOf(purchase.create.answer?.body ?? "") as Readonly<Record<string, unknown>>;
  const { id: paymentId, merchantReference, trackingUrl } = created;
  const time = new Date(stage.nowMs()).toISOString();
  const payload = {
    ...{ id: paymentId, merchantReference, status: "captured", trackingUrl },
    ...{ amount: { value: purchase.amount, currency: "hkd" }, createTime: time, updateTime: time },
    ...change,
  };
  // Its own id: a receiver that drops repeated notifications must see each forgery as a new one.
  const id = foreignId(stage.random);
  return {
    ...{ id, type: "payment", payload, url: stage.run.signedUrl },
    body: JSON.stringify({ id, type: "payment", live: false, createTime: time, payload }),
    headers: { "content-type": "application/json", "user-agent": webhookUserAgent },
  };
}
