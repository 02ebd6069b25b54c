import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { failing, makeBusy, putBack, repeatable, snapshotOf } from "../support/snapshots.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const publicUrl = "https://sandbox.example";

/** A text without values of the real clock: measured durations and signatures, which expire. */
function steady(text: string): string {
  if (text.startsWith("<")) return text;
  const value: unknown = JSON.parse(text, (name, member) => {
    if (name === "durationMs") return undefined;
    return Array.isArray(member) && member[0] === "x-signature" ? member.slice(0, 1) : member;
  });
  return JSON.stringify(value);
}

/** Every KSUID in a text. */
const idsIn = (text: string) => new Set(text.match(/(?<![0-9A-Za-z])[0-9A-Za-z]{27}(?![0-9A-Za-z])/g));

/** The bodies of all answers during a long script. */
async function longDay(sandbox: Sandbox): Promise<string[]> {
  const bodies: string[] = [];
  const record = <T extends { text: string; status: number }>(answer: T) => {
    bodies.push(`${answer.status} ${steady(answer.text)}`);
    return answer;
  };
  const ask = async (target: string) => record(await get(sandbox, target));
  const send = async (target: string, body: object) => record(await post(sandbox, target, body));
  const pay = (id: string) => send(`/_sandbox/payments/${id}/actions`, { action: "pay" });

  const world = (await send("/_sandbox/worlds", { settings: { refundDelay: "PT0S" } })).body;
  const { processingAccountId, publicKey } = world;
  await send("/_sandbox/worlds", { clock: "running" });
  await send("/_sandbox/credentials", { processingAccountId, publicKey });
  await send("/_sandbox/keys/rotate", { processingAccountId, overlap: "PT1H" });
  await send("/_sandbox/keys/rotate", { overlap: "PT0S" });
  for (const request of [
    paymentRequest(),
    paymentRequest({ account: processingAccountId }),
    paymentRequest({ account }),
  ]) {
    const { id } = (await send("/v1/payments?idempotencyKey=payment-key", request)).body;
    await send("/v1/payments?idempotencyKey=payment-key", request);
    await send("/v1/payments?idempotencyKey=payment-key", { ...request, merchantReference: "another" });
    await pay(id);
    const refund = { merchantReference: "return", amount: { value: 0.5, currency: "hkd" } };
    await send(`/v1/payments/${id}/refunds?idempotencyKey=refund-key`, refund);
    await send(`/v1/payments/${id}/refunds?idempotencyKey=refund-key`, refund);
  }
  for (const amount of [8888.9, 8888.01, 8888.06, 8888.2, 8888.24, 8888.3, 8888.41, 8888.43, 8888.43, 0.01, 60000]) {
    await send("/v1/payments", paymentRequest({ amount }));
  }
  await send("/_sandbox/scenarios/next", { scenario: { outcome: "fail", after: "PT1H", webhook: "late" }, times: 2 });
  const waiting = (await send("/v1/payments", paymentRequest())).body;
  await send(`/_sandbox/payments/${waiting.id}/actions`, { action: "scan" });
  await ask(waiting.nextStep.redirect.url.replace(publicUrl, ""));
  for (const by of ["PT2S", "PT40M", "PT1H", "PT6H"]) {
    await send("/_sandbox/clock/advance", { by });
    await send("/_sandbox/clock/advance", { processingAccountId, by });
    for (const list of ["payments", "transactions"]) {
      const { nextCursor } = (await ask(`/v1/${list}?limit=2`)).body;
      await ask(`/v1/${list}?limit=2&cursor=${nextCursor}`);
    }
    await ask("/_sandbox/notifications");
    await ask(`/_sandbox/payments/${waiting.id}`);
  }
  const { data } = (await ask("/_sandbox/notifications?limit=1")).body;
  await send(`/_sandbox/notifications/${data[0].id}/resend`, {});
  await send("/_sandbox/settle", {});
  for (const view of ["clock", "scenarios", "scenarios/next", "payments", "credentials"])
    await ask(`/_sandbox/${view}`);
  await ask(`/_sandbox/worlds/${processingAccountId}`);
  for (const id of [undefined, processingAccountId, account]) bodies.push(await repeatable(sandbox, id));
  return bodies;
}

const seeded = (seed: string | undefined, options: SandboxOptions = {}) =>
  frozenSandbox({ seed, publicUrl, webhook: failing(2).webhook, ...options });

const statuses = (bodies: string[]) => [...new Set(bodies.map((body) => body.slice(0, 4)))].sort();

describe("with a seed", () => {
  test("a script gives the same bodies and the same snapshots in every run", async () => {
    await using first = await seeded("teal");
    await using second = await seeded("teal");
    const bodies = await longDay(first);
    expect(statuses(bodies)).toEqual(["200 ", "201 ", "400 ", "409 ", "429 ", "500 ", '{"fo']);
    expect(await longDay(second)).toEqual(bodies);
  });

  test("the script gives the same bodies after a reset of everything", async () => {
    await using sandbox = await seeded("teal", { webhook: failing(100).webhook });
    const bodies = await longDay(sandbox);
    await sandbox.reset();
    expect(await longDay(sandbox)).toEqual(bodies);
  });

  test("another seed gives other ids and keys", async () => {
    await using teal = await seeded("teal");
    await using plum = await seeded("plum");
    for (const sandbox of [teal, plum]) await makeBusy(sandbox);
    const [ids, others] = [idsIn(await repeatable(teal)), idsIn(await repeatable(plum))];
    expect(ids.size).toBeGreaterThan(30);
    expect([...ids].filter((id) => others.has(id))).toEqual([demo]);
  });

  test("ids are the same after a reset and in another sandbox", async () => {
    const script = async (sandbox: Sandbox) => {
      const { id } = await createPaidPayment(sandbox);
      const refund = await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
      return [(await get(sandbox, `/v1/payments/${id}`)).text, refund.text];
    };
    await using sandbox = await frozenSandbox({ seed: "teal" });
    await using other = await frozenSandbox({ seed: "teal" });
    const first = await script(sandbox);
    await sandbox.reset();
    expect(await script(sandbox)).toEqual(first);
    expect(await script(other)).toEqual(first);
    await post(other, "/_sandbox/reset", {});
    expect(await script(other)).toEqual(first);
  });

  test("a restored world continues with the same order of tasks, retry schedule and ids", async () => {
    const [here, there] = [failing(3), failing(3)];
    await using sandbox = await frozenSandbox({ seed: "teal", webhook: here.webhook });
    await using other = await frozenSandbox({ seed: "teal", webhook: there.webhook });
    await makeBusy(sandbox);
    await putBack(other, (await snapshotOf(sandbox)).text);
    there.ids.push(...here.ids);
    for (const each of [sandbox, other]) {
      await post(each, "/_sandbox/keys/rotate", { overlap: "PT5M" });
      await each.clock.advance("PT2H");
      await createPaidPayment(each);
      await each.clock.advance("P8D");
    }
    expect(there.ids).toEqual(here.ids);
    expect(here.ids.length).toBeGreaterThan(20);
    expect(await repeatable(other)).toBe(await repeatable(sandbox));
  });
});

test("on loopback without a seed, ids differ in each run and keys do not", async () => {
  const onLoopback = { publicUrl: "http://127.0.0.1:8852" };
  await using first = await seeded(undefined, onLoopback);
  await using second = await seeded(undefined, onLoopback);
  for (const sandbox of [first, second]) await makeBusy(sandbox);
  const [ids, others] = [idsIn(await repeatable(first)), idsIn(await repeatable(second))];
  const { kid, hmacKeys } = first.credentials;
  expect([...ids].filter((id) => others.has(id)).sort()).toEqual([demo, kid, hmacKeys[0]?.kid].sort());
});

describe("after a reset", () => {
  test("of its own, a world is the same as a new one", async () => {
    await using sandbox = await seeded("teal");
    const { processingAccountId } = (await post(sandbox, "/_sandbox/worlds", { settings: { expiry: "PT1M" } })).body;
    const start = (await snapshotOf(sandbox)).text;
    const opened = (await snapshotOf(sandbox, processingAccountId)).text;
    await makeBusy(sandbox);
    await createPayment(sandbox, { account: processingAccountId });
    await post(sandbox, "/_sandbox/clock/advance", { processingAccountId, by: "PT1H" });
    for (const reset of [{}, { processingAccountId }]) await post(sandbox, "/_sandbox/reset", reset);
    expect((await snapshotOf(sandbox, processingAccountId)).text).toBe(opened);

    const { merchant, ...rest } = (await snapshotOf(sandbox)).body;
    const { merchant: before, ...restBefore } = JSON.parse(start);
    expect(JSON.stringify({ ...rest, ids: {} })).toBe(JSON.stringify(restBefore));
    // The merchant keeps its keys, except those that were being retired. Their ids are not used again.
    expect(merchant.hmacKeys).toHaveLength(1);
    expect(merchant.hmacKeys).not.toEqual(before.hmacKeys);
    expect(rest.ids).toEqual({ hmac_key: 1 });
  });

  test("of everything, the sandbox is the same as a new one", async () => {
    await using fresh = await seeded("teal");
    await using sandbox = await seeded("teal");
    const open = async (each: Sandbox) => (await post(each, "/_sandbox/worlds", {})).body.processingAccountId;
    await open(sandbox);
    await makeBusy(sandbox);
    await post(sandbox, "/_sandbox/credentials", { publicKey: sandbox.credentials.publicKey });
    await post(sandbox, "/_sandbox/reset", { all: true });
    expect((await snapshotOf(sandbox)).text).toBe((await snapshotOf(fresh)).text);
    const ids = [await open(fresh), await open(sandbox)];
    expect(ids[1]).toBe(ids[0]);
    expect((await snapshotOf(sandbox, ids[0])).text).toBe((await snapshotOf(fresh, ids[0])).text);
  });
});
