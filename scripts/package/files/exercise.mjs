/** Uses a sandbox, with the parts that are loaded at their first use. */
export async function exercise({ createSandbox, SandboxError }) {
  const sandbox = await createSandbox({ log: "silent" });
  const expectStatus = async (path, status) => {
    const response = await sandbox.fetch(new Request(`http://127.0.0.1:8852${path}`));
    if (response.status !== status) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  const world = await sandbox.world();
  const created = await world.request("POST", "/v1/payments", {
    processingAccountId: world.processingAccountId,
    merchantReference: "1001",
    amount: { value: 200, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://shop.example/", flowType: "qr_link" } },
  });
  const { id, nextStep } = await created.json();
  if (!(await expectStatus(new URL(nextStep.redirect.url).pathname, 200)).includes("<svg"))
    throw new Error("no QR code");
  for (const path of ["/", "/docs", "/_sandbox/openapi.json"]) await expectStatus(path, 200);
  await world.payments.act(id, "pay");
  await world.clock.advance("PT30M");
  const refused = await world.payments.act("nothing", "pay").catch((error) => error);
  if (!(refused instanceof SandboxError)) throw new Error(`not a SandboxError: ${refused}`);
  await sandbox.close();
}
