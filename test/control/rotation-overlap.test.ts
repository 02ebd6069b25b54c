import { afterEach, describe, expect, test, vi } from "vitest";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

describe("the overlap after a rotation of keys that several worlds share", () => {
  afterEach(() => void vi.useRealTimers());

  test("ends by real time, whatever the clock of one world shows", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 5) });
    await using sandbox = await frozenSandbox({ webhook: async () => new Response() });
    await createPayment(sandbox, { account });
    await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT1H" });
    const signaturesOf = async () => {
      const response = await sandbox.fetch("/v1/payments");
      return (response.headers.get("x-signature") ?? "").split(", ").length;
    };
    const keysOf = async () => (await get(sandbox, "/_sandbox/credentials")).body.hmacKeys.length;

    await sandbox.clock.advance("PT2H");
    expect([await signaturesOf(), await keysOf()]).toEqual([2, 2]);
    vi.setSystemTime(Date.UTC(2026, 0, 5, 0, 59, 59));
    expect([await signaturesOf(), await keysOf()]).toEqual([2, 2]);
    vi.setSystemTime(Date.UTC(2026, 0, 5, 1));
    expect([await signaturesOf(), await keysOf()]).toEqual([1, 1]);
    const { id } = (await createPayment(sandbox)) as { id: string };
    await sandbox.payments.act(id, "pay");
    await sandbox.settle();
    const [notification] = (await sandbox.notifications.list()).data;
    const lines = notification?.attempts[0]?.requestHeaders.filter(([name]) => name === "x-signature");
    expect(lines).toHaveLength(1);
    // The retired key does not count against the maximum, and a further rotation starts another overlap.
    await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT1H" });
    expect(await keysOf()).toBe(2);
  });
});
