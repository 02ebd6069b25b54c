import { describe, expect, test } from "vitest";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";

const browser = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const program = { Accept: "application/json" };

/** The links of a page, except those to other languages: test id and address. */
const waysOf = (text: string) =>
  [...text.matchAll(/<a class="button[^>]* data-testid="([^"]*)" href="([^"]*)"/g)].map(
    ([, id, url]) => `${id} ${url}`,
  );

const noPayment = "No payment has this address. The sandbox may have been restarted or reset.";
const noPage = "The sandbox has no page at this address.";

describe("a browser that opens an address that is not there gets a page with a way on", () => {
  test.each([
    ["/pay/x", noPayment],
    ["/wallet/x", noPayment],
    ["/pay/x/more", noPage],
    ["/pay", noPage],
    ["/nothing", noPage],
    ["/docs/nothing", noPage],
    ["/inspector/nothing", noPage],
    ["/_sandbox/nothing", noPage],
  ])("%s", async (target, sentence) => {
    for (const [demo, ways] of [
      [false, ["to-inspector /"]],
      [true, ["to-shop /demo", "to-inspector /"]],
    ] as const) {
      await using sandbox = await frozenSandbox({ demo });
      const { status, text } = await get(sandbox, target, browser);
      expect([status, waysOf(text)]).toEqual([404, ways]);
      expect(text).toContain(sentence);
    }
  });

  test.each([
    ["zh-HK", "找不到頁面"],
    ["zh-CN", "找不到页面"],
  ])("in the language of the browser: %s", async (language, title) => {
    await using sandbox = await frozenSandbox();
    const { text } = await get(sandbox, "/nothing", { ...browser, "Accept-Language": language });
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(title);
  });

  test("also for a method that the address does not have", async () => {
    await using sandbox = await frozenSandbox();
    const { status, headers, text } = await get(sandbox, "/inspector/clock", browser);
    expect([status, headers.get("allow"), waysOf(text)]).toEqual([405, "POST", ["to-inspector /"]]);
  });
});

describe("a program gets JSON", () => {
  test.each(["/pay/x", "/wallet/x", "/pay/x/status", "/nothing", "/_sandbox/nothing", "/v1/nothing"])(
    "%s",
    async (target) => {
      await using sandbox = await frozenSandbox();
      const { status, body } = await get(sandbox, target, program);
      expect([status, body?.reason.code]).toEqual([404, "not_found"]);
    },
  );

  test("from the provider's API whatever it accepts, and from any other address unless it accepts pages", async () => {
    await using sandbox = await frozenSandbox();
    for (const [target, headers] of [
      ["/v1/nothing", browser],
      ["//v1/payments", browser],
      ["/nothing", {}],
      ["/nothing", { Accept: "*/*" }],
    ] as const) {
      expect((await get(sandbox, target, headers)).headers.get("content-type")).toMatch(/^application\/json/);
    }
  });
});

describe("the address of a form", () => {
  test.each(["pay", "wallet"])("that a browser opens leads to the payment: %s", async (place) => {
    await using sandbox = await frozenSandbox();
    const { pathname } = new URL((await createPayment(sandbox)).nextStep.redirect.url);
    const page = pathname.replace("/pay/", `/${place}/`);
    const answer = await sandbox.fetch(`${page}/actions?lang=zh-HK`, { headers: browser, redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${page}?lang=zh-HK`]);
  });

  test("has a way back to the payment after an unknown action", async () => {
    await using sandbox = await frozenSandbox();
    const { pathname } = new URL((await createPayment(sandbox)).nextStep.redirect.url);
    const body = new URLSearchParams({ action: "refund" });
    const answer = await sandbox.fetch(`${pathname}/actions?view=wallet`, { method: "POST", body });
    expect([answer.status, waysOf(await answer.text())]).toEqual([400, [`to-payment ${pathname}?view=wallet`]]);
  });
});
