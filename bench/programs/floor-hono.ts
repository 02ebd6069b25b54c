/**
 * The floor of everything that is built on Hono: validate, make an id, keep in a Map, answer. Arguments: the port, and
 * for the signed floor a public key (PEM) by which each request is verified.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { nanoid } from "nanoid";
import { createSchema } from "../floors/create-schema.ts";
import { type PresentedPayment, presentPayment } from "../floors/present.ts";

const [port, publicKeyPem] = process.argv.slice(2);
const publicKey = publicKeyPem === undefined ? undefined : createPublicKey(publicKeyPem);
const payments = new Map<string, PresentedPayment>();
const app = new Hono();

app.post("/v1/payments", async (c) => {
  const body = await c.req.text();
  if (publicKey !== undefined && !isSigned(c.req.header("x-signature"), "POST /v1/payments", body, publicKey)) {
    return c.json({ reason: { code: "unauthorized" } }, 401);
  }
  const parsed = createSchema.safeParse(JSON.parse(body));
  if (!parsed.success) return c.json({ reason: { code: "invalid_request" } }, 400);
  const payment = presentPayment(nanoid(), parsed.data.merchantReference);
  payments.set(payment.id, payment);
  return c.json(payment, 201);
});

app.get("/v1/payments/:id", (c) => {
  const payment = payments.get(c.req.param("id"));
  return payment === undefined ? c.json({ reason: { code: "not_found" } }, 404) : c.json(payment);
});

/** Verifies a detached JWS, ES256, and the members that the product checks. */
function isSigned(signature: string | undefined, audience: string, body: string, key: KeyObject): boolean {
  const [header = "", payload, bytes = ""] = signature?.split(".") ?? [];
  if (payload !== "") return false;
  const { alg, aud, exp } = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
  const aheadSeconds = exp - Date.now() / 1000;
  if (alg !== "ES256" || aud !== audience || !(aheadSeconds > 0 && aheadSeconds <= 300)) return false;
  const input = Buffer.from(`${header}.${Buffer.from(body).toString("base64url")}`);
  return verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(bytes, "base64url"));
}

serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" });
