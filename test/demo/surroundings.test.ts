import { mkdtempSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import type { Account } from "../../src/demo/account.ts";
import { usualContract } from "../../src/demo/contract.ts";
import { type Item, menu } from "../../src/demo/goods.ts";
import { Shop } from "../../src/demo/shop.ts";
import { createSandbox } from "../../src/index.ts";
import { openCommandLine } from "../support/command-line.ts";
import { withDemoShop } from "../support/demo-shop.ts";

describe("the demo shop", () => {
  test.each([{}, { demo: false }, { demo: undefined }])("is not served in process with %j", async (options) => {
    await using sandbox = await createSandbox(options);
    const url = await sandbox.listen();
    for (const path of ["/demo", "/demo/orders", "/demo/webhooks", "/demo/assets/shop.css"]) {
      expect((await fetch(url + path)).status).toBe(404);
    }
  });

  test("is served in process only once the sandbox listens on a port", async () => {
    await using sandbox = await createSandbox({ demo: true });
    const answer = await sandbox.fetch("/demo");
    expect([answer.status, await answer.text()]).toEqual([
      503,
      "The demo shop is a merchant and needs a port: listen first.",
    ]);
    await sandbox.listen();
    expect((await sandbox.fetch("/demo")).status).toBe(200);
  });

  test("has a world of its own, and leaves the demo world unchanged", () =>
    withDemoShop({}, async ({ visit, sandbox }) => {
      const before = JSON.stringify(await sandbox.snapshot());
      await visit("/demo");
      expect(JSON.stringify(await sandbox.snapshot())).toBe(before);
    }));

  const commands = openCommandLine();
  afterAll(() => commands[Symbol.asyncDispose]());
  const run = (args: string[], environment: Record<string, string>, file: object) =>
    commands.run(["--port", "0", "--log", "silent", ...args], { SANDBOX_CONFIG: fileWith(file), ...environment });
  function fileWith(content: object): string {
    const path = join(mkdtempSync(join(tmpdir(), "sandbox-")), "sandbox.json");
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  test.each<[string[], Record<string, string>, object, boolean]>([
    [[], {}, {}, true],
    [["serve"], {}, {}, true],
    [["--no-demo"], {}, {}, false],
    [["serve", "--no-demo"], {}, {}, false],
    [["--no-demo", "serve"], {}, {}, false],
    [[], { SANDBOX_NO_DEMO: "true" }, {}, false],
    [[], { SANDBOX_NO_DEMO: "false" }, {}, true],
    [[], {}, { demo: false }, false],
    [[], {}, { demo: true }, true],
    [[], { SANDBOX_NO_DEMO: "false" }, { demo: false }, true],
    [["--no-demo"], { SANDBOX_NO_DEMO: "false" }, { demo: true }, false],
  ])("is served by the command line with %j %j %j: %s", async (args, environment, file, isServed) => {
    const { out } = await run(args, environment, file);
    const [, url] = /ready at (\S+)/.exec(out) ?? [];
    expect((await fetch(`${url}/demo`)).status).toBe(isServed ? 200 : 404);
    expect(/^Buy something in the demo shop: http:\S+\/demo$/m.test(out)).toBe(isServed);
  });

  test.each<[string[], Record<string, string>, object, string]>([
    [["--no-demo=yes"], {}, {}, "--no-demo"],
    [["--demo"], {}, {}, "--no-demo"],
    [
      [],
      { SANDBOX_NO_DEMO: "maybe" },
      {},
      'SANDBOX_NO_DEMO is "maybe"; expected true or false; as a variable also 1, yes, 0 or no.',
    ],
    [[], {}, { demo: "no" }, 'is "no"; expected true or false;'],
  ])("a wrong value ends the program with 2: %j %j %j", async (args, environment, file, words) => {
    const { code, err } = await run(args, environment, file);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });
});

describe("what the sandbox saw", () => {
  const linkIn = (text: string, testid: string) => new RegExp(`href="([^"]*)" data-testid="${testid}"`).exec(text)?.[1];

  test("is one click away: each order links to the timeline of its payment, and every page to the shop's world", () =>
    withDemoShop({}, async ({ visit, buy, order, account }) => {
      const { number } = await buy("beans");
      const { text, paymentId } = await order(number);
      const timeline = linkIn(text, "timeline-link") ?? "";
      expect(timeline).toBe(`/inspector/payments/${paymentId}`);
      expect((await visit(timeline)).text).toContain("order-1001");
      for (const path of ["/demo", "/demo/orders", `/demo/orders/${number}`, "/demo/orders/1", "/demo/x"]) {
        expect(linkIn((await visit(path)).text, "sandbox-link")).toBe(`/?world=${await account()}`);
      }
      expect((await visit(`/?world=${await account()}`)).text).toContain('data-testid="payment-row"');
    }));

  test("is not offered by an order without a payment", () =>
    withDemoShop({}, async ({ buy, order }) => {
      const { number } = await buy("too-many");
      expect((await order(number)).text).not.toContain("timeline-link");
    }));
});

describe("the logo of the shop", () => {
  const inHeader = /data-testid="shop-link"><img class="logo" src="([^"]*)" alt="">/;

  test("is in its header, and the same on the page of the payment", () =>
    withDemoShop({}, async ({ visit, buy }) => {
      const { page } = await buy("beans");
      for (const path of ["/demo", "/demo/orders/1001", "/demo/x"]) {
        const address = inHeader.exec((await visit(path)).text)?.[1] ?? "";
        expect((await visit(address)).headers.get("content-type")).toBe("image/png");
        expect((await visit(page)).text).toContain(`<img class="avatar" src="${address}" alt="">`);
      }
    }));

  test("is there on the first page, and a drawing replaces it if somebody removes it", () =>
    withDemoShop({}, async ({ visit, buy, account, control }) => {
      expect((await visit("/demo")).text).toMatch(inHeader);
      await buy("beans");
      await control("PATCH", `/worlds/${await account()}`, { settings: { merchantLogo: null } });
      const { text } = await visit("/demo");
      expect(text).not.toMatch(inHeader);
      expect(text).toContain('data-testid="shop-link"><svg class="logo"');
    }));
});

describe("after a reset", () => {
  test("of all worlds, the shop is a new merchant without orders and takes new ones", () =>
    withDemoShop({}, async ({ buy, act, state, visit, sandbox }) => {
      await act((await buy("flat-white")).number, "pay");
      await sandbox.reset();
      expect((await visit("/demo/orders/1001/state")).status).toBe(200);
      const { status, text } = await visit("/demo/orders/1001");
      expect([status, text]).toEqual([404, expect.stringContaining("No order has this number.")]);
      expect((await visit("/demo/orders/1001/state")).status).toBe(404);
      const { number } = await buy("beans");
      await act(number, "pay");
      expect([number, await state(number)]).toEqual(["1001", "paid"]);
    }));

  test("the first request can be an order", () =>
    withDemoShop({ auth: "require" }, async ({ visit, sandbox, url }) => {
      await visit("/demo");
      await sandbox.reset();
      const { status, location } = await visit("/demo/orders", { item: "beans", flow: "qr_link" });
      expect([status, location]).toEqual([303, expect.stringMatching(new RegExp(`^${url}/pay/`))]);
    }));

  test("with a seed, the shop does not use the next world", () =>
    withDemoShop({ seed: "teal" }, async ({ visit, buy, sandbox, order }) => {
      await buy("beans");
      await sandbox.reset();
      const other = await sandbox.world({ settings: { merchantName: "Another shop" } });
      const { location } = await visit("/demo/orders", { item: "beans", flow: "qr_link" });
      expect((await visit(new URL(location).pathname)).text).toContain("Harbour Coffee");
      const { text } = await order("1001");
      expect(text).not.toContain(other.processingAccountId);
    }));

  test("of the shop's world alone, its orders report that the payment is unknown", () =>
    withDemoShop({}, async ({ buy, account, control, visit }) => {
      const { number } = await buy("beans");
      await control("POST", "/reset", { processingAccountId: await account() });
      const { status, text } = await visit(`/demo/orders/${number}`);
      expect([status, text]).toEqual([200, expect.stringContaining('data-testid="trouble"')]);
      expect((await buy("beans")).page).toMatch(/^\/pay\//);
    }));
});

describe("the address of the shop", () => {
  test("is the public URL for browsers, and the local one for the shop's server", () =>
    withDemoShop({ publicUrl: "https://sandbox.example.com" }, async ({ visit, act, state, account, control }) => {
      const { headers } = await visit("/demo");
      expect(headers.get("content-security-policy")).toContain("form-action 'self' https://sandbox.example.com;");
      const { status, location } = await visit("/demo/orders", { item: "beans", flow: "qr_link" });
      expect([status, location]).toEqual([303, expect.stringMatching(/^https:\/\/sandbox\.example\.com\/pay\//)]);
      await act("1001", "pay");
      expect(await state("1001")).toBe("paid");
      const query = `processingAccountId=${await account()}`;
      const { data } = await control<{ data: { body: string }[] }>("GET", `/requests?${query}`);
      const bodies = data.map(({ body }) => body).join();
      expect(bodies).toContain('"returnUrl":"https://sandbox.example.com/demo/orders/1001/return"');
    }));

  test.each(["127.0.0.1", "0.0.0.0", "localhost"])("can be on %s", (host) =>
    withDemoShop({ host, adminToken: "a-secret-of-the-tests", seed: "teal" }, async ({ buy, act, state, visit }) => {
      const { number } = await buy("beans");
      await act(number, "pay");
      expect(await state(number)).toBe("paid");
      await visit(`/demo/orders/${number}/refunds`, { what: "all", attempt: "1" });
      expect(await state(number)).toBe("refund_pending");
    }),
  );

  test("is the one that a phone came by, where the sandbox has no public URL", () =>
    withDemoShop({ host: "0.0.0.0", adminToken: "a-secret-of-the-tests", seed: "teal" }, async (shop) => {
      const { url, account, control } = shop;
      const phone = { host: "192.168.1.20:8852" };
      const { location } = await answer(url, "POST", "/demo/orders", phone, "item=beans&flow=mobile_redirect");
      expect(location).toMatch(/^http:\/\/192\.168\.1\.20:8852\/pay\//);
      const { body } = await answer(url, "GET", "/demo/orders/1001", phone);
      expect(body).toContain(`href="${location}" id="go-on"`);
      const again = await answer(url, "POST", "/demo/orders/1001/payment", { host: "localhost:8852" });
      expect(again).toMatchObject({ status: 303, location: expect.stringMatching(/^http:\/\/localhost:\d+\/pay\//) });
      const { data } = await control<{ data: { body: string }[] }>(
        "GET",
        `/requests?processingAccountId=${await account()}`,
      );
      const created = data.flatMap(({ body: sent }) => (sent === "" ? [] : [JSON.parse(sent)]));
      for (const { paymentMethod } of created) {
        expect(paymentMethod.alipayHk.returnUrl).toBe("http://192.168.1.20:8852/demo/orders/1001/return");
      }
    }));

  test("is open to all with an admin token, and reveals neither the token nor a key", () =>
    withDemoShop({ adminToken: "very-secret-token" }, async ({ buy, act, visit, account, control, url }) => {
      const { number } = await buy("beans");
      await act(number, "pay");
      const query = `processingAccountId=${await account()}`;
      const keys = await control<{ privateKey: string; hmacKey: string }>("GET", `/credentials?${query}`);
      const paths = ["/demo", "/demo/orders", `/demo/orders/${number}`, `/demo/orders/${number}/state`, "/demo/x"];
      const pages = await Promise.all(
        [...paths, "/demo/assets/shop.css", "/demo/assets/shop.js"].map((path) => visit(path)),
      );
      const received = pages.map(({ text, headers }) => text + JSON.stringify([...headers])).join("\n");
      expect(received).toContain("idempotencyKey=order-1001");
      for (const secret of ["very-secret-token", "PRIVATE KEY", keys.hmacKey, keys.privateKey.split("\n")[1] ?? ""]) {
        expect(received).not.toContain(secret);
      }
      // Signatures are shortened, so that nobody can send them again.
      expect(received).not.toMatch(/eyJ[\w-]+\.\.[\w-]+/);
      expect((await fetch(`${url}/_sandbox/credentials`)).status).toBe(401);
    }));
});

/** Sends a request over a real socket with exactly these headers. */
function answer(url: string, method: string, path: string, headers: Record<string, string>, body = "") {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number; location: string; body: string }>((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path, method, headers }, (response) => {
      readText(response).then((received) => {
        const { statusCode: status = 0, headers: sent } = response;
        resolve({ status, location: sent.location ?? "", body: received });
      }, reject);
    });
    outgoing.on("error", reject).end(body);
  });
}

const ask = async (...request: Parameters<typeof answer>) => (await answer(...request)).status;

describe("requests from other origins", () => {
  const form = "item=beans&flow=qr_link";
  test.each([
    ["its own page", { origin: "http://localhost:8852", host: "localhost:8852" }, 303],
    ["no Origin", { host: "localhost:8852" }, 303],
    ["a foreign page", { origin: "https://evil.com", host: "localhost:8852" }, 403],
    ["the Origin null", { origin: "null", host: "localhost:8852" }, 403],
    ["a form of another site", { "sec-fetch-site": "cross-site", host: "localhost:8852" }, 403],
    ["a rebound name", { host: "evil.com" }, 403],
  ])("%s buys and refunds: %j %i", (_, headers, status) =>
    withDemoShop({}, async ({ url, buy, act }) => {
      const { number } = await buy("beans");
      await act(number, "pay");
      const sent = headers as Record<string, string>;
      expect(await ask(url, "POST", "/demo/orders", sent, form)).toBe(status);
      const refunds = `/demo/orders/${number}/refunds`;
      expect(await ask(url, "POST", refunds, sent, "what=all&attempt=1")).toBe(status);
    }),
  );

  test("a return from any origin by GET or POST is accepted, and so is a link to the shop", () =>
    withDemoShop({}, async ({ url, buy }) => {
      const { number } = await buy("beans");
      const foreign = { origin: "https://wallet.example", "sec-fetch-site": "cross-site", host: "localhost:8852" };
      expect(await ask(url, "POST", `/demo/orders/${number}/return`, foreign)).toBe(303);
      expect(await ask(url, "GET", `/demo/orders/${number}/return`, foreign)).toBe(303);
      const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      for (const path of ["/demo", `/demo/orders/${number}`]) expect(await ask(url, "GET", path, link)).toBe(200);
      expect(await ask(url, "GET", "/demo", { ...link, "sec-fetch-dest": "iframe" })).toBe(403);
    }));
});

describe("any request gets a page", () => {
  const long = "x".repeat(4000);
  test.each([
    ["GET", "/demo/", 200],
    ["GET", "/demo?item=%00&flow=<script>", 200],
    ["GET", "/demo/orders/", 200],
    ["GET", "/demo/orders?number=1", 200],
    ["GET", "/demo/nothing", 404],
    ["GET", "/demo/orders/1", 404],
    ["GET", "/demo/orders/%E0%A4%A", 404],
    ["GET", "/demo/orders/__proto__", 404],
    ["GET", "/demo/orders/1001%2F..", 404],
    ["GET", `/demo/orders/${long}`, 404],
    ["GET", "/demo/orders/1/state", 404],
    ["GET", "/demo/orders/1/return?status=captured", 404],
    ["POST", "/demo/orders/1/refunds", 404],
    ["POST", "/demo/orders/1/payment", 404],
    ["POST", "/demo", 404],
    ["GET", "/demo/webhooks", 404],
    ["DELETE", "/demo/orders/1001", 404],
    ["GET", "/demolition", 404],
  ])("%s %s: %i", (method, path, status) =>
    withDemoShop({}, async ({ url }) => {
      expect(await ask(url, method, path, { host: "localhost" })).toBe(status);
    }),
  );

  test.each(["", "item=beans", "flow=qr_link", "item=__proto__&flow=qr_link", "item=beans&flow=card", "%", "{}"])(
    "a form with %j creates no order",
    (form) =>
      withDemoShop({}, async ({ url, visit }) => {
        expect(await ask(url, "POST", "/demo/orders", { host: "localhost" }, form)).toBe(400);
        expect((await visit("/demo/orders")).text).toContain('data-testid="no-orders"');
      }),
  );

  test("the content of a return URL is shown as text", () =>
    withDemoShop({}, async ({ buy, url, order }) => {
      const { number } = await buy("beans");
      const path = `/demo/orders/${number}/return?a=<script>alert(1)</script>&b="onload='x'`;
      expect(await ask(url, "GET", encodeURI(path).replaceAll("%3C", "<"), { host: "localhost" })).toBe(303);
      const { text, entries } = await order(number);
      expect(entries.join()).toContain("/return?a=");
      expect(text).not.toContain("<script>alert");
    }));

  test("a body larger than 64 KiB is refused", () =>
    withDemoShop({}, async ({ url }) => {
      const body = `item=${"x".repeat(64 * 1024)}`;
      for (const path of ["/demo/orders", "/demo/webhooks"]) {
        expect(await ask(url, "POST", path, { host: "localhost" }, body)).toBe(413);
      }
    }));

  test("every page says that no money moves, loads only its own files, and is not cached", () =>
    withDemoShop({}, async ({ visit, buy }) => {
      const { number } = await buy("beans");
      for (const path of ["/demo", "/demo/orders", `/demo/orders/${number}`, "/demo/orders/1", "/demo/x"]) {
        const { headers, text } = await visit(path);
        expect(text).toContain("SANDBOX: no money moves");
        const loaded = [...text.matchAll(/<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"/g)].map(
          ([, url]) => url,
        );
        expect(loaded.filter((url) => !/^\/demo\/assets\/|^\/logos\/|^data:,$/.test(url ?? ""))).toEqual([]);
        expect(text).not.toMatch(/<script>|\son\w+=|style="/);
        expect(headers.get("content-security-policy")).toContain("default-src 'none'");
        expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
      }
    }));

  test("five hundred orders are kept, and the oldest are removed first", () => {
    const shop = new Shop(
      {} as Account,
      () => usualContract,
      () => 0,
    );
    const [item] = menu;
    for (let count = 0; count < 501; count += 1) shop.place(item as Item, "qr_link");
    expect([shop.orders.length, shop.order("1001"), shop.order("1002")?.number]).toEqual([500, undefined, "1002"]);
  });
});
