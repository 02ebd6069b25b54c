import { expect, test } from "vitest";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const own = `/_sandbox/worlds/${account}`;

test.each([
  ["PATCH", own, { settings: { expiry: "PT1M" } }],
  ["GET", own, undefined],
  ["GET", `${own}/clock`, undefined],
  ["POST", `${own}/clock`, { mode: "frozen" }],
  ["POST", "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1M" }],
  ["POST", `${own}/scenarios/next`, { scenario: "expired" }],
  ["GET", `${own}/payments`, undefined],
  ["GET", `${own}/snapshot`, undefined],
  ["POST", `${own}/keys/rotate`, {}],
])("%s %s before the first payment is 404 and names POST /_sandbox/worlds", async (method, path, body) => {
  await using sandbox = await frozenSandbox();
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await sandbox.fetch(path, init);
  expect([response.status, await response.json()]).toEqual([
    404,
    {
      reason: {
        code: "not_found",
        description: `The world "${account}" does not exist. Open it with POST /_sandbox/worlds.`,
      },
    },
  ]);
});

test("rotating the keys of a merchant with several worlds says how many worlds it has", async () => {
  await using sandbox = await frozenSandbox();
  expect((await post(sandbox, "/_sandbox/keys/rotate", {})).body).not.toHaveProperty("worlds");
  await createPayment(sandbox, { account });
  expect((await post(sandbox, `${own}/keys/rotate`, {})).body).toMatchObject({ worlds: 2 });
  expect((await get(sandbox, "/_sandbox/credentials")).body).not.toHaveProperty("worlds");
});
