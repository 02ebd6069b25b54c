import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { submit, textsOf } from "./reading.ts";

const inUtc = { Cookie: "sandbox_time_zone=UTC" };

/** A sandbox at one in the night of Hong Kong, with a payment of each kind of time. */
async function nightly(): Promise<{ sandbox: Sandbox; paths: Record<string, string> }> {
  const sandbox = await frozenSandbox({
    clock: "2026-01-05T17:30:00.250Z",
    webhook: async () => new Response("no", { status: 500 }),
  });
  const { id: expired } = await createPayment(sandbox);
  await post(sandbox, "/_sandbox/clock/advance", { by: "PT31M" });
  const { id: pending } = await createPayment(sandbox);
  const { id: notified } = await createPayment(sandbox);
  await sandbox.payments.act(notified, "pay");
  await sandbox.settle();
  const paths = {
    ...{ home: "/", controls: "/inspector/controls", calls: "/inspector/requests?requests=all" },
    ...{ expired: `/inspector/payments/${expired}`, pending: `/inspector/payments/${pending}` },
    notified: `/inspector/payments/${notified}`,
  };
  return { sandbox, paths };
}

/** Every time that a page shows. An attribute is for programs, and is always in UTC. */
const timesIn = (html: string) =>
  html
    .replace(/<pre.*?<\/pre>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .match(/(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(\.\d{3})?/g) ?? [];

/** Hour and minute of a shown time, in minutes of the day. */
const minuteOf = (shown: string) => {
  const [, hours, minutes] = /(\d\d):(\d\d):\d\d/.exec(shown) ?? [];
  return Number(hours) * 60 + Number(minutes);
};

describe("the inspector shows one time zone on all pages", () => {
  test("Hong Kong without a selection, and otherwise the selected one: each time is the same instant", async () => {
    const { sandbox, paths } = await nightly();
    await using _ = sandbox;
    for (const [name, path] of Object.entries(paths)) {
      const hongKong = timesIn((await get(sandbox, path)).text);
      const utc = timesIn((await get(sandbox, path, inUtc)).text);
      expect(hongKong.length, name).toBeGreaterThan(1);
      // Other days have a date, so each time is in both pages.
      expect(
        hongKong.map((shown) => (minuteOf(shown) + 16 * 60) % 1440),
        name,
      ).toEqual(utc.map(minuteOf));
    }
  });

  test("with the date of the zone: one day in Hong Kong can be two in UTC, and the other way round", async () => {
    const { sandbox, paths } = await nightly();
    await using _ = sandbox;
    const pending = paths.pending ?? "";
    const hongKong = (await get(sandbox, pending)).text;
    const utc = (await get(sandbox, pending, inUtc)).text;
    expect([textsOf(hongKong, "clock"), textsOf(utc, "clock")]).toEqual([
      ["2026-01-06 02:01:00"],
      ["2026-01-05 18:01:00"],
    ]);
    expect(textsOf(hongKong, "line")[0]).toContain("2026-01-06 02:01:00.250");
    expect(textsOf(utc, "line")[0]).toContain("2026-01-05 18:01:00.250");
    expect([textsOf(hongKong, "finding")[0], textsOf(utc, "finding")[0]]).toEqual([
      expect.stringContaining("expires at 02:31:00 , in 30 min ."),
      expect.stringContaining("expires at 18:31:00 , in 30 min ."),
    ]);
  });

  test("and names it", async () => {
    const { sandbox, paths } = await nightly();
    await using _ = sandbox;
    for (const path of [paths.pending ?? "", paths.calls ?? ""]) {
      expect((await get(sandbox, path)).text).toMatch(/aria-pressed="true"\s+data-testid="zone-hkt"/);
      expect((await get(sandbox, path)).text.replace(/<button.*?<\/button>/gs, "")).not.toContain("UTC");
      expect((await get(sandbox, path, inUtc)).text).toMatch(/aria-pressed="true"\s+data-testid="zone-utc"/);
      expect((await get(sandbox, path, inUtc)).text.replace(/<button.*?<\/button>/gs, "")).not.toContain("HKT");
    }
  });

  test("the selection is kept in a cookie, and the form leads back to its page", async () => {
    await using sandbox = await frozenSandbox();
    const back = "/inspector/requests?requests=all";
    const { status, headers } = await submit(sandbox, "/inspector/time-zone", { zone: "UTC", back });
    expect([status, headers.get("location")]).toEqual([303, back]);
    expect(headers.get("set-cookie")).toMatch(/^sandbox_time_zone=UTC; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test.each(["CET", "hkt", ""])("an unknown zone is refused and not kept: %j", async (zone) => {
    await using sandbox = await frozenSandbox();
    const { status, text, headers } = await submit(sandbox, "/inspector/time-zone", { zone });
    expect(status).toBe(400);
    expect(textsOf(text, "problem")[0]).toContain(`The time zone is "${zone}"; expected HKT or UTC.`);
    expect(headers.get("set-cookie")).toBeNull();
    const page = await get(sandbox, "/", { Cookie: `sandbox_time_zone=${zone}` });
    expect(textsOf(page.text, "clock")).toEqual(["2026-01-05 17:00:00"]);
  });
});

test.each([
  ["PT30M", "30 min", "30:00"],
  ["PT29M59.001S", "29 min 59 s", "29:59"],
  ["PT0.999S", "0 s", "0:00"],
])("no remaining time is rounded up: %s is %s", async (expiry, words, digits) => {
  await using sandbox = await frozenSandbox();
  const { processingAccountId } = sandbox;
  await sandbox.fetch(`/_sandbox/worlds/${processingAccountId}`, {
    method: "PATCH",
    body: JSON.stringify({ settings: { expiry } }),
  });
  const { id } = await createPayment(sandbox);
  const { text } = await get(sandbox, `/inspector/payments/${id}`);
  expect(textsOf(text, "finding")[0]).toContain(`, in ${words} .`);
  expect(textsOf(text, "row-note")[0]).toContain(`expires in ${digits}`);
});
