import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get } from "../support/merchant.ts";
import { submit, testids, textsOf } from "./reading.ts";

const ok = async () => new Response(null, { status: 204 });

/** Submits a form and follows its redirect. @returns the page, and the part of its address after `#`. */
async function followed(sandbox: Sandbox, path: string, form: Record<string, string> = {}) {
  const { status, headers, text } = await submit(sandbox, path, form);
  if (status !== 303) throw new Error(`the form was refused: ${textsOf(text, "problem")}`);
  const [address = "", entry] = (headers.get("location") ?? "").split("#");
  return { page: (await get(sandbox, address)).text, entry };
}

const noticeOf = (page: string) => textsOf(page, "notice");

describe("after a form the page says what happened", () => {
  /** Creates what the form needs. @returns its path. */
  type Prepare = (sandbox: Sandbox) => Promise<string>;
  const world = (path: string) => async () => `/inspector/${path}`;
  const pending = (form: string) => async (sandbox: Sandbox) =>
    `/inspector/payments/${(await createPayment(sandbox)).id}/${form}`;
  const paid = (form: string) => async (sandbox: Sandbox) =>
    `/inspector/payments/${(await createPaidPayment(sandbox)).id}/${form}`;
  const refund: Prepare = async (sandbox) => {
    const { id } = await createPaidPayment(sandbox);
    return `/inspector/refunds/${(await sandbox.payments.refund(id, { amount: 5 })).id}/act`;
  };
  const payments =
    (count: number): Prepare =>
    async (sandbox) => {
      for (let made = 0; made < count; made += 1) await createPayment(sandbox);
      return "/inspector/clock/advance";
    };

  test.each<[Prepare, Record<string, string>, string, SandboxOptions?]>([
    [pending("act"), { action: "scan" }, "Scanned: HK$200.00."],
    [pending("act"), { action: "pay" }, "Paid: HK$200.00."],
    [pending("act"), { action: "decline", reason: "risk_rejected" }, "Declined: HK$200.00, risk rejected."],
    [pending("act"), { action: "cancel" }, "Cancelled: HK$200.00."],
    [pending("act"), { action: "expire" }, "Expired: HK$200.00."],
    [pending("act"), { action: "fail" }, "Failed: HK$200.00."],
    [paid("refunds"), { amount: "5" }, "Refund started: HK$5.00."],
    [paid("refunds"), { amount: "12.50" }, "Refund started: HK$12.50."],
    [paid("refunds"), { amount: "" }, "Refund started: HK$200.00."],
    [refund, { action: "succeed" }, "Refund completed: HK$5.00."],
    [refund, { action: "fail" }, "Refund failed: HK$5.00."],
    [world("clock"), { mode: "running" }, "The clock runs."],
    [world("clock"), { mode: "frozen" }, "The clock is frozen."],
    [world("clock/advance"), { by: "1h30m" }, "Advanced 1 h 30 min: nothing was due."],
    [world("clock/advance"), { by: "PT0.5S" }, "Advanced 500 ms: nothing was due."],
    [payments(1), { by: "PT30M" }, "Advanced 30 min: 1 payment expired."],
    [payments(1), { to: "2026-01-05T09:30:00Z" }, "Advanced 30 min: 1 payment expired."],
    [payments(103), { by: "PT30M" }, "Advanced 30 min: 103 payments expired, 103 notifications sent.", { webhook: ok }],
    [refund, { action: "succeed" }, "Refund completed: HK$5.00."],
    [world("scenarios"), { scenario: "paid", times: "1" }, "Queued paid once."],
    [world("scenarios"), { scenario: "expired", times: "2" }, "Queued expired twice."],
    [world("scenarios"), { scenario: "expired", times: "7" }, "Queued expired 7 times."],
    [world("scenarios/clear"), {}, "Emptied the queue: 0 scenarios removed."],
    [world("endpoint"), { webhookUrl: "http://localhost:3000/hooks" }, "The endpoint is set."],
    [world("endpoint"), { webhookUrl: "" }, "The endpoint is removed."],
    [world("reset"), {}, "The world is reset: it has no payments."],
    [world("payments"), {}, "Payment created: HK$128.50."],
  ])("%o %j: %s", async (prepare, form, sentence, options = {}) => {
    await using sandbox = await frozenSandbox(options);
    const { page } = await followed(sandbox, await prepare(sandbox), form);
    expect(noticeOf(page)).toEqual([sentence]);
    expect(testids(page)).not.toContain("problem");
  });

  test("an advance counts each thing that it did, and the notifications that nobody acknowledged", async () => {
    const webhook = async () => new Response(null, { status: 500 });
    await using sandbox = await frozenSandbox({ webhook });
    const [first, second] = [await createPaidPayment(sandbox), await createPaidPayment(sandbox)];
    await sandbox.settle();
    await sandbox.payments.refund(first.id, { amount: 1 });
    await sandbox.payments.refund(second.id);
    for (const scenario of ["declined_insufficient_funds", "paid", "failed"] as const) {
      await sandbox.scenarios.next(scenario);
      await createPayment(sandbox);
    }
    const { page } = await followed(sandbox, "/inspector/clock/advance", { by: "2s" });
    expect(noticeOf(page)).toEqual([
      "Advanced 2 s: 1 payment captured, 1 payment declined, 1 payment failed, 2 refunds completed, " +
        "5 notifications sent, 5 without a 2xx answer.",
    ]);
  });

  test("it counts only what this advance did", async () => {
    await using sandbox = await frozenSandbox({ webhook: ok });
    await createPayment(sandbox);
    await sandbox.clock.advance("PT30M");
    const { page } = await followed(sandbox, "/inspector/clock/advance", { by: "30m" });
    expect(noticeOf(page)).toEqual(["Advanced 30 min: nothing was due."]);
  });
});

describe("after a resend the page says what the endpoint answered", () => {
  async function resent(options: SandboxOptions) {
    const sandbox = await frozenSandbox(options);
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    const [notification] = (await get(sandbox, "/_sandbox/notifications")).body.data;
    const back = `/inspector/payments/${id}`;
    const path = `/inspector/notifications/${notification.id}/resend`;
    return { sandbox, notification: notification.id as string, ...(await followed(sandbox, path, { back })) };
  }

  test.each<[string, SandboxOptions, RegExp]>([
    ["200", { webhook: async () => new Response("fine") }, /^Sent: 200 in \d+ ms\.$/],
    ["500", { webhook: async () => new Response("no", { status: 500 }) }, /^Sent: 500 in \d+ ms\.$/],
    [
      "nothing within the timeout",
      { webhook: () => new Promise(() => undefined), settings: { webhookTimeoutMs: 20 } },
      /^Sent: no answer within 20 ms\.$/,
    ],
    [
      "no connection",
      { settings: { webhookUrl: "http://127.0.0.1:1/" } },
      /^Not sent: the connection failed after \d+ ms\.$/,
    ],
  ])("%s", async (_answer, options, sentence) => {
    const { sandbox, page, entry, notification } = await resent(options);
    await using _ = sandbox;
    expect(noticeOf(page)).toEqual([expect.stringMatching(sentence)]);
    expect(entry).toBe(`attempt-${notification}-1`);
    const open = [...page.matchAll(/<details[^>]* id="([^"]*)"[^>]* open>/g)].map(([, id]) => id);
    expect(open).toEqual([`${entry}-more`]);
    expect(page).toContain(`<li id="${entry}"`);
  });
});

test("a resend during which the world is reset is refused, and says so", async () => {
  let onSecond = () => {};
  const sentAgain = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  let calls = 0;
  const webhook = () => {
    calls += 1;
    if (calls === 1) return ok();
    onSecond();
    return new Promise<Response>(() => undefined);
  };
  await using sandbox = await frozenSandbox({ webhook });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const [{ id }] = (await get(sandbox, "/_sandbox/notifications")).body.data;
  const answer = submit(sandbox, `/inspector/notifications/${id}/resend`);
  await sentAgain;
  await sandbox.reset();
  const { status, text } = await answer;
  expect([status, textsOf(text, "problem")]).toEqual([409, ["The action failed. The world was reset meanwhile."]]);
});

test("a resend without an answer until the end of the wait leads to the timeline", async () => {
  await using sandbox = await frozenSandbox();
  const { text } = await get(sandbox, "/?done=waiting.ms-10000");
  expect(noticeOf(text)).toEqual(["Sent: no answer within 10 s. It will appear in the timeline."]);
});

describe("the new entry is open, and the address leads to it", () => {
  const openIn = (page: string) => [...page.matchAll(/<details[^>]* id="([^"]*)"[^>]* open>/g)].map(([, id]) => id);

  test("a new refund, until it ends", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const back = `/inspector/payments/${id}`;
    const started = await followed(sandbox, `${back}/refunds`, { amount: "5", back });
    const [refund] = (await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds;
    expect([started.entry, openIn(started.page)]).toEqual([`refund-${refund.id}`, ["refunds-details"]]);
    expect(started.page).toContain(`<li id="refund-${refund.id}"`);
    const ended = await followed(sandbox, `/inspector/refunds/${refund.id}/act`, { action: "fail", back });
    expect([ended.entry, openIn(ended.page)]).toEqual([started.entry, ["refunds-details"]]);
  });

  test("the call of a test payment", async () => {
    await using sandbox = await frozenSandbox();
    const { page, entry } = await followed(sandbox, "/inspector/payments");
    expect([entry, openIn(page)]).toEqual(["call-1", ["call-1-more"]]);
    expect(page).toContain('<li id="call-1"');
  });

  test("nothing is open without a result", async () => {
    await using sandbox = await frozenSandbox({ webhook: ok });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.payments.refund(id, { amount: 1 });
    expect(openIn((await get(sandbox, `/inspector/payments/${id}`)).text)).toEqual([]);
  });
});

describe("a notice", () => {
  test.each(["/", "/inspector/controls", "/inspector/requests"])("is on %s, and its link closes it", async (place) => {
    await using sandbox = await frozenSandbox();
    const { page } = await followed(sandbox, "/inspector/clock", { mode: "frozen", back: place });
    expect(page).toContain('<p role="status" data-testid="notice">The clock is frozen.</p>');
    const [, close = ""] = /href="([^"]*)"[^>]* data-testid="notice-close"/.exec(page) ?? [];
    expect(close).toBe(place);
    expect(noticeOf((await get(sandbox, close)).text)).toEqual([]);
  });

  test("is not repeated by links, forms and updates of its page", async () => {
    await using sandbox = await frozenSandbox();
    const { page } = await followed(sandbox, "/inspector/clock", { mode: "frozen", back: "/?q=order" });
    expect(page).toContain('data-live="/?q=order"');
    expect(page).not.toContain("done=");
  });
});

describe("an address cannot put a text of its own into a notice", () => {
  const ksuid = "37pcl2Gi6h1BTRdIbDeVVcv1q6s";
  test.each([
    "",
    "answered",
    "nothing.of-this",
    "Your+account+is+blocked",
    "<b>x</b>",
    "constructor",
    "__proto__",
    "toString.x-1",
    "clock",
    "clock.mode-sideways",
    "clock.mode-frozen.text-hello",
    "clock.mode-frozen-hello",
    "clock.__proto__-1.mode-frozen",
    "queued.times-1.scenario-call_0800_12345",
    "queued.times-1",
    "advanced.ms-x",
    "advanced.ms--1",
    "advanced.ms-1e9",
    "advanced.ms-9999999999999999",
    "advanced.ms-1.expired-many",
    "advanced.ms-1.robbed-5",
    `answered.status-200.ms-5.notification-${ksuid}.attempt-1.answer-hello`,
    `answered.status-OK.ms-5.notification-${ksuid}.attempt-1`,
    "answered.status-200.ms-5.notification-x.attempt-1",
    `refund_started.amount-5.refund-${ksuid.slice(1)}`,
    `unanswered.why-hello.ms-5.notification-${ksuid}.attempt-1`,
    "acted.action-steal.amount-100",
    "acted.action-decline.amount-100.reason-hello",
  ])("?done=%s shows nothing", async (done) => {
    await using sandbox = await frozenSandbox();
    const { status, text } = await get(sandbox, `/?done=${encodeURIComponent(done)}`);
    expect([status, noticeOf(text)]).toEqual([200, []]);
    expect(text).not.toContain("hello");
  });
});

test("the notice of one replica is the same on another: it needs no state of the process", async () => {
  await using first = await frozenSandbox();
  await using second = await frozenSandbox();
  const { headers } = await submit(first, "/inspector/scenarios", { scenario: "expired", times: "2" });
  expect(noticeOf((await get(second, headers.get("location") ?? "")).text)).toEqual(["Queued expired twice."]);
});
