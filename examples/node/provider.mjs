import { createPrivateKey } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isRightResponse, isRightWebhook, signRequest } from "./signatures.mjs";

const triesMax = 3;
const timeoutMs = 15_000;

/** Signed calls of NomuPay's API. Each response is verified before it is used. */
export class Provider {
  constructor({ baseUrl, account, kid, privateKey, hmacKey }) {
    // Anybody could sign with an empty key.
    if (!hmacKey) throw new Error("NOMUPAY_HMAC_KEY is empty.");
    Object.assign(this, { baseUrl, account, kid, secret: hmacKey });
    this.privateKey = createPrivateKey(privateKey.replaceAll("\\n", "\n"));
  }

  /**
   * Returns status and content. Repeats a request without a response, with the same target and body: the idempotency
   * key in the target makes that safe.
   */
  async call(method, target, content) {
    const body = content === undefined ? "" : JSON.stringify(content);
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await this.#send(method, target, body);
        // After a 500 the request may have been carried out, as after a lost response.
        if (answer.status < 500 || tries === triesMax) return this.#verified(answer, `${method} ${target}`);
      } catch (error) {
        if (error.name === "WrongSignature" || tries === triesMax) throw error;
      }
      await pause(100 * tries);
    }
  }

  /** Reads a payment or a refund. A signature does not name its request, so the response must have the id. */
  async read({ id, trackingUrl }) {
    const { status, content } = await this.call("GET", trackingUrl);
    if (status !== 200 || content.id !== id) throw new Error(`GET ${trackingUrl}: ${status}, not the state of ${id}.`);
    return content;
  }

  /** Whether the provider sent a webhook. @param url of this endpoint, as the provider knows it. */
  hasSent({ signatures, body, url }) {
    return isRightWebhook({ secret: this.secret, signatures, body, url });
  }

  async #send(method, target, body) {
    const { kid, privateKey } = this;
    const signature = signRequest({ privateKey, kid, method, target, body });
    const response = await fetch(this.baseUrl + target, {
      method,
      headers: { "X-Signature": signature, "Content-Type": "application/json" },
      // A redirect has no signature: following it would send the request to anybody.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === "" ? {} : { body }),
    });
    const { status, headers } = response;
    return { status, signatures: headers.get("X-Signature"), body: Buffer.from(await response.arrayBuffer()) };
  }

  #verified({ status, signatures, body }, request) {
    if (!isRightResponse({ secret: this.secret, signatures, body })) {
      const error = new Error(`The response to ${request} is not signed by the provider.`);
      throw Object.assign(error, { name: "WrongSignature" });
    }
    return { status, content: JSON.parse(body.toString()) };
  }
}
