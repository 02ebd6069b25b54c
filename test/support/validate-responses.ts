import { subscribe } from "node:diagnostics_channel";
import { afterAll, afterEach } from "vitest";
import type { SignedResponse } from "../../src/http/middleware/sign-response.ts";
import type { SentWebhook } from "./contract.ts";

// Whatever a sandbox in this process answers or sends during a test is held against the OpenAPI document.

const responses: SignedResponse[] = [];
const webhooks: SentWebhook[] = [];
subscribe("alipay-hk-sandbox.response", (message) => responses.push(message as SignedResponse));
subscribe("alipay-hk-sandbox.webhook", (message) => webhooks.push(message as SentWebhook));

async function complain(): Promise<void> {
  if (responses.length + webhooks.length === 0) return;
  const { responseComplaints, webhookComplaints } = await import("./contract.ts");
  const complaints = [
    ...responses.splice(0).flatMap(responseComplaints),
    ...webhooks.splice(0).flatMap(webhookComplaints),
  ];
  if (complaints.length > 0)
    throw new Error(`Not as the OpenAPI document says:\n${[...new Set(complaints)].join("\n")}`);
}

afterEach(complain);
afterAll(complain);
