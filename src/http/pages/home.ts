import { html } from "hono/html";
import type { Page } from "./layout.ts";

/**
 * What a person sees who opens the sandbox's address.
 * @param controlIsOpen whether the control surface answers without a token.
 */
export function homePage(base: string, controlIsOpen: boolean): Page {
  return {
    title: "Running",
    body: html`<h1>Alipay HK sandbox</h1>
      <p class="amount">Running</p>
      <p>Send your payments to <code>${base}/v1/payments</code> and open the URL in <code>nextStep</code>.</p>
      <p class="note">Every request and answer: <a href="/docs">/docs</a></p>
      <p class="note">
        Keys and ids of the demo merchant:
        ${controlIsOpen ? html`<a href="/_sandbox/credentials">/_sandbox/credentials</a>` : "GET /_sandbox/credentials, with the admin token"}
      </p>
      <p class="note">Not affiliated with Alipay or NomuPay.</p>`,
  };
}
