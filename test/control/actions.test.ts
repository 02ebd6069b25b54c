import { expect, test } from "vitest";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const actions = ["pay", "decline", "cancel"] as const;

test.each(actions)("%s has the same result by the control route, the handle and the page", async (action) => {
  await using sandbox = await frozenSandbox();
  const [byRoute, byHandle, byButton] = await Promise.all([1, 2, 3].map(() => createPayment(sandbox)));
  if (byRoute === undefined || byHandle === undefined || byButton === undefined)
    throw new Error("expected three payments");

  const answer = await post(sandbox, `/_sandbox/payments/${byRoute.id}/actions`, { action });
  const handled = await sandbox.payments.act(byHandle.id, action);
  const wallet = byButton.nextStep.redirect.url.replace("/pay/", "/wallet/");
  await sandbox.fetch(`${wallet}/actions`, { method: "POST", body: new URLSearchParams({ action }) });

  const reads = await Promise.all([byRoute, byHandle, byButton].map(({ id }) => get(sandbox, `/v1/payments/${id}`)));
  expect([answer.body, handled]).toEqual([reads[0]?.body, reads[1]?.body]);
  const withoutIds = reads.map(({ body: { id: _, trackingUrl: __, ...rest } }) => rest);
  expect(withoutIds[1]).toEqual(withoutIds[0]);
  expect(withoutIds[2]).toEqual(withoutIds[0]);
});

test("scan marks the payment and leaves it pending", async () => {
  await using sandbox = await frozenSandbox();
  const { id, nextStep } = await createPayment(sandbox);
  const status = `${nextStep.redirect.url}/status`;
  expect((await get(sandbox, status)).body).toMatchObject({ status: "pending", scanned: false });
  expect((await sandbox.payments.act(id, "scan")).status).toBe("pending");
  expect((await get(sandbox, status)).body).toMatchObject({ status: "pending", scanned: true });
});

test("an action on a final payment is refused and changes nothing", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  await sandbox.payments.act(id, "cancel");
  const before = (await get(sandbox, `/v1/payments/${id}`)).body;
  await sandbox.clock.advance("PT1S");
  const answer = await post(sandbox, `/_sandbox/payments/${id}/actions`, { action: "pay" });
  expect([answer.status, answer.body.reason]).toEqual([
    409,
    { code: "action_not_allowed", description: "The action pay is not possible for a payment that is aborted." },
  ]);
  expect((await get(sandbox, `/v1/payments/${id}`)).body).toEqual(before);
});

test("an unknown payment is not found", async () => {
  await using sandbox = await frozenSandbox();
  expect((await post(sandbox, "/_sandbox/payments/x/actions", { action: "pay" })).status).toBe(404);
  await expect(sandbox.payments.act("x", "pay")).rejects.toMatchObject({ code: "not_found" });
});

test.each([
  [{}, "action", "action is missing."],
  [{ action: "refund" }, "action", 'action must be "scan" or "pay" or "decline" or "cancel" or "expire" or "fail".'],
  [{ action: "decline", reason: "no" }, "reason", undefined],
  [{ action: "pay", amount: 5 }, "amount", "amount is not known here."],
  ["[]", "", "The body must be an object."],
])("%j has an error at %j", async (body, path, description) => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  const answer = await post(sandbox, `/_sandbox/payments/${id}/actions`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.errors).toEqual([
    { path, code: "invalid_request", description: description ?? expect.any(String) },
  ]);
});

test.each(["hong_kong", "mainland"])("the control view has the wallet of the payer: %s", async (wallet) => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  expect((await get(sandbox, `/_sandbox/payments/${id}`)).body.wallet).toBeUndefined();
  await post(sandbox, `/_sandbox/payments/${id}/actions`, { action: "pay", wallet });
  const { body } = await get(sandbox, `/_sandbox/payments/${id}`);
  expect([body.wallet, body.amount.currency]).toEqual([wallet, "hkd"]);
  expect(body.timeline.find(({ kind }: { kind: string }) => kind === "status").wallet).toBe(wallet);
});
