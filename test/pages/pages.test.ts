import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36";

const pageOf = (payment: { nextStep: { redirect: { url: string } } }) => payment.nextStep.redirect.url;
const walletOf = (payment: { nextStep: { redirect: { url: string } } }) => pageOf(payment).replace("/pay/", "/wallet/");

async function submit(sandbox: Sandbox, page: string, form: Record<string, string>) {
  return sandbox.fetch(`${page}/actions`, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
}

/** Kind of a page. */
function kindOf(text: string): string {
  if (text.includes('data-testid="qr"')) return "qr";
  if (text.includes('data-testid="pay"')) return "wallet";
  return text.includes('data-testid="back-to-merchant"') ? "result" : "other";
}

/** Text of a page, without its markup. */
function wordsOf(text: string): string {
  return text.replace(/<[^>]*>/g, "");
}

/** The page's automatic redirect for browsers without JavaScript, if it has one. */
function refreshOf(text: string): string | undefined {
  return /<meta http-equiv="refresh" content="(\d+;url=[^"]*)"/.exec(text)?.[1];
}

describe("which page the URL of nextStep opens", () => {
  test.each([
    ["qr_link", "", { "User-Agent": desktop }, "qr"],
    ["qr_link", "", { "User-Agent": desktop, "Sec-CH-UA-Mobile": "?0" }, "qr"],
    ["qr_link", "", { "User-Agent": iphone }, "wallet"],
    ["qr_link", "", { "User-Agent": desktop, "Sec-CH-UA-Mobile": "?1" }, "wallet"],
    ["qr_link", "", {}, "qr"],
    ["qr_link", "?view=wallet", { "User-Agent": desktop }, "wallet"],
    ["qr_link", "?view=qr", { "User-Agent": iphone }, "qr"],
    ["qr_link", "?view=else", { "User-Agent": desktop }, "qr"],
    ["mobile_redirect", "", { "User-Agent": desktop }, "wallet"],
    ["mobile_redirect", "", { "User-Agent": iphone }, "wallet"],
    ["mobile_redirect", "?view=qr", { "User-Agent": desktop }, "qr"],
  ])("%s %s %j: the %s page", async (flowType, query, headers, kind) => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox, { flowType });
    const { status, text } = await get(sandbox, pageOf(payment) + query, headers as Record<string, string>);
    expect([status, kindOf(text)]).toEqual([200, kind]);
  });
});

test.each(["qr_link", "mobile_redirect"])(
  "the page of %s shows merchant, amount, reference and expiry",
  async (flowType) => {
    await using sandbox = await frozenSandbox({ settings: { merchantName: "Harbour <Coffee> & Tea" } });
    const { text } = await get(sandbox, pageOf(await createPayment(sandbox, { flowType, amount: 1128.5 })));
    expect(text).toContain("Harbour &lt;Coffee&gt; &amp; Tea");
    expect(text).toContain("HK$1,128.50");
    expect(text).toContain("order-1001");
    expect(wordsOf(text)).toContain("until 5:30:00 pm HKT");
  },
);

describe("the payer's actions", () => {
  test.each([
    [{ action: "pay" }, "captured", undefined],
    [{ action: "cancel" }, "aborted", "cancelled_by_consumer"],
    [{ action: "decline" }, "declined", "payment_declined"],
    [{ action: "decline-limit_exceeded" }, "declined", "limit_exceeded"],
    [{ action: "expire" }, "aborted", "expired"],
    [{ action: "fail" }, "failed", "processing_error"],
    [{ action: "pay", wallet: "mainland" }, "captured", undefined],
    [{ action: "decline", reason: "insufficient_funds" }, "declined", "insufficient_funds"],
    [{ action: "decline", reason: "limit_exceeded" }, "declined", "limit_exceeded"],
    [{ action: "decline", reason: "risk_rejected" }, "declined", "risk_rejected"],
  ])("%j redirects with 303 to the result, and the payment is %s", async (form, status, reason) => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox, { flowType: "mobile_redirect" });
    const answer = await submit(sandbox, walletOf(payment), form);
    expect(answer.status).toBe(303);
    const location = answer.headers.get("location") ?? "";
    expect(new URL(location, walletOf(payment)).href).toBe(walletOf(payment));
    expect(kindOf((await get(sandbox, walletOf(payment))).text)).toBe("result");
    const tracked = (await get(sandbox, payment.trackingUrl)).body;
    expect([tracked.status, tracked.reason?.code]).toEqual([status, reason]);
  });

  test("repeated and late actions change nothing, and the page shows the current status", async () => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox);
    for (const action of ["pay", "pay", "cancel", "decline"]) {
      expect((await submit(sandbox, walletOf(payment), { action })).status).toBe(303);
    }
    expect((await get(sandbox, payment.trackingUrl)).body.status).toBe("captured");
    expect((await get(sandbox, walletOf(payment))).text).toContain('data-status="captured"');
  });

  test.each([{}, { action: "refund" }, { action: "pay", reason: "because" }, { action: "pay", wallet: "moon" }])(
    "a form with %j is rejected",
    async (form) => {
      await using sandbox = await frozenSandbox();
      const payment = await createPayment(sandbox);
      expect((await submit(sandbox, walletOf(payment), form as Record<string, string>)).status).toBe(400);
      expect((await get(sandbox, payment.trackingUrl)).body.status).toBe("pending");
    },
  );

  test("a payment cannot be paid after its expiry, and the page says so", async () => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox);
    await sandbox.clock.advance("PT30M");
    expect((await submit(sandbox, walletOf(payment), { action: "pay" })).status).toBe(303);
    expect((await get(sandbox, walletOf(payment))).text).toContain("You did not pay in time.");
  });
});

test("a GET changes nothing except the mark that the code was scanned", async () => {
  await using sandbox = await frozenSandbox();
  const payment = await createPayment(sandbox);
  const waiting = (scanned: boolean) => {
    return { revision: expect.any(String), status: "pending", scanned, leftMs: 1_800_000, clock: "frozen" };
  };
  const before = (await get(sandbox, `/v1/payments/${payment.id}`)).body;
  await get(sandbox, pageOf(payment));
  expect((await get(sandbox, `${pageOf(payment)}/status`)).body).toEqual(waiting(false));
  await get(sandbox, walletOf(payment));
  expect((await get(sandbox, `${pageOf(payment)}/status`)).body).toEqual(waiting(true));
  expect((await get(sandbox, `/v1/payments/${payment.id}`)).body).toEqual(before);
  expect((await get(sandbox, pageOf(payment))).text).toContain("Scanned. Confirm on your phone.");
});

describe("going back to the merchant", () => {
  const returnUrl = "https://merchant.site/back?order=1&lang=zh-HK&q='a';b#done";
  const scanned = { "User-Agent": iphone, "Sec-Fetch-Site": "none" };
  const redirected = { "User-Agent": iphone, "Sec-Fetch-Site": "cross-site" };
  const chosen = { "User-Agent": iphone, "Sec-Fetch-Site": "same-origin", Referer: "its own page" };
  test.each([
    ["the QR page", "qr_link", "pay", "", {}, true],
    ["a wallet on another device", "qr_link", "wallet", "", { "User-Agent": iphone }, false],
    ["a wallet opened in the same tab", "qr_link", "wallet", "?tab=same", {}, true],
    ["a phone that scanned the URL of nextStep", "qr_link", "pay", "", scanned, false],
    ["a phone that was redirected to the URL of nextStep", "qr_link", "pay", "", redirected, true],
    [
      "a phone that came from a page over plain http",
      "qr_link",
      "pay",
      "",
      { "User-Agent": iphone, Referer: "http://shop/" },
      true,
    ],
    ["a phone that scanned, after a choice of language", "qr_link", "pay", "?lang=en", chosen, false],
    ["a phone that was redirected, after a choice of language", "qr_link", "pay", "?tab=same&lang=en", chosen, true],
    ["the wallet of mobile_redirect", "mobile_redirect", "wallet", "", {}, true],
    ["the URL of nextStep of mobile_redirect", "mobile_redirect", "pay", "", {}, true],
  ])("%s", async (_, flowType, door, query, headers, returns) => {
    await using sandbox = await frozenSandbox({ settings: { returnDelayMs: 3000 } });
    const payment = await createPaidPayment(sandbox, { flowType, returnUrl });
    const page = (door === "pay" ? pageOf(payment) : walletOf(payment)) + query;
    const own = "Referer" in headers && headers.Referer === "its own page" ? { Referer: pageOf(payment) } : {};
    const { text } = await get(sandbox, page, { ...headers, ...own } as Record<string, string>);
    const escaped = "https://merchant.site/back?order=1&amp;lang=zh-HK&amp;q=&#39;a&#39;;b#done";
    expect(refreshOf(text)).toBe(returns ? `3;url=${escaped}` : undefined);
    expect(text).toContain(
      `data-testid="back-to-merchant" href="${escaped}"${returns ? ' data-leave-after="3000"' : ">"}`,
    );
  });

  test("the wallet's forms keep the query parameter tab=same", async () => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox);
    const { text } = await get(sandbox, `${walletOf(payment)}?tab=same`);
    const action = `${new URL(walletOf(payment)).pathname}/actions?tab=same`;
    expect(text).toContain(`method="post" action="${action}"`);
    const body = new URLSearchParams({ action: "pay" });
    const answer = await sandbox.fetch(action, { method: "POST", body, redirect: "manual" });
    expect(answer.headers.get("location")).toMatch(/^\/wallet\/[^/]*\?tab=same$/);
  });
});

test("every page says that no money moves, loads only its own files, and is not cached", async () => {
  await using sandbox = await frozenSandbox();
  const payment = await createPayment(sandbox, { flowType: "mobile_redirect" });
  const paid = await createPaidPayment(sandbox);
  const pages = [`${pageOf(payment)}?view=qr`, walletOf(payment), pageOf(paid), `${pageOf(paid)}x`];
  for (const page of pages) {
    const { headers, text } = await get(sandbox, page);
    expect(text).toContain("SANDBOX: no money moves");
    const loaded = [...text.matchAll(/<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"/g)].map(([, url]) => url);
    expect(loaded.filter((url) => !url?.startsWith("/assets/"))).toEqual([]);
    expect(text).not.toMatch(/<script>|\son\w+=|style="/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect((await get(sandbox, "/assets/sandbox.css")).headers.get("content-type")).toContain("text/css");
  expect((await get(sandbox, "/assets/live.js")).headers.get("content-type")).toContain("text/javascript");
});

test("an unknown address gets a page with status 404", async () => {
  await using sandbox = await frozenSandbox();
  for (const page of ["/pay/x", "/wallet/x", "/pay/x/status"]) {
    const { status, text } = await get(sandbox, page);
    expect([status, text.includes("No payment has this address.")]).toEqual([404, true]);
  }
  expect((await submit(sandbox, "/wallet/x", { action: "pay" })).status).toBe(404);
});

test("a form larger than 64 KiB is refused", async () => {
  await using sandbox = await frozenSandbox();
  const payment = await createPayment(sandbox);
  const { status } = await post(sandbox, `${walletOf(payment)}/actions`, `action=pay&reason=${"x".repeat(64 * 1024)}`);
  expect(status).toBe(413);
  expect((await get(sandbox, payment.trackingUrl)).body.status).toBe("pending");
});

describe("the code and phones", () => {
  const inReach = "Scan the code with your phone.";
  const outOfReach = "Your phone cannot reach this sandbox.";
  /** Whether the page offers the wallet as the main way, dims the code, and explains how to use a phone. */
  function adviceOf(text: string) {
    const words = wordsOf(text).replace(/\s+/g, " ");
    return {
      status: [inReach, outOfReach].filter((sentence) => words.includes(sentence)),
      isDimmed: text.includes('class="qr dimmed"'),
      isWalletMain: text.includes('class="button primary" data-testid="open-wallet"'),
      isForPhones: words.includes("Any phone on this network can scan it."),
      command: /<code[^>]*data-testid="phone-command">(.*?)<\/code>/s.exec(text)?.[1]?.replace(/<[^>]*>/g, ""),
    };
  }
  const reachable = { status: [inReach], isDimmed: false, isWalletMain: false, isForPhones: true, command: undefined };
  const unreachable = (port = "") => ({
    status: [outOfReach],
    isDimmed: true,
    isWalletMain: true,
    isForPhones: false,
    command: `npx --no -- alipay-hk-sandbox --host 0.0.0.0${port} --admin-token &quot;a secret&quot;`,
  });

  test.each([
    ["https://sandbox.example.com", reachable],
    ["http://192.168.1.20:8852", reachable],
    ["http://localhost:8852", unreachable(" --port 8852")],
    ["http://127.0.0.1:9000", unreachable(" --port 9000")],
    [undefined, unreachable()],
  ])("with the public URL %s", async (publicUrl, advice) => {
    await using sandbox = await frozenSandbox({ publicUrl });
    const page = new URL(pageOf(await createPayment(sandbox))).pathname;
    expect(adviceOf((await get(sandbox, page)).text)).toEqual(advice);
  });

  test("beside the wallet there is no further way to open it", async () => {
    await using sandbox = await frozenSandbox();
    const { text } = await get(sandbox, `${pageOf(await createPayment(sandbox))}?view=qr&wallet=here`);
    expect(adviceOf(text)).toMatchObject({ isDimmed: true, isWalletMain: false, command: undefined });
  });

  test("on 0.0.0.0 any phone can scan the code if the machine has a network, on 127.0.0.1 none can", async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;
    const hasNetwork = addresses.some(
      ({ family, internal, address }) => family === "IPv4" && !internal && isPrivate.test(address),
    );
    for (const [host, isReachable] of [
      ["127.0.0.1", false],
      ["0.0.0.0", hasNetwork],
    ] as const) {
      await using sandbox = await frozenSandbox({ adminToken: "none", seed: "a secret" });
      const { port } = new URL(await sandbox.listen({ host }));
      const page = await fetch(`http://127.0.0.1:${port}${new URL(pageOf(await createPayment(sandbox))).pathname}`);
      expect(adviceOf(await page.text())).toEqual(isReachable ? reachable : unreachable(` --port ${port}`));
    }
  });
});
