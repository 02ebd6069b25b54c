import { describe, expect, test } from "vitest";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";
import { readSvg } from "../support/qr.ts";
import { insides, leadsTo, paymentPage, submit, testids, textsOf } from "./reading.ts";

/** Name and address of each link to another world. */
function linksIn(html: string): [name: string, href: string][] {
  const hrefs = [...html.matchAll(/<a href="([^"]*)" data-testid="busy-world">/g)].map(([, href = ""]) => href);
  return textsOf(html, "busy-world").map((name, index) => [name, hrefs[index] ?? ""]);
}

describe("a world without payments", () => {
  test("names the worlds that have payments, the newest first, with links", async () => {
    await using sandbox = await frozenSandbox();
    const [first, , third] = [
      await sandbox.world({ settings: { merchantName: "Harbour & Co" } }),
      await sandbox.world({ settings: { merchantName: "No payment here" } }),
      await sandbox.world({ settings: { merchantName: "Peak" } }),
    ];
    for (const { processingAccountId: account } of [first, third]) await createPayment(sandbox, { account });
    const { text } = await get(sandbox, "/");
    expect(linksIn(text)).toEqual([
      ["Peak", `/?world=${third.processingAccountId}`],
      ["Harbour & Co", `/?world=${first.processingAccountId}`],
    ]);
    expect(textsOf(text, "busy-worlds").join()).not.toContain("No payment here");
    expect(textsOf((await get(sandbox, linksIn(text)[1]?.[1] ?? "")).text, "payment-row")).toHaveLength(1);
  });

  test("names the demo world too, and at most five", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox);
    const empty = await sandbox.world();
    const page = async () => linksIn((await get(sandbox, `/?world=${empty.processingAccountId}`)).text);
    expect(await page()).toEqual([["Demo merchant", "/"]]);
    for (let opened = 0; opened < 6; opened += 1) {
      const { processingAccountId: account } = await sandbox.world({ settings: { merchantName: `Shop ${opened}` } });
      await createPayment(sandbox, { account });
    }
    expect((await page()).map(([name]) => name)).toEqual(["Shop 5", "Shop 4", "Shop 3", "Shop 2", "Shop 1"]);
  });

  test("names none if there is none, nor beside its own payments, nor for a search without a match", async () => {
    await using sandbox = await frozenSandbox();
    const { text } = await get(sandbox, "/");
    expect(testids(text)).toContain("test-payment");
    expect(testids(text)).not.toContain("busy-worlds");
    const { processingAccountId: account } = await sandbox.world();
    await createPayment(sandbox, { account });
    expect(testids((await get(sandbox, "/?q=nothing")).text)).not.toContain("busy-worlds");
    await createPayment(sandbox);
    const then = testids((await get(sandbox, "/")).text);
    expect(then).not.toContain("busy-worlds");
    expect(then).not.toContain("test-payment");
  });

  test("offers a test payment also after a call that was refused, and shows the call", async () => {
    await using sandbox = await frozenSandbox();
    await get(sandbox, "/v1/payments", { "X-Signature": "a.b" });
    const { text } = await get(sandbox, "/");
    expect(testids(text)).toEqual(expect.arrayContaining(["test-payment", "request"]));
  });

  test.each([true, false])("offers the demo shop if it is enabled: %s", async (demo) => {
    await using sandbox = await frozenSandbox({ demo });
    expect(testids((await get(sandbox, "/")).text).includes("buy")).toBe(demo);
  });
});

describe("a test payment", () => {
  test.each(["verify", "require", "off"] as const)(
    "is created with a signed call, and its page opens: %s",
    async (auth) => {
      await using sandbox = await frozenSandbox({ auth });
      const answer = await submit(sandbox, "/inspector/payments");
      const [{ id, status }] = (await get(sandbox, "/_sandbox/payments")).body.data;
      expect([answer.status, leadsTo(answer)]).toEqual([303, `/inspector/payments/${id}`]);
      expect(status).toBe("pending");
      const [line = ""] = insides(await paymentPage(sandbox, id), "line");
      expect(line).toContain("POST");
      if (auth !== "off") expect(line).toContain("signature valid");
    },
  );

  test("is the one of the command on the page, and leads the payer back to the inspector of its world", async () => {
    await using sandbox = await frozenSandbox({ publicUrl: "https://pay.example.com/sandbox" });
    const { processingAccountId } = await sandbox.world();
    const { text } = await get(sandbox, `/?world=${processingAccountId}`);
    const back = `/?world=${processingAccountId}`;
    const { status, headers } = await submit(sandbox, "/inspector/payments", { processingAccountId, back });
    const [, id] = /^\/sandbox\/inspector\/payments\/(\w+)/.exec(headers.get("location") ?? "") ?? [];
    expect(status).toBe(303);
    const { data } = (await get(sandbox, `/_sandbox/requests?processingAccountId=${processingAccountId}`)).body;
    const returnUrl = `https://pay.example.com/sandbox/?world=${processingAccountId}`;
    expect(JSON.parse(data[0].body).paymentMethod.alipayHk.returnUrl).toBe(returnUrl);
    expect(data[0].paymentId).toBe(id);
    expect(textsOf(text, "first-payment-text").join()).toContain(data[0].body);
  });

  test.each([
    ["in dollars", {}, 128.5, "128.5"],
    ["in cents", { amountUnit: "minor" }, 128.5, "12850"],
    ["with the smallest amount", { amountMin: 500 }, 500, "500"],
    ["with the smallest amount in cents", { amountMin: 500, amountUnit: "minor" }, 500, "50000"],
  ] as const)("follows the contract profile: %s", async (_, contract, dollars, sent) => {
    await using sandbox = await frozenSandbox({ settings: { contract } });
    const { text } = await get(sandbox, "/");
    expect((await submit(sandbox, "/inspector/payments")).status).toBe(303);
    const { data } = (await get(sandbox, "/_sandbox/payments")).body;
    expect(data[0].amount.value).toBe(dollars);
    expect(textsOf(text, "first-payment-text").join()).toContain(`"value":${sent},`);
  });

  test("that the API refuses is reported, with the call", async () => {
    await using sandbox = await frozenSandbox({ settings: { amountMax: 100 } });
    const { status, text } = await submit(sandbox, "/inspector/payments");
    expect([status, textsOf(text, "problem")]).toEqual([400, [expect.stringContaining("The action failed.")]]);
    expect(textsOf(text, "problem").join()).toMatch(/amount/i);
    expect(textsOf(text, "request").join()).toContain("POST /v1/payments → 400");
  });

  test("in a world that is not open is refused", async () => {
    await using sandbox = await frozenSandbox();
    expect((await submit(sandbox, "/inspector/payments", { processingAccountId: "nobody" })).status).toBe(404);
    expect((await get(sandbox, "/_sandbox/payments")).body.data).toEqual([]);
  });

  test("from a foreign page, or without the admin token, is refused", async () => {
    await using sandbox = await frozenSandbox({ adminToken: "a-secret-of-the-tests" });
    const url = await sandbox.listen();
    const send = (headers: Record<string, string>) => fetch(`${url}/inspector/payments`, { method: "POST", headers });
    expect((await send({})).status).toBe(401);
    expect((await send({ Origin: "https://evil.com", Authorization: "Bearer a-secret-of-the-tests" })).status).toBe(
      403,
    );
    expect((await get(sandbox, "/_sandbox/payments")).body.data).toEqual([]);
  });
});

describe("the QR code of the demo shop", () => {
  test.each(["without payments", "with a payment"])("is on the first page of a world %s", async (state) => {
    const publicUrl = "http://192.168.1.20:8852/sandbox";
    await using sandbox = await frozenSandbox({ demo: true, publicUrl });
    if (state === "with a payment") await createPayment(sandbox);
    const { text } = await get(sandbox, "/");
    expect(readSvg(insides(text, "phone-shop-link")[0] ?? "")).toBe(`${publicUrl}/demo`);
    expect(textsOf(text, "phone-shop").join()).toContain(`${publicUrl}/demo`);
  });

  test.each([
    { demo: true },
    { demo: true, publicUrl: "http://localhost:8852" },
    { demo: false, publicUrl: "http://192.168.1.20:8852" },
  ])("is not there if no phone can use it: %j", async (options) => {
    await using sandbox = await frozenSandbox(options);
    await sandbox.listen();
    expect(testids((await get(sandbox, "/")).text)).not.toContain("phone-shop");
  });
});
