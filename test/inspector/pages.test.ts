import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { insides, paymentPage, plain, testids, textsOf } from "./reading.ts";

/** Short form of the timeline: the tag and title of each line, with `!` if the line is red. */
function linesOf(html: string): string[] {
  return [...html.matchAll(/<li id="[^"]*" class="([^"]*)" data-testid="line" data-kind="([^"]*)">(.*?)<\/li>/gs)].map(
    ([, wrong, tag, inside = ""]) =>
      `${wrong === "wrong" ? "! " : ""}${tag}: ${plain(/<h3>(.*?)<\/h3>/s.exec(inside)?.[1] ?? "")}`,
  );
}

/** Text of the line with that title. */
function noteOf(html: string, title: string): string {
  const line = insides(html, "line").find((one) => plain(one).includes(title)) ?? "";
  return plain(line.slice(line.indexOf("<h3>")));
}

describe("the timeline of a payment", () => {
  test("lists everything in order, newest last, with failures in red", async () => {
    let status = 500;
    await using sandbox = await frozenSandbox({ webhook: async () => new Response("busy", { status }) });
    const { id, nextStep, trackingUrl } = await createPayment(sandbox);
    const browser = "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/130 Safari/537.36";
    await get(sandbox, nextStep.redirect.url, { "User-Agent": browser });
    await sandbox.payments.act(id, "scan");
    await sandbox.payments.act(id, "pay", { wallet: "hong_kong" });
    await sandbox.settle();
    for (let asked = 0; asked < 3; asked += 1) await get(sandbox, trackingUrl);
    await get(sandbox, trackingUrl, { "X-Signature": "a.b" });
    await sandbox.clock.advance("PT2M");
    status = 200;
    await sandbox.clock.advance("PT5M");
    const part = { merchantReference: "part", amount: { value: 50, currency: "hkd" } };
    await post(sandbox, `/v1/payments/${id}/refunds`, part);
    await sandbox.clock.advance("PT2S");
    const html = await paymentPage(sandbox, id);
    expect(linesOf(html).map((line) => line.replace(/\S*…\S*/, "…"))).toEqual([
      "API: POST /v1/payments → 201",
      "Page: QR page opened",
      "Payer: Scanned",
      "Payer: Paid",
      "Status: pending → captured",
      "! Webhook: Attempt 1 → 500",
      "API: GET … → 200 ×3",
      "! API: GET … → 401",
      "Clock: Advanced by 2 min",
      "! Webhook: Attempt 2 → 500",
      "Clock: Advanced by 5 min",
      "Webhook: Attempt 3 → 200",
      "API: POST … → 201",
      "Refund: Refund of HK$50.00 requested",
      "Clock: Advanced by 2 s",
      "Refund: HK$50.00 refunded",
      "Status: captured → partially refunded",
      "Webhook: Attempt 1 for the refund → 200",
    ]);
    expect(noteOf(html, "QR page opened")).toBe("QR page opened Chrome on macOS");
    expect(noteOf(html, "Paid")).toBe("Paid Hong Kong wallet");
    expect(noteOf(html, "pending → captured")).toContain("ledger: payer −HK$200.00, merchant +HK$200.00");
    expect(noteOf(html, "Attempt 1 → 500")).toContain("next in 2 min");
    expect(noteOf(html, "requested")).toContain(
      "by the merchant · part · ledger: merchant −HK$50.00, refunds pending +HK$50.00",
    );
  });

  test.each<[Record<string, string>, string, string]>([
    [{ action: "expire" }, "! Status: pending → aborted", "Let it expire"],
    [{ action: "decline", reason: "limit_exceeded" }, "! Status: pending → declined", "limit exceeded"],
  ])("%j", async (act, line, words) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await post(sandbox, `/_sandbox/payments/${id}/actions`, act);
    const html = await paymentPage(sandbox, id);
    expect(linesOf(html)).toContain(line);
    expect(plain(html)).toContain(words);
  });

  test("names the applied scenario and its trigger, or the clock that ended the payment", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox, { amount: 8888.01 });
    const { id: expired } = await createPayment(sandbox);
    await sandbox.clock.advance("PT30M");
    const html = await paymentPage(sandbox, id);
    expect(linesOf(html).slice(0, 2)).toEqual([
      "API: POST /v1/payments → 201",
      "Scenario: declined_insufficient_funds applied",
    ]);
    expect(plain(html)).toContain("declined: the wallet has too little money · selected by the amount");
    expect(plain(html)).toContain("by the scenario");
    expect(plain(await paymentPage(sandbox, expired))).toContain("by the clock · payable until 17:30:00");
  });

  test("has the doctor's diagnosis under a 401, and the bytes of requests and responses", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response("no room", { status: 503 }) });
    const { kid, privateKey } = sandbox.credentials;
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    const target = `/v1/payments/${id}`;
    const signature = await signWithJose({ method: "GET", target: `${target}?x=1`, body: "", kid, privateKey });
    const { headers } = await get(sandbox, target, { "X-Signature": signature });
    const html = await paymentPage(sandbox, id);
    expect(textsOf(html, "diagnosis")).toEqual([headers.get("x-sandbox-diagnosis")]);
    const attempt = insides(html, "line").find((line) => line.includes("Attempt 1")) ?? "";
    const [notification] = (await get(sandbox, "/_sandbox/notifications")).body.data;
    for (const [name, value] of notification.attempts[0].requestHeaders) expect(attempt).toContain(`${name}: ${value}`);
    expect(plain(attempt)).toContain(`"id": "${notification.id}"`);
    expect(plain(attempt)).toContain("Response 503 content-type: text/plain;charset=UTF-8 no room");
  });

  test("has a command that sends a call again", async () => {
    await using sandbox = await frozenSandbox();
    const request = { ...paymentRequest(), merchantReference: "Wong's $(id) `id`" };
    const { id } = (await post(sandbox, "/v1/payments?idempotencyKey=key-of-mine", request)).body;
    const [line = ""] = insides(await paymentPage(sandbox, id), "line");
    const [, command = ""] = /<pre[^>]*id="curl-1"[^>]*>(.*?)<\/pre>/s.exec(line) ?? [];
    const text = JSON.stringify(request).replace("'", `'\\''`);
    expect(command.replace(/&quot;/g, '"').replace(/&#39;/g, "'")).toBe(
      [
        "curl -X POST 'http://localhost/v1/payments?idempotencyKey=key-of-mine'",
        "-H 'Content-Type: application/json'",
        `--data-raw '${text}'`,
      ].join(" \\\n  "),
    );
  });

  describe("has two copies of a call as a command", () => {
    /** Texts of the commands of the line with that title: as sent, and from the page with a valid signature. */
    async function copiesOf(sandbox: Sandbox, html: string, title: string) {
      const line = insides(html, "line").find((one) => plain(one).includes(title)) ?? "";
      const [asSent] = textsOf(line, "curl-text");
      const [, url = ""] = /href="([^"]*)"[^>]*data-testid="copy-signed"/.exec(line) ?? [];
      const { status, text } = await get(sandbox, url);
      expect(status).toBe(200);
      return { line, asSent, signed: textsOf(text, "signed-text")[0] ?? "", url };
    }
    /** Sends the request of a command, with its headers as a shell gives them to curl. */
    async function run(sandbox: Sandbox, command: string) {
      const words = [...command.matchAll(/(-H|--data-raw|-X|curl)?\s*'((?:[^']|'\\'')*)'/g)].map(
        ([, flag, word = ""]) => ({
          flag,
          word: word.replaceAll("'\\''", "'"),
        }),
      );
      const headers = words.flatMap(({ flag, word }) => (flag === "-H" ? [word.split(": ") as [string, string]] : []));
      const body = words.find(({ flag }) => flag === "--data-raw")?.word;
      const target = (words.find(({ word }) => word.startsWith("http://localhost"))?.word ?? "").slice(16);
      const method = /-X (\w+)/.exec(command)?.[1] ?? "GET";
      return get({ fetch: (url) => sandbox.fetch(url, { method, headers, ...(body && { body }) }) }, target);
    }

    test("a 401: as sent with its wrong signature, which answers 401 again, and with a valid one", async () => {
      await using sandbox = await frozenSandbox();
      const { kid, privateKey } = sandbox.credentials;
      const { id } = await createPayment(sandbox);
      const target = `/v1/payments/${id}`;
      const wrong = await signWithJose({ method: "GET", target: `${target}?x=1`, body: "", kid, privateKey });
      await get(sandbox, target, { "X-Signature": wrong });
      const { line, asSent, signed } = await copiesOf(sandbox, await paymentPage(sandbox, id), "→ 401");
      expect(textsOf(line, "request-text")).toEqual([`GET ${target} X-Signature: ${wrong}`]);
      expect(asSent).toBe(`curl 'http://localhost${target}' \\ -H 'X-Signature: ${wrong}'`);
      expect((await run(sandbox, asSent ?? "")).status).toBe(401);
      const again = await run(sandbox, signed);
      expect([again.status, again.headers.get("x-sandbox-diagnosis")]).toEqual([200, null]);
    });

    test("a POST with quotes, refused for a missing signature", async () => {
      await using sandbox = await frozenSandbox({ auth: "require" });
      const request = { ...paymentRequest(), merchantReference: "Wong's 茶" };
      await post(sandbox, "/v1/payments?idempotencyKey=key-of-mine", request);
      const { text } = await get(sandbox, "/inspector/requests?requests=all");
      const { asSent, signed } = await copiesOf(sandbox, text.replaceAll('"request"', '"line"'), "→ 401");
      expect(asSent).not.toContain("X-Signature");
      expect((await run(sandbox, asSent ?? "")).status).toBe(401);
      expect(await run(sandbox, signed)).toMatchObject({ status: 201, body: { merchantReference: "Wong's 茶" } });
    });

    test("a call with a right signature: it is not kept, so there is only the copy with a new one", async () => {
      await using sandbox = await frozenSandbox();
      const { id } = await createPayment(sandbox);
      const target = `/v1/payments/${id}`;
      const { kid, privateKey } = sandbox.credentials;
      const right = await signWithJose({ method: "GET", target, body: "", kid, privateKey });
      await get(sandbox, target, { "X-Signature": right });
      const html = await paymentPage(sandbox, id);
      const { line, asSent, signed } = await copiesOf(sandbox, html, "signature valid");
      expect([asSent, textsOf(line, "request-text")]).toEqual([undefined, [`GET ${target} X-Signature: redacted`]]);
      expect(html + (await get(sandbox, "/_sandbox/snapshot")).text).not.toContain(right);
      expect((await run(sandbox, signed)).headers.get("x-sandbox-diagnosis")).toBeNull();
    });

    test("with the scenario that its header named", async () => {
      await using sandbox = await frozenSandbox();
      const { id } = await createPayment(sandbox);
      await get(sandbox, `/v1/payments/${id}`, { "X-Sandbox-Scenario": "rate_limited" });
      const { asSent, signed } = await copiesOf(sandbox, await paymentPage(sandbox, id), "→ 429");
      for (const command of [asSent, signed]) expect(command).toContain("-H 'X-Sandbox-Scenario: rate_limited'");
    });

    test("for a merchant with a key of its own, the command signs with that key", async () => {
      const { publicKey, kid } = (await frozenSandbox({ seed: "another" })).credentials;
      const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
      await using sandbox = await frozenSandbox({
        merchants: [{ merchantId: "harbour", processingAccountIds: [account], credentials: [{ publicKey, kid }] }],
      });
      const { id } = await createPayment(sandbox, { account });
      const { signed, url } = await copiesOf(sandbox, await paymentPage(sandbox, id), "POST");
      const sign = `npx --no -- alipay-hk-sandbox sign POST '/v1/payments' --kid ${kid} --key private-key.pem --body -`;
      expect(signed).toContain(`-H "$(printf %s '{"processingAccountId":"${account}"`);
      expect(signed).toContain(` | ${sign})" \\`);
      expect((await get(sandbox, url)).text).toContain("only your public key");
    });

    test.each(["99", "0", "x", "1"])("but no page for a call that is not in the log: %s", async (sequence) => {
      await using sandbox = await frozenSandbox();
      await createPayment(sandbox);
      const other = (await sandbox.world()).processingAccountId;
      const { status, text } = await get(sandbox, `/inspector/requests/${sequence}/command?world=${other}`);
      expect([status, testids(text)]).toEqual([404, expect.arrayContaining(["not-found"])]);
    });
  });

  test.each([
    ["2026-01-05T09:30:00.400Z", "30 min"],
    ["2026-01-05T09:29:59.999Z", "29 min 59 s"],
    ["2026-01-06T10:00:00.001Z", "1 d 1 h"],
    ["2026-01-05T09:00:00.250Z", "250 ms"],
  ])("does not round durations up: an advance to %s is %s", async (to, words) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await post(sandbox, "/_sandbox/clock/advance", { to });
    expect(linesOf(await paymentPage(sandbox, id))).toContain(`Clock: Advanced by ${words}`);
  });

  test("leaves out the earliest lines if there are more than three hundred", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    for (let asked = 0; asked < 310; asked += 1) await get(sandbox, `/v1/payments/${id}?n=${asked}`);
    const html = await paymentPage(sandbox, id);
    expect(linesOf(html)).toHaveLength(300);
    expect(plain(html)).toContain("11 earlier lines are not shown");
  });
});

describe("the list of calls", () => {
  async function busy(): Promise<Sandbox> {
    const sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await get(sandbox, "/v1/payments", { "X-Signature": "a.b" });
    await get(sandbox, `/v1/payments/${id}`, { "X-Signature": "a.b" });
    await post(sandbox, "/v1/payments", { nonsense: true });
    return sandbox;
  }

  test.each([
    ["", 2],
    ["?requests=loose", 2],
    ["?requests=all", 4],
    ["?requests=unsigned", 2],
    ["?requests=wrong", 2],
    ["?requests=nonsense", 2],
  ])("%s: %i", async (query, count) => {
    await using sandbox = await busy();
    const { text } = await get(sandbox, `/inspector/requests${query}`);
    expect(textsOf(text, "request")).toHaveLength(count);
  });

  test("has badges that count unsigned calls and wrong signatures", async () => {
    await using sandbox = await busy();
    const { text } = await get(sandbox, "/");
    expect(textsOf(text, "unsigned-badge")).toEqual(["2 unsigned calls"]);
    expect(textsOf(text, "wrong-badge")).toEqual(["2 wrong signatures"]);
    expect(testids((await get(sandbox, "/?world=")).text)).toContain("unsigned-badge");
    await sandbox.reset();
    expect(testids((await get(sandbox, "/")).text)).not.toContain("unsigned-badge");
  });

  test("links each call to its payment, with fifty calls per page", async () => {
    await using sandbox = await frozenSandbox();
    for (let made = 0; made < 55; made += 1) await createPayment(sandbox);
    const { text } = await get(sandbox, "/inspector/requests?requests=all");
    expect(textsOf(text, "request")).toHaveLength(50);
    expect(testids(text).filter((id) => id === "request-payment")).toHaveLength(50);
    const [, older = ""] = /href="([^"]*)" data-testid="older-requests"/.exec(text) ?? [];
    const next = (await get(sandbox, older.replaceAll("&amp;", "&"))).text;
    expect(textsOf(next, "request")).toHaveLength(5);
    expect(testids(next)).toContain("newest-requests");
  });
});

describe("the merchant's environment", () => {
  test("is the environment of the world, as the command line prints it", async () => {
    await using sandbox = await frozenSandbox();
    const { baseUrl, processingAccountId, kid, hmacKey } = sandbox.credentials;
    const [block = ""] =
      /<pre id="environment-block"[^>]*>(.*?)<\/pre>/s
        .exec((await get(sandbox, "/inspector/connect")).text)
        ?.slice(1) ?? [];
    expect(block.split("\n").map((line) => line.split("=")[0])).toEqual([
      "NOMUPAY_BASE_URL",
      "NOMUPAY_PROCESSING_ACCOUNT_ID",
      "NOMUPAY_KID",
      "NOMUPAY_PRIVATE_KEY",
      "NOMUPAY_HMAC_KEY",
    ]);
    for (const value of [baseUrl, processingAccountId, kid, hmacKey]) expect(block).toContain(value);
    expect(block).toMatch(/NOMUPAY_PRIVATE_KEY=&quot;-----BEGIN PRIVATE KEY-----\\n/);
    const world = await sandbox.world();
    const own = await get(sandbox, `/inspector/connect?world=${world.processingAccountId}`);
    expect(own.text).toContain(world.credentials.kid);
  });

  test("does not contain a private key that the merchant created", async () => {
    const { publicKey } = (await frozenSandbox({ seed: "another" })).credentials;
    const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    await using sandbox = await frozenSandbox({
      merchants: [{ merchantId: "harbour", processingAccountIds: [account], credentials: [{ publicKey }] }],
    });
    const { text } = await get(sandbox, `/inspector/connect?world=${account}`);
    expect(text).not.toContain("PRIVATE");
    expect(text).toContain("Use your own private key.");
  });
});

test("every page says that no money moves, has a strict policy, and loads only its own files", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  for (const [path, status] of [
    ["/", 200],
    ["/inspector/controls", 200],
    ["/inspector/requests", 200],
    [`/inspector/payments/${id}`, 200],
    ["/inspector/payments/none", 404],
    ["/?world=none", 404],
  ] as const) {
    const answer = await get(sandbox, path);
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.text).toContain("SANDBOX: no money moves");
    expect(answer.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.text).not.toMatch(/<script>|\son\w+=|\sstyle="|<style/);
    const loaded = [...answer.text.matchAll(/<(?:link|script|img|iframe)\b[^>]*(?:href|src)="([^"]*)"/g)].map(
      ([, url]) => url,
    );
    expect(loaded.filter((url) => !/^(\/assets\/|data:)/.test(url ?? ""))).toEqual([]);
    for (const url of loaded.filter((one) => one?.startsWith("/assets/"))) {
      expect((await get(sandbox, url ?? "")).status).toBe(200);
    }
  }
});

test("the page with the most calls and payments is less than 200 KB", async () => {
  await using sandbox = await frozenSandbox({ webhook: async () => new Response() });
  const reference = "c5211d6b-0178-49f8-a06b-69df097a712f";
  for (let made = 0; made < 50; made += 1) {
    const path = `/v1/payments?idempotencyKey=${reference.slice(0, -2)}${String(made).padStart(2, "0")}`;
    await post(sandbox, path, { ...paymentRequest(), merchantReference: reference });
  }
  const { text } = await get(sandbox, "/inspector/requests?requests=all");
  expect([textsOf(text, "request").length, textsOf(text, "payment-row").length]).toEqual([50, 30]);
  expect(Buffer.byteLength(text)).toBeLessThan(200_000);
});
