import { describe, expect, test } from "vitest";
import { agentLabel } from "../../src/http/pages/agent.ts";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";

const chrome =
  "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36";

test("the timeline lists the pages that were viewed, once for each browser", async () => {
  await using sandbox = await frozenSandbox();
  const payment = await createPayment(sandbox);
  const page = payment.nextStep.redirect.url;
  const wallet = page.replace("/pay/", "/wallet/");
  await get(sandbox, `${page}?view=qr`);
  await get(sandbox, `${page}?view=qr`);
  await get(sandbox, wallet, { "User-Agent": chrome });
  await sandbox.payments.act(payment.id, "pay");
  await get(sandbox, wallet, { "User-Agent": chrome });
  await get(sandbox, `${page}x`);
  await get(sandbox, `${page}/status`);
  const { timeline } = await sandbox.payments.get(payment.id);
  expect(timeline.filter(({ kind }) => kind === "viewed")).toMatchObject([
    { page: "qr" },
    { page: "wallet", agent: "Chrome on Android" },
    { page: "result", agent: "Chrome on Android" },
  ]);
  expect(timeline.find(({ kind }) => kind === "viewed")).not.toHaveProperty("agent");
});

test("the wallet beside the QR code counts as the wallet", async () => {
  await using sandbox = await frozenSandbox();
  const payment = await createPayment(sandbox);
  await get(sandbox, `${payment.nextStep.redirect.url}?view=qr&wallet=here`);
  const { timeline } = await sandbox.payments.get(payment.id);
  const looked = timeline.filter(({ kind }) => kind === "viewed" || kind === "scanned");
  expect(looked.map((line) => ("page" in line ? line.page : line.kind))).toEqual(["wallet", "scanned"]);
});

describe("the short name of a browser", () => {
  test.each([
    [chrome, "Chrome on Android"],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/150.0.0.0 Safari/537.36",
      "Chrome on Linux",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
      "Safari on macOS",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    [
      "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/150.0 Mobile/15E148 Safari/604.1",
      "Chrome on iPad",
    ],
    ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (Linux; Android 16; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
      "Samsung Internet on Android",
    ],
    ["Firefox/140.0", "Firefox"],
    ["curl/8.0", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %s", (userAgent, label) => expect(agentLabel(userAgent)).toBe(label));
});
