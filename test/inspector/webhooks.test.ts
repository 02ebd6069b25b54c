import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { verifyWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { gate, type Receiver, startReceiver } from "../support/receiver.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { insides, paymentPage, plain, submit, testids, textsOf } from "./reading.ts";

const list = "/inspector/webhooks";

/** The text of the first element with that `data-testid`, as a browser reads it: without carriage returns. */
function exactText(html: string, testid: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  const inside = (insides(html, testid)[0] ?? "").replace(/\r\n?/g, "\n");
  return inside.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => entities[name] ?? "");
}

/** The target of the first link with that `data-testid`. */
function linkOf(html: string, testid: string): string {
  const [tag = ""] = new RegExp(`<a\\b[^>]*data-testid="${testid}"[^>]*>`).exec(html) ?? [];
  return (/href="([^"]*)"/.exec(tag)?.[1] ?? "").replaceAll("&amp;", "&");
}

async function show(sandbox: Pick<Sandbox, "fetch">, path = list): Promise<string> {
  const { status, text } = await get(sandbox, path);
  expect([path, status]).toEqual([path, 200]);
  return text;
}

/** Texts of the rows: time, subject, reference, state and notes. */
const rowsOf = (html: string) => textsOf(html, "webhook-row");
const statesOf = (html: string) => textsOf(html, "webhook-state");

/** The page of the newest webhook. */
async function newest(sandbox: Sandbox): Promise<{ id: string; html: string }> {
  const [{ id }] = await notificationsOf(sandbox);
  return { id, html: await show(sandbox, `${list}?notification=${id}`) };
}

/** Opens a sandbox with a real receiver, which answers with these statuses in turn, then with the last one. */
async function withReceiver(...statuses: number[]) {
  const waiting = [...statuses];
  const receiver = await startReceiver((response) => {
    const status = (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? 204;
    response.writeHead(status, { "X-Request-Id": "req-7", "Content-Type": "text/plain" });
    response.end(status < 300 ? "thanks" : "database is down");
  });
  const sandbox = await frozenSandbox({ webhook: receiver.url });
  const close = async () => {
    await sandbox.close();
    await receiver.close();
  };
  return { sandbox, receiver, [Symbol.asyncDispose]: close };
}

/** Resends all webhooks of a filter. @returns the page that follows. */
async function resendFailed(sandbox: Pick<Sandbox, "fetch">, form: Record<string, string> = {}): Promise<string> {
  const { status, headers } = await submit(sandbox, "/inspector/notifications/resend-failed", { back: list, ...form });
  expect(status).toBe(303);
  return show(sandbox, headers.get("location") ?? "");
}

describe("the page of a world's webhooks", () => {
  test("lists them newest first, with state, last response and next attempt, and links to each", async () => {
    await using stage = await withReceiver(500, 204);
    const { sandbox } = stage;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await sandbox.clock.advance("PT1M");
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "back-1" });
    await sandbox.clock.advance("PT2S");
    const html = await show(sandbox);
    expect(rowsOf(html).map((row) => row.replace(/in \d+ m?s/, "in 1 ms"))).toEqual([
      "2026-01-05 17:01:02 refund: refunded back-1 delivered answered 204 in 1 ms · 1 attempt",
      "2026-01-05 17:01:00 payment: captured order-1001 delivered answered 204 in 1 ms · 1 attempt",
      "2026-01-05 17:00:00 payment: captured order-1001 retrying answered 500 in 1 ms · 1 attempt · next at 17:02:00",
    ]);
    const [{ id: first }] = await notificationsOf(sandbox);
    expect(linkOf(html, "webhook-row")).toBe(`${list}?notification=${first}`);
    expect(linkOf(await show(sandbox, "/"), "nav-webhooks")).toBe(list);
  });

  test("filters by state, with the number of each", async () => {
    await using stage = await withReceiver(500);
    const { sandbox } = stage;
    await createPaidPayment(sandbox);
    await sandbox.clock.advance("P7D");
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await post(sandbox, "/v1/payments", { ...paymentRequest({ amount: 8888.22 }), merchantReference: "suppressed" });
    await sandbox.clock.advance("PT2S");
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
    await createPaidPayment(sandbox);
    const filters = ["all", "waiting", "delivered", "failed", "unsent"];
    const html = await show(sandbox);
    expect(filters.flatMap((name) => textsOf(html, `webhooks-${name}`))).toEqual([
      "All 4",
      "Waiting or retrying 1",
      "Delivered 0",
      "Failed 1",
      "Not sent 2",
    ]);
    const shown = filters.map(async (name) => statesOf(await show(sandbox, linkOf(html, `webhooks-${name}`))));
    expect(await Promise.all(shown)).toEqual([
      ["no endpoint", "suppressed", "retrying", "exhausted"],
      ["retrying"],
      [],
      ["exhausted"],
      ["no endpoint", "suppressed"],
    ]);
    expect(textsOf(await show(sandbox, `${list}?deliveries=delivered`), "no-webhooks")).toEqual([
      "No webhook matches.",
    ]);
    expect(statesOf(await show(sandbox, `${list}?deliveries=none&deliveries_before=none`))).toHaveLength(4);
  });

  test("has pages of 50, each below 200 KB, and every webhook is on one of them", async () => {
    await using sandbox = await frozenSandbox({
      webhook: async () => new Response("no".repeat(2000), { status: 500 }),
    });
    for (let made = 0; made < 101; made += 1) await createPaidPayment(sandbox);
    await sandbox.settle();
    const seen: string[] = [];
    let page = await show(sandbox);
    const counts: number[] = [];
    for (;;) {
      expect(Buffer.byteLength(page)).toBeLessThan(200_000);
      const ids = [...page.matchAll(/<li id="webhook-(\w+)"/g)].map(([, id = ""]) => id);
      seen.push(...ids);
      counts.push(ids.length);
      const older = linkOf(page, "older-webhooks");
      if (older === "") break;
      page = await show(sandbox, older);
    }
    expect(counts).toEqual([50, 50, 1]);
    expect(new Set(seen).size).toBe(101);
    expect(statesOf(await show(sandbox, linkOf(page, "newest-webhooks")))).toHaveLength(50);
  });

  test("looks for 1,000 webhooks at a time, counts as many, and says so", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
    for (let made = 0; made < 1050; made += 1) await createPaidPayment(sandbox);
    const html = await show(sandbox, `${list}?deliveries=waiting`);
    expect(textsOf(html, "no-webhooks")).toEqual(["No match among the last 1,000 webhooks."]);
    expect([textsOf(html, "webhooks-all"), textsOf(html, "older-webhooks")]).toEqual([
      ["All 1,000"],
      ["Search further"],
    ]);
    expect(plain(html)).toContain("The numbers are those of the newest 1,000 webhooks.");
    const further = await show(sandbox, linkOf(html, "older-webhooks"));
    expect([statesOf(further), testids(further).includes("older-webhooks")]).toEqual([["retrying"], false]);
  });

  test("never shows the webhooks of another world", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response() });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { id } = await newest(sandbox);
    await using other = await sandbox.world({ webhook: async () => new Response() });
    const world = `world=${other.processingAccountId}`;
    const html = await show(sandbox, `${list}?${world}`);
    expect([rowsOf(html), testids(html).includes("first-webhook")]).toEqual([[], true]);
    expect((await get(sandbox, `${list}?${world}&notification=${id}`)).status).toBe(404);
    expect((await get(sandbox, `${list}?notification=unknown`)).status).toBe(404);
    expect((await get(sandbox, `${list}/unknown/command`)).status).toBe(404);
    const { id: own } = await createPaidPayment(other, { account: other.processingAccountId });
    await other.settle();
    const shown = await show(sandbox, `${list}?${world}`);
    expect(linkOf(shown, "webhook-row")).toContain(`${world}&notification=`);
    const opened = await show(sandbox, linkOf(shown, "webhook-row"));
    expect(linkOf(opened, "webhook-payment")).toBe(`/inspector/payments/${own}?${world}`);
  });

  test("says how to set an endpoint, and what makes a webhook", async () => {
    await using sandbox = await frozenSandbox();
    const html = await show(sandbox);
    expect(textsOf(html, "no-endpoint")[0]).toContain("This world has no webhook endpoint: nothing is sent.");
    expect(linkOf(html, "to-endpoint")).toBe("/inspector/controls#endpoint-url");
    expect(insides(await show(sandbox, linkOf(html, "to-endpoint")), "body").join()).not.toContain("undefined");
    expect(textsOf(html, "first-webhook")[0]).toContain("when a payment is paid, declined or cancelled");
    expect(testids(html)).toContain("test-payment");
    expect(testids(html)).not.toContain("resend-failed");
  });

  test("needs the admin token", async () => {
    await using sandbox = await frozenSandbox({ adminToken: "a-secret-of-the-tests" });
    const { id } = await createPaidPayment(sandbox);
    const url = await sandbox.listen();
    const [{ id: webhook }] = await notificationsOf(sandbox);
    expect(id).not.toBe(webhook);
    for (const path of [list, `${list}?notification=${webhook}`, `${list}/${webhook}/command`]) {
      const refused = await fetch(url + path);
      expect([path, refused.status, textsOf(await refused.text(), "sign-in")]).toEqual([path, 401, ["Sign in"]]);
    }
  });
});

describe("the page of one webhook", () => {
  test("has the request as sent, and each attempt with status, headers and body of the response", async () => {
    await using stage = await withReceiver(500, 200);
    const { sandbox, receiver } = stage;
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    await sandbox.clock.advance("PT2M");
    const { html } = await newest(sandbox);
    expect(textsOf(html, "answered-text").map((text) => text.replace(/Date: .*GMT/, "Date: now"))).toEqual([
      expect.stringMatching(/^200 X-Request-Id: req-7 Content-Type: text\/plain Date: now .*thanks$/),
      expect.stringMatching(/^500 X-Request-Id: req-7 Content-Type: text\/plain Date: now .*database is down$/),
    ]);
    expect(textsOf(html, "attempt").map((text) => text.slice(0, 60))).toEqual([
      expect.stringContaining("17:02:00.000 Webhook Attempt 2 → 200"),
      expect.stringContaining("17:00:00.000 Webhook Attempt 1 → 500"),
    ]);
    const [, sent] = receiver.received;
    expect(exactText(html, "webhook-headers")).toBe(
      [
        `POST ${receiver.url}`,
        "content-type: application/json",
        "user-agent: alipay-hk-sandbox",
        `x-signature: ${sent?.signatures[0]}`,
      ].join("\n"),
    );
    expect(exactText(html, "exact-body")).toBe(sent?.body);
    expect(JSON.parse(exactText(html, "webhook-body"))).toEqual(JSON.parse(sent?.body ?? ""));
    expect(linkOf(html, "webhook-payment")).toBe(`/inspector/payments/${id}`);
    expect(textsOf(html, "webhook-state")).toEqual(["delivered"]);
    expect(testids(html)).not.toContain("next-attempt");
  });

  test("decodes the signature, and says whether it verifies and with which key", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: "webhook_bad_signature" });
    await createPayment(sandbox);
    await sandbox.clock.advance("PT1M");
    const verdictOf = async () => {
      const { html } = await newest(sandbox);
      const { kid, aud } = JSON.parse(exactText(html, "signature-header"));
      const { webhookUrl } = (await get(sandbox, `/_sandbox/worlds/${sandbox.processingAccountId}`)).body.settings;
      expect([kid, aud]).toEqual([sandbox.credentials.hmacKid, webhookUrl]);
      return textsOf(html, "signature-verdict")[0];
    };
    expect(await verdictOf()).toMatch(/^wrong It is not the signature .* Key \w{27}/);
    await sandbox.clock.advance("PT2M");
    expect(await verdictOf()).toMatch(
      /^valid It is the HMAC-SHA256 of this header and the exact body\. Key .* expires at/,
    );
  });

  test("says if the key of a signature is not there any more", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response() });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { status } = await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT0S" });
    const { html } = await newest(sandbox);
    const verdict = expect.stringMatching(/^unknown key The merchant does not have this key any more/);
    expect([status, textsOf(html, "signature-verdict")]).toEqual([200, [verdict]]);
  });

  test("has the diagnosis of a refusal, and the reason why there was no answer", async () => {
    await using stage = await withReceiver(401);
    const { sandbox, receiver } = stage;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(textsOf((await newest(sandbox)).html, "diagnosis")[0]).toContain(
      "The signature was right when it was sent.",
    );
    await receiver.close();
    await sandbox.clock.advance("PT2M");
    const { html } = await newest(sandbox);
    expect(textsOf(html, "attempt")[0]).toContain("Attempt 2 → no answer connect ECONNREFUSED");
    expect(textsOf(html, "answered-text")[0]).toContain("no response: connect ECONNREFUSED");
    expect(textsOf(html, "next-attempt")).toEqual(["17:07:00 HKT"]);
  });

  test("shows a request that was never sent as it would be sent now, if there is an endpoint", async () => {
    await using sandbox = await frozenSandbox();
    await createPaidPayment(sandbox);
    const without = await newest(sandbox);
    expect(testids(without.html)).toEqual(expect.arrayContaining(["no-request", "webhook-body", "why-endpoint"]));
    expect(testids(without.html)).not.toContain("copy-webhook-now");
    expect((await get(sandbox, `${list}/${without.id}/command`)).status).toBe(404);
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "http://127.0.0.1:9/hooks" });
    const { html } = await newest(sandbox);
    expect(textsOf(html, "webhook-headers")[0]).toMatch(
      /^POST http:\/\/127\.0\.0\.1:9\/hooks content-type: .* x-signature: ey/,
    );
    expect(textsOf(html, "signature-verdict")[0]).toMatch(/^valid /);
    expect(textsOf(html, "attempts")).toEqual([]);
  });

  test("resends it, and comes back", async () => {
    await using stage = await withReceiver(500, 200);
    const { sandbox } = stage;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { id, html } = await newest(sandbox);
    const back = `${list}?notification=${id}`;
    expect(testids(html)).toContain("why-resend");
    const { headers } = await submit(sandbox, `/inspector/notifications/${id}/resend`, { back });
    const after = await show(sandbox, headers.get("location") ?? "");
    expect(textsOf(after, "attempt")[0]).toContain("Manual attempt → 200");
    expect([testids(after).includes("why-resend"), testids(after).includes("resend")]).toEqual([false, true]);
  });

  test("has its newest 40 attempts, and says where the others are", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response("no", { status: 500 }) });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const [{ id }] = await notificationsOf(sandbox);
    for (let made = 0; made < 41; made += 1) await post(sandbox, `/_sandbox/notifications/${id}/resend`, "");
    await sandbox.settle();
    const { html } = await newest(sandbox);
    expect(textsOf(html, "attempt")).toHaveLength(40);
    expect(plain(html)).toContain(`2 earlier attempts not shown: GET /_sandbox/notifications/${id} returns all.`);
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
  });
});

test("the timeline of a payment links to its webhooks, sent and not sent", async () => {
  await using sandbox = await frozenSandbox({ webhook: async () => new Response() });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const [{ id: webhook }] = await notificationsOf(sandbox);
  expect(linkOf(await paymentPage(sandbox, id), "to-webhook")).toBe(`${list}?notification=${webhook}`);
  await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
  const { id: other } = await createPaidPayment(sandbox);
  const html = await paymentPage(sandbox, other);
  expect(plain(html)).toContain("not sent");
  expect(testids(await show(sandbox, linkOf(html, "to-webhook")))).toContain("no-request");
});

describe("resend all that failed", () => {
  test("has their number in its label, resends each once, and tells the result", async () => {
    await using stage = await withReceiver(500, 500, 500, 204, 200, 503);
    const { sandbox, receiver } = stage;
    for (let made = 0; made < 3; made += 1) await createPaidPayment(sandbox);
    await sandbox.settle();
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(textsOf(await show(sandbox), "resend-failed")).toEqual(["Resend 3 that failed"]);
    expect(textsOf(await show(sandbox, `${list}?deliveries=delivered`), "resend-failed")).toEqual([]);
    const html = await resendFailed(sandbox);
    expect(textsOf(html, "notice")).toEqual(["Resent 3 webhooks: 1 delivered, 2 without a 2xx answer."]);
    expect(receiver.received).toHaveLength(7);
    expect(statesOf(html).sort()).toEqual(["delivered", "delivered", "retrying", "retrying"]);
    expect(textsOf(html, "resend-failed")).toEqual(["Resend 2 that failed"]);
    const [first] = (await notificationsOf(sandbox)).filter(({ attempts }) => attempts.length > 1);
    expect(first?.attempts.at(-1)).toMatchObject({ manual: true });
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url);
    expect(links.filter((url) => url?.includes("done="))).toEqual([]);
  });

  test("resends only those of the filter and of the world", async () => {
    await using stage = await withReceiver(500);
    const { sandbox, receiver } = stage;
    await createPaidPayment(sandbox);
    await sandbox.clock.advance("P7D");
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await using other = await sandbox.world({ settings: { webhookUrl: receiver.url } });
    await createPaidPayment(other, { account: other.processingAccountId });
    await other.settle();
    expect(textsOf(await show(sandbox, `${list}?deliveries=failed`), "resend-failed")).toEqual([
      "Resend 1 that failed",
    ]);
    const before = receiver.received.length;
    expect(textsOf(await resendFailed(sandbox, { deliveries: "failed" }), "notice")).toEqual([
      "Resent 1 webhook: 0 delivered, 1 without a 2xx answer.",
    ]);
    expect(receiver.received).toHaveLength(before + 1);
    await resendFailed(sandbox, { processingAccountId: other.processingAccountId });
    expect(receiver.received).toHaveLength(before + 2);
  });

  test("sends those that had no endpoint, where the filter shows them", async () => {
    await using stage = await withReceiver(200);
    const { sandbox, receiver } = stage;
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
    await createPaidPayment(sandbox);
    expect(textsOf(await show(sandbox, `${list}?deliveries=unsent`), "resend-failed")).toEqual([]);
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: receiver.url });
    expect(textsOf(await show(sandbox), "resend-failed")).toEqual([]);
    const unsent = await show(sandbox, `${list}?deliveries=unsent`);
    expect(textsOf(unsent, "resend-failed")).toEqual(["Send 1 that had no endpoint"]);
    const html = await resendFailed(sandbox, { deliveries: "unsent" });
    expect([textsOf(html, "notice"), statesOf(html)]).toEqual([["Resent 1 webhook: 1 delivered."], ["delivered"]]);
    expect(receiver.received).toHaveLength(1);
  });

  test("sends at most 100, the newest", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    for (let made = 0; made < 103; made += 1) await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(textsOf(await show(sandbox), "resend-failed")).toEqual(["Resend the newest 100 of 103 that failed"]);
    expect(textsOf(await resendFailed(sandbox), "notice")).toEqual([
      "Resent 100 webhooks: 0 delivered, 100 without a 2xx answer.",
    ]);
    const all = await Promise.all(
      ["", `?limit=100`].map(async (query) => (await get(sandbox, `/_sandbox/notifications${query}`)).body.data),
    );
    expect(all[1].every(({ attempts }: { attempts: unknown[] }) => attempts.length === 2)).toBe(true);
  });

  test("skips those whose extra attempt is due or under way", async () => {
    const held = gate();
    const arrived = gate();
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: async () => {
        calls += 1;
        if (calls === 2) arrived.open();
        if (calls > 1) await held.opened;
        return new Response(null, { status: calls === 1 ? 500 : 204 });
      },
    });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const first = resendFailed(sandbox);
    await arrived.opened;
    expect(textsOf(await resendFailed(sandbox), "notice")).toEqual([
      "No webhook was resent. 1 webhook skipped: an attempt is due already, or no more attempts are possible.",
    ]);
    held.open();
    expect(textsOf(await first, "notice")).toEqual(["Resent 1 webhook: 1 delivered."]);
    expect(calls).toBe(2);
  });

  test("says that there was nothing to resend, or why it could not", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    expect(textsOf(await resendFailed(sandbox), "notice")).toEqual(["No webhook was resent."]);
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
    expect(textsOf(await show(sandbox), "resend-failed")).toEqual([]);
    const refused = await submit(sandbox, "/inspector/notifications/resend-failed", { back: list });
    expect([refused.status, textsOf(refused.text, "problem")[0]]).toEqual([409, expect.stringContaining("endpoint")]);
  });
});

/** Runs a command in a shell. @returns its output. */
async function run(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  return stdout;
}

/** Runs the command of a webhook, and returns what the receiver got. */
async function runCommand(sandbox: Sandbox, receiver: Receiver, url: string) {
  const command = exactText(await show(sandbox, url), "webhook-command");
  const output = await run(command);
  return { command, output, got: receiver.received.at(-1) };
}

describe("the curl command of a webhook", () => {
  const reference = `Wong's "茶" $(id) \`id\` \\n %s %d !! \u202e 🍵`;

  async function paid(sandbox: Sandbox) {
    const { body } = await post(sandbox, "/v1/payments", { ...paymentRequest(), merchantReference: reference });
    await sandbox.payments.act(body.id, "pay");
    await sandbox.settle();
    return newest(sandbox);
  }

  test("as sent has the bytes, headers and signature of the attempt", async () => {
    await using stage = await withReceiver(500, 200);
    const { sandbox, receiver } = stage;
    const { html } = await paid(sandbox);
    const { output, got } = await runCommand(sandbox, receiver, linkOf(html, "copy-webhook"));
    const [sent] = receiver.received;
    expect(receiver.received).toHaveLength(2);
    expect(output).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*thanks$/);
    const bare = ({ method, path, signatures, body, headers }: NonNullable<typeof got>) =>
      [method, path, signatures, body, headers["content-type"], headers["user-agent"]] as const;
    expect(got && bare(got)).toEqual(sent && bare(sent));
    expect(JSON.parse(got?.body ?? "").payload.merchantReference).toBe(reference);
  });

  test("signed now has a valid signature, also of a webhook that was never sent", async () => {
    await using stage = await withReceiver(200);
    const { sandbox, receiver } = stage;
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
    await paid(sandbox);
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: `${receiver.url}?a={b,c}&d=[1-3]` });
    const { html } = await newest(sandbox);
    const { got } = await runCommand(sandbox, receiver, linkOf(html, "copy-webhook-now"));
    expect(receiver.received).toHaveLength(1);
    expect(got?.path).toBe("/webhooks?a={b,c}&d=[1-3]");
    const header = await verifyWithJose(got?.signatures[0], got?.body ?? "", sandbox.credentials.hmacKey);
    expect(header).toMatchObject({ aud: `${receiver.url}?a={b,c}&d=[1-3]`, exp: expect.any(Number) });
    expect(exactText(html, "exact-body")).toBe(got?.body);
  });

  test.each([
    ["line breaks", (body: string) => `\n  ${JSON.stringify(JSON.parse(body), null, 2)}\n`],
    ["carriage returns and tabs", (body: string) => `\r\n\t${body}\r`],
    ["a quote at its end", (body: string) => body.replace(/}$/, `,"more":"@'"}`)],
  ])("sends the body of a restored snapshot exactly, with %s", async (_, change) => {
    await using stage = await withReceiver(200);
    const { sandbox, receiver } = stage;
    await paid(sandbox);
    const { body: snapshot } = await snapshotOf(sandbox);
    const [notification] = snapshot.records.notification;
    const body = change(notification.body);
    notification.body = body;
    expect((await putBack(sandbox, snapshot)).status).toBe(200);
    const { html } = await newest(sandbox);
    const { got } = await runCommand(sandbox, receiver, linkOf(html, "copy-webhook-now"));
    expect(got?.body).toBe(body);
    await verifyWithJose(got?.signatures[0], body, sandbox.credentials.hmacKey);
  });

  test("accepts a certificate that the world accepts", async () => {
    await using receiver = Object.assign(await startReceiver(undefined, "https"), {
      [Symbol.asyncDispose]: () => receiver.close(),
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTls: "accept_any" } });
    const { html } = await paid(sandbox);
    const { command, output } = await runCommand(sandbox, receiver, linkOf(html, "copy-webhook-now"));
    expect([command.includes("curl -i -k "), output.slice(0, 12)]).toEqual([true, "HTTP/1.1 204"]);
    expect(receiver.received).toHaveLength(2);
  });

  test("does not exist for an attempt that was not made", async () => {
    await using stage = await withReceiver(200);
    const { id } = await paid(stage.sandbox);
    for (const attempt of ["2", "0", "x"]) {
      expect((await get(stage.sandbox, `${list}/${id}/command?attempt=${attempt}`)).status).toBe(404);
    }
  });
});

describe.each([
  `<script>alert(1)</script>"><img src=x onerror=alert(1)>`,
  `</pre></bdi></main><h1>gone</h1>'onmouseover='alert(1)`,
  "\u202Egnp.tfel-ot-thgir\u202D\u2066\u2067",
])("the text %s in a reference and a response", (text) => {
  test("is only text", async () => {
    const headers = { "X-Text": encodeURI(text), "X-Html": "</pre><h1>gone</h1>" };
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(text, { status: 401, headers }) });
    const request = { ...paymentRequest(), merchantReference: text };
    const { body } = await post(sandbox, "/v1/payments", request);
    await sandbox.payments.act(body.id, "pay");
    await sandbox.settle();
    const { id, html } = await newest(sandbox);
    for (const page of [html, await show(sandbox), await show(sandbox, `${list}/${id}/command?attempt=1`)]) {
      expect(page.match(/<(h1|img|main)\b/g)).toHaveLength(2);
      expect(page).not.toMatch(/<[^>]* on\w+=/);
      const outside = page.replaceAll(/<(bdi|pre|option)\b[^>]*>.*?<\/\1>|<input[^>]*>/gs, "");
      expect(outside).not.toMatch(/[\u202E\u2066\u2067]/);
    }
    expect(textsOf(html, "answered-text")[0]).toContain("</pre><h1>gone</h1>");
  });
});
