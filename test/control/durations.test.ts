import { expect, test } from "vitest";
import { frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const iso = "must be an ISO 8601 duration like";
const units = "in weeks, days, hours, minutes and seconds";
const setting = 'is "30m"; expected an ISO 8601 duration of at most';

test.each<[method: string, path: string, body: object, sentence: string]>([
  ["POST", "/clock/advance", { by: "30m" }, `by ${iso} PT30M, ${units}.`],
  ["POST", "/keys/rotate", { overlap: "30m" }, `overlap ${iso} PT30M, ${units}.`],
  ["POST", "/worlds", { settings: { expiry: "30m" } }, `settings.expiry ${setting} 36500 days, such as PT30M.`],
  [
    "PATCH",
    "/worlds/2HdN2jq6XWmlkhqRC2gDTNYCvNH",
    { settings: { webhookTimeout: "30m" } },
    `settings.webhookTimeout ${setting} 24 days, such as PT30M.`,
  ],
  [
    "POST",
    "/scenarios/next",
    { scenario: { outcome: "decline", after: "30m" } },
    'scenario.after must be "payer", or an ISO 8601 duration like PT5M.',
  ],
  [
    "POST",
    "/scenarios/next",
    { scenario: { refunds: { after: "30m" } } },
    `scenario.refunds.after ${iso} PT5M, ${units}.`,
  ],
])("%s /_sandbox%s takes only ISO 8601: it refuses %j", async (method, path, body, sentence) => {
  await using sandbox = await frozenSandbox();
  const answer = await sandbox.fetch(`/_sandbox${path}`, { method, body: JSON.stringify(body) });
  const { errors } = (await answer.json()) as { errors: readonly { description: string }[] };
  expect([answer.status, errors.map(({ description }) => description)]).toEqual([400, [sentence]]);
});

test("no member of the provider's API is a duration, and its header for scenarios takes none", async () => {
  await using sandbox = await frozenSandbox();
  expect((await get(sandbox, "/openapi.json")).text).not.toContain('"format":"duration"');
  const answer = await post(sandbox, "/v1/payments", paymentRequest(), { "X-Sandbox-Scenario": "30m" });
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].description).toMatch(/^X-Sandbox-Scenario is unknown: the catalogue has paid, /);
});
