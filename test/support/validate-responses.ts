import { subscribe } from "node:diagnostics_channel";
import { afterAll, afterEach } from "vitest";
import type { SignedResponse } from "../../src/http/middleware/sign-response.ts";
import type { SentWebhook } from "./contract.ts";

// Checks every response and webhook of a sandbox in this process against the OpenAPI document.

interface Recorded {
  readonly responses: SignedResponse[];
  readonly webhooks: SentWebhook[];
}

/** Shared by all test files of the process, because this file runs for each of them. */
const shared = globalThis as { recordedForValidation?: Recorded };
shared.recordedForValidation ??= record();
const { responses, webhooks } = shared.recordedForValidation;

function record(): Recorded {
  const recorded: Recorded = { responses: [], webhooks: [] };
  subscribe("alipay-hk-sandbox.response", (message) => recorded.responses.push(message as SignedResponse));
  subscribe("alipay-hk-sandbox.webhook", (message) => recorded.webhooks.push(message as SentWebhook));
  return recorded;
}

async function complain(): Promise<void> {
  if (responses.length + webhooks.length === 0) return;
  const { responseComplaints, webhookComplaints } = await import("./contract.ts");
  const complaints = [
    ...responses.splice(0).flatMap(responseComplaints),
    ...webhooks.splice(0).flatMap(webhookComplaints),
  ];
  if (complaints.length > 0)
    throw new Error(`Differences from the OpenAPI document:\n${[...new Set(complaints)].join("\n")}`);
}

afterEach(complain);
afterAll(complain);
