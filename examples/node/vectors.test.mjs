import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isRightResponse, isRightWebhook, signRequest } from "./signatures.mjs";

const folder = process.env.VECTORS ?? new URL("../../fixtures/vectors", import.meta.url).pathname;
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
const bytes = (vector) => Buffer.from(vector.payload, "base64");

const received = [
  ["responses", isRightResponse],
  ["webhooks", isRightWebhook],
];
for (const [file, isRight] of received) {
  const { now, vectors } = read(file);
  for (const vector of vectors) {
    test(`${file}: ${vector.name}`, () => {
      const message = { secret: vector.key, body: bytes(vector), url: vector.url, now };
      assert.equal(isRight({ ...message, signatures: vector.signature }), vector.verdict === "accepted");
      const { rightSignature } = vector;
      if (rightSignature !== undefined) assert.ok(isRight({ ...message, signatures: rightSignature }));
    });
  }
}

const { now, keys, vectors } = read("requests");
for (const vector of vectors) {
  test(`requests: ${vector.name}`, () => {
    const { kid, privateKey, publicKey } = keys[0];
    const { method, target } = vector;
    const body = bytes(vector);
    const key = createPrivateKey(privateKey);
    const jws = signRequest({ privateKey: key, kid, method, target, body, now });
    const [header, signature] = jws.split("..");
    const claims = JSON.parse(Buffer.from(header, "base64url").toString());
    assert.deepEqual(claims, { alg: "ES256", kid, aud: `${method} ${target}`, exp: now + 180 });
    const input = Buffer.from(`${header}.${body.toString("base64url")}`);
    const verifier = { key: createPublicKey(publicKey), dsaEncoding: "ieee-p1363" };
    assert.ok(verify("sha256", input, verifier, Buffer.from(signature, "base64url")));
  });
}
