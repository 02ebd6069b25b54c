import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { configFromCommandLine } from "../../src/config/config.ts";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { startAnswering } from "../support/notifications.ts";
import { levels, type StagedWorld } from "./levels.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;
type Schedule = NonNullable<Contract["retrySchedule"]>;

const minute = 60_000;
const hour = 60 * minute;

async function refusingEndpoint() {
  const receiver = await startAnswering(500);
  onTestFinished(receiver.close);
  return receiver;
}

async function paidIn(world: StagedWorld) {
  const created = await post(world, "/v1/payments", world.order());
  await world.payments.act(created.body.id, "pay");
  return created.body.id as string;
}

/** Starts of the attempts of the newest notification, in minutes since its creation. */
async function startsIn(world: Pick<StagedWorld, "notifications">) {
  const [notification] = (await world.notifications.list()).data;
  if (notification === undefined) throw new Error("there is no notification");
  const { createTime, attempts, state, nextAttemptTime } = notification;
  const starts = attempts.map(({ startedAt }) => (Date.parse(startedAt) - Date.parse(createTime)) / minute);
  return { starts, state, nextAttemptTime };
}

describe.each(levels)("set $level", ({ open }) => {
  test.each<[what: string, retrySchedule: Schedule, starts: readonly number[]]>([
    ["no delay", [], [0]],
    ["PT0S twice", [0, 0], [0, 0, 0]],
    ["PT1M", [minute], [0, 1]],
    ["PT1M, PT1H and PT0.001S", [minute, hour, 1], [0, 1, 61, 61 + 1 / minute]],
    ["PT1M fifty times", Array(50).fill(minute), Array.from({ length: 51 }, (_, index) => index)],
  ])("retrySchedule of %s: one attempt more than delays, then it is exhausted", async (_what, schedule, starts) => {
    const { url } = await refusingEndpoint();
    const world = await open({ retrySchedule: schedule }, { webhookUrl: url });
    await paidIn(world);
    await world.clock.advance("P10D");
    expect(await startsIn(world)).toEqual({ starts, state: "exhausted", nextAttemptTime: undefined });
  });

  test("retrySchedule provider: the provider's 22 attempts", async () => {
    const { url } = await refusingEndpoint();
    const world = await open({ retrySchedule: "provider" }, { webhookUrl: url });
    await paidIn(world);
    await world.clock.advance("P10D");
    const { starts, state } = await startsIn(world);
    expect([starts.length, starts.slice(0, 4), starts.at(-1), state]).toEqual([22, [0, 2, 7, 15], 6720, "exhausted"]);
  });
});

describe("retrySchedule", () => {
  test("is that of the payment, also for its refunds: a later change applies to later payments", async () => {
    const { url } = await refusingEndpoint();
    await using sandbox = await frozenSandbox({ webhook: url, settings: { contract: { retrySchedule: [minute] } } });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.change({ contract: { retrySchedule: [] } });
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
    await createPaidPayment(sandbox);
    await sandbox.clock.advance("PT1H");
    const { data } = await sandbox.notifications.list();
    expect(data.map(({ type, attempts }) => [type, attempts.length])).toEqual([
      ["refund", 2],
      ["payment", 1],
      ["payment", 2],
    ]);
  });

  test("goes on after a snapshot and its restore", async () => {
    const { url } = await refusingEndpoint();
    await using sandbox = await frozenSandbox({
      webhook: url,
      settings: { contract: { retrySchedule: [hour, hour] } },
    });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const snapshot = await sandbox.snapshot();
    await sandbox.reset();
    await sandbox.restore(snapshot);
    await sandbox.clock.advance("P1D");
    expect(await startsIn(sandbox)).toMatchObject({ starts: [0, 60, 120], state: "exhausted" });
  });

  test("does not count manual attempts", async () => {
    const { url } = await refusingEndpoint();
    await using sandbox = await frozenSandbox({ webhook: url, settings: { contract: { retrySchedule: [hour] } } });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const [notification] = (await sandbox.notifications.list()).data;
    await sandbox.notifications.resend(notification?.id ?? "");
    await sandbox.clock.advance("P1D");
    expect(await startsIn(sandbox)).toMatchObject({ starts: [0, 0, 60], state: "exhausted" });
  });

  test("is spelled in ISO 8601 in requests, in milliseconds in code, and also as 2m in the file", async () => {
    const delays = [2 * minute, 24 * hour];
    await using sandbox = await createSandbox({ settings: { contract: { retrySchedule: delays } } });
    expect((await sandbox.settings()).contract).toEqual({ retrySchedule: delays });
    const shown = await get(sandbox, `/_sandbox/worlds/${sandbox.processingAccountId}`);
    expect(shown.body.settings.contract).toEqual({ retrySchedule: ["PT2M", "P1D"] });

    const directory = mkdtempSync(join(tmpdir(), "contract-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "sandbox.json");
    writeFileSync(file, JSON.stringify({ settings: { contract: { retrySchedule: ["2m", "P1D"] } } }));
    expect(configFromCommandLine({ config: file }, {}).settings.contract).toEqual({ retrySchedule: delays });
  });

  test("appears in the OpenAPI document", async () => {
    const described = async (retrySchedule: Schedule) => {
      await using sandbox = await createSandbox({ settings: { contract: { retrySchedule } } });
      return (await get(sandbox, "/openapi.json")).body.webhooks.payment.post.description as string;
    };
    expect(await described([minute, hour])).toContain("in 3 attempts altogether: PT1M, PT1H after the start");
    expect(await described([])).toContain("Otherwise it is dropped.");
    expect(await described("provider")).toContain("in 22 attempts altogether: 2, 5, 8, 15 and 30 minutes");
  });

  test.each([
    ["an unknown name", "fast", '"fast"'],
    ["a delay that is no duration", ["PT1M", "soon"], '["PT1M","soon"]'],
    ["a short duration", ["2m"], '["2m"]'],
    ["a number", [60_000], "[60000]"],
    ["a delay of more than 30 days", ["P30DT0.001S"], '["P30DT0.001S"]'],
    ["a text for a list", "PT1M", '"PT1M"'],
  ])("cannot be %s", async (_what, retrySchedule, shown) => {
    await using sandbox = await createSandbox();
    const target = `/_sandbox/worlds/${sandbox.processingAccountId}`;
    const answer = await sandbox.fetch(target, {
      method: "PATCH",
      body: JSON.stringify({ settings: { contract: { retrySchedule } } }),
    });
    const { errors } = (await answer.json()) as { errors: object[] };
    const allowed = "expected provider, or a list of at most 50 delays, each an ISO 8601 duration of at most 30 days";
    const description = `settings.contract.retrySchedule is ${shown}; ${allowed}, such as PT30M.`;
    expect([answer.status, errors]).toMatchObject([400, [{ description }]]);
  });

  test("has at most 50 delays", async () => {
    const settings = { contract: { retrySchedule: Array(51).fill(minute) } };
    await expect(createSandbox({ settings })).rejects.toThrow("a list of at most 50 delays, each a whole number of");
  });
});
