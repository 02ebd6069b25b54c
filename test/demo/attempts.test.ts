import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createDemoShop } from "../../src/demo/routes.ts";
import { type DemoShop, withDemoShop } from "../support/demo-shop.ts";

const payAgain = ({ visit }: DemoShop, number: string) => visit(`/demo/orders/${number}/payment`, {});

/** The idempotency keys of the requests that created payments, oldest first. */
async function keys({ control, account }: DemoShop): Promise<string[]> {
  const query = `processingAccountId=${await account()}`;
  const { data } = await control<{ data: { method: string; target: string }[] }>("GET", `/requests?${query}`);
  return data
    .toReversed()
    .flatMap(({ method, target }) => (method === "POST" ? [target.replace("/v1/payments?idempotencyKey=", "")] : []));
}

async function payments({ control, account }: DemoShop): Promise<{ id: string; status: string }[]> {
  const query = `processingAccountId=${await account()}`;
  return (await control<{ data: { id: string; status: string }[] }>("GET", `/payments?${query}`)).data;
}

async function next(shop: DemoShop, scenario: string | object, times = 1): Promise<void> {
  await shop.control("POST", "/scenarios/next", { processingAccountId: await shop.account(), scenario, times });
}

async function resendAll({ control, account, settle }: DemoShop): Promise<void> {
  const query = `processingAccountId=${await account()}`;
  const { data } = await control<{ data: { id: string }[] }>("GET", `/notifications?${query}`);
  for (const { id } of data) await control("POST", `/notifications/${id}/resend`);
  await settle();
}

describe("after an attempt that ended without money", () => {
  test.each([
    ["decline", "declined"],
    ["cancel", "cancelled"],
    ["expire", "expired"],
    ["fail", "failed"],
  ])("by %s, a new attempt has a new key and a page that can be paid", (action, ended) =>
    withDemoShop({}, async (shop) => {
      const { number, page } = await shop.buy("flat-white");
      await shop.act(number, action);
      const { text, state } = await shop.order(number);
      expect([state, text.includes('data-testid="try-again"')]).toEqual([ended, true]);
      const { status, location } = await payAgain(shop, number);
      const second = new URL(location).pathname;
      expect([status, await shop.state(number), second === page]).toEqual([303, "waiting", false]);
      expect((await shop.visit(second)).text).toContain('data-testid="open-wallet"');
      expect((await payAgain(shop, number)).location).toBe(location);
      expect(await keys(shop)).toEqual(["order-1001", "order-1001-2"]);
      await shop.act(number, "pay");
      await resendAll(shop);
      expect([await shop.state(number), (await shop.order(number)).state]).toEqual(["paid", "paid"]);
      expect((await payments(shop)).map((one) => one.status)).toEqual(["captured", expect.any(String)]);
    }),
  );

  test("the end is known from the provider when the payer tries again, without a webhook", () =>
    withDemoShop({}, async (shop) => {
      await shop.visit("/demo");
      await next(shop, { outcome: "decline", webhook: "never" });
      const { number, page } = await shop.buy("flat-white");
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("waiting");
      expect(new URL((await payAgain(shop, number)).location).pathname).not.toBe(page);
      expect(await keys(shop)).toEqual(["order-1001", "order-1001-2"]);
    }));

  test("a double click starts one attempt", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      await shop.act(number, "decline");
      const [one, other] = await Promise.all([payAgain(shop, number), payAgain(shop, number)]);
      expect(one.location).toBe(other.location);
      expect(await payments(shop)).toHaveLength(2);
    }));

  test("a third one has a third key", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      for (const action of ["decline", "cancel"]) {
        await shop.act(number, action);
        await payAgain(shop, number);
      }
      expect(await keys(shop)).toEqual(["order-1001", "order-1001-2", "order-1001-3"]);
    }));
});

describe("the same attempt keeps its key", () => {
  test.each([
    ["server_error_before", 1, "waiting"],
    ["server_error_after", 1, "waiting"],
    ["response_lost", 1, "waiting"],
    ["server_error_before", 2, "not_started"],
    ["response_wrong_signature", 1, "not_started"],
    ["response_changed_redirect", 1, "not_started"],
    ["response_html", 1, "not_started"],
    ["rate_limited", 1, "not_started"],
  ])("after %s (%i times) the order is %s, and has one payment", (scenario, times, state) =>
    withDemoShop({}, async (shop) => {
      await shop.visit("/demo");
      await next(shop, scenario, times);
      const { number, page } = await shop.buy("flat-white");
      expect([page.startsWith("/pay/"), await shop.state(number)]).toEqual([state === "waiting", state]);
      const { location } = await payAgain(shop, number);
      expect(location).toMatch(new RegExp(`^${shop.url}/pay/`));
      expect(new Set(await keys(shop))).toEqual(new Set(["order-1001"]));
      expect(await payments(shop)).toHaveLength(1);
      await shop.act(number, "pay");
      expect(await shop.state(number)).toBe("paid");
    }),
  );

  test("a payment whose response was lost and that expired since gets a new attempt", () =>
    withDemoShop({}, async (shop) => {
      await shop.visit("/demo");
      await next(shop, { fault: "response_wrong_signature", webhook: "never" });
      const { number } = await shop.buy("flat-white");
      await shop.advance("PT30M");
      const { location } = await payAgain(shop, number);
      expect((await shop.visit(new URL(location).pathname)).text).toContain('data-testid="open-wallet"');
      expect((await keys(shop)).slice(-2)).toEqual(["order-1001", "order-1001-2"]);
    }));
});

describe("an order that was paid", () => {
  test.each(["paid", "refunded"])("is not paid again when it is %s", (state) =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      await shop.act(number, "pay");
      if (state === "refunded") await shop.visit(`/demo/orders/${number}/refunds`, { what: "all", attempt: "1" });
      await shop.advance("PT2S");
      const { location } = await payAgain(shop, number);
      expect([location, await payments(shop)]).toEqual([`/demo/orders/${number}`, [expect.anything()]]);
      await resendAll(shop);
      expect([await shop.state(number), (await shop.order(number)).state]).toEqual([state, state]);
    }),
  );

  test("late, after it expired, is paid", () =>
    withDemoShop({}, async (shop) => {
      await shop.visit("/demo");
      await next(shop, { paidLate: "PT10M" });
      const { number } = await shop.buy("flat-white");
      await shop.advance("PT30M");
      expect(await shop.state(number)).toBe("expired");
      await shop.advance("PT10M");
      expect(await shop.state(number)).toBe("paid");
    }));
});

test("a redirect in a response of the provider is not followed", async () => {
  let followed = 0;
  const server = createServer((request, response) => {
    if (request.url === "/elsewhere") followed += 1;
    response.writeHead(307, { Location: "/elsewhere" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const redirecting = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await withDemoShop({ demo: false }, async ({ url }) => {
      const shop = createDemoShop({
        ...{ sandboxUrl: url, adminToken: undefined, now: Date.now },
        send: (target, init) => fetch(target.replace(`${url}/v1`, `${redirecting}/v1`), init),
      });
      const body = new URLSearchParams({ item: "beans", flow: "qr_link" });
      const answer = await shop.request(`${url}/demo/orders`, { method: "POST", body });
      expect([answer.headers.get("location"), followed]).toEqual(["/demo/orders/1001", 0]);
      const page = await (await shop.request(`${url}/demo/orders/1001`)).text();
      expect(page).toContain("The provider did not sign the response.");
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a refusal after a lost response does not prove that there is no payment", () =>
  withDemoShop({ demo: false }, async ({ url, control, visit }) => {
    let requests = 0;
    const shop = createDemoShop({
      ...{ sandboxUrl: url, adminToken: undefined, now: Date.now },
      send: async (target, init) => {
        if (init.method !== "POST" || !target.includes("/v1/payments")) return fetch(target, init);
        requests += 1;
        // The second request has another target than its signature: the provider refuses it.
        const answer = await fetch(requests === 2 ? `${target}&` : target, init);
        if (requests === 1) throw new Error("The response is lost.");
        return answer;
      },
    });
    const post = async (path: string, form: Record<string, string>) => {
      const answer = await shop.request(url + path, { method: "POST", body: new URLSearchParams(form) });
      return answer.headers.get("location") ?? "";
    };
    expect(await post("/demo/orders", { item: "beans", flow: "qr_link" })).toBe("/demo/orders/1001");
    const text = await (await shop.request(`${url}/demo`)).text();
    const [, processingAccountId] = /\?world=(\w+)/.exec(text) ?? [];
    await control("POST", "/clock/advance", { processingAccountId, by: "PT30M" });
    const { pathname } = new URL(await post("/demo/orders/1001/payment", {}));
    expect((await visit(pathname)).text).toContain('data-testid="open-wallet"');
  }));

describe("a signed response that somebody repeats", () => {
  type Control = DemoShop["control"];
  /** A shop whose reads of the first order can be answered with an earlier response. */
  async function withRepeatedResponses(
    run: (shop: {
      read(number: string): Promise<{ state: string | undefined; text: string; id: string }>;
      post(path: string, form: Record<string, string>): Promise<Response>;
      repeatCreation(key: string, laterKey: string): void;
      keep(number: string): Promise<() => void>;
      control: Control;
    }) => Promise<void>,
  ): Promise<void> {
    await withDemoShop({ demo: false }, async ({ url, control }) => {
      const responses = new Map<string, Response>();
      const repeated = new Map<string, Response>();
      const shop = createDemoShop({
        ...{ sandboxUrl: url, adminToken: undefined, now: Date.now },
        send: async (target, init) => {
          const answer = repeated.get(target) ?? (await fetch(target, init));
          responses.set(target, answer.clone());
          return answer.clone();
        },
      });
      const post = async (path: string, form: Record<string, string>) =>
        shop.request(url + path, { method: "POST", body: new URLSearchParams(form) });
      const page = async (number: string) => (await shop.request(`${url}/demo/orders/${number}`)).text();
      const targetOf = async (number: string) =>
        `${url}${/GET (\/v1\/tracks\/payments\/[\w-]+)/.exec(await page(number))?.[1]}`;
      await run({
        ...{ control, post },
        repeatCreation: (key, laterKey) => {
          const target = `${url}/v1/payments?idempotencyKey=`;
          repeated.set(target + laterKey, responses.get(target + key) as Response);
        },
        read: async (number) => {
          await shop.request(`${url}/demo/orders/${number}/return`);
          const text = await page(number);
          const [, id = ""] = /data-testid="payment-id">(\w+)/.exec(text) ?? [];
          return { text, id, state: /data-testid="state" data-state="(\w+)"/.exec(text)?.[1] };
        },
        keep: async (number) => {
          const response = responses.get(await targetOf(number)) as Response;
          const target = await targetOf("1001");
          return () => void repeated.set(target, response);
        },
      });
    });
  }
  const beans = { item: "beans", flow: "qr_link" };

  test("to the creation of another payment sends the payer nowhere", () =>
    withRepeatedResponses(async ({ read, post, repeatCreation }) => {
      await post("/demo/orders", beans);
      repeatCreation("order-1001", "order-1002");
      expect((await post("/demo/orders", beans)).headers.get("location")).toBe("/demo/orders/1002");
      expect((await read("1002")).text).toContain("The provider&#39;s response is about another payment.");
    }));

  test("about another payment changes nothing", () =>
    withRepeatedResponses(async ({ read, post, keep, control }) => {
      for (const _ of [1, 2]) await post("/demo/orders", beans);
      await control("POST", `/payments/${(await read("1002")).id}/actions`, { action: "pay" });
      expect((await read("1002")).state).toBe("paid");
      const repeat = await keep("1002");
      expect((await read("1001")).state).toBe("waiting");
      repeat();
      const { state, text } = await read("1001");
      expect(state).toBe("waiting");
      expect(text).toContain("The provider&#39;s response is about another payment.");
    }));

  test("about an earlier state of the payment sets nothing back", () =>
    withRepeatedResponses(async ({ read, post, keep, control }) => {
      await post("/demo/orders", beans);
      const { id } = await read("1001");
      const repeatPending = await keep("1001");
      await control("POST", `/payments/${id}/actions`, { action: "pay" });
      expect((await read("1001")).state).toBe("paid");
      const repeatPaid = await keep("1001");
      await post("/demo/orders/1001/refunds", { what: "all", attempt: "1" });
      const { processingAccountId } = await control<{ processingAccountId: string }>("GET", `/payments/${id}`);
      await control("POST", "/clock/advance", { processingAccountId, by: "PT2S" });
      expect((await read("1001")).state).toBe("refunded");
      for (const repeat of [repeatPaid, repeatPending]) {
        repeat();
        expect((await read("1001")).state).toBe("refunded");
      }
    }));
});
