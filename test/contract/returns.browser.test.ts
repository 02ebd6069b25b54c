import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { inPage } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { paymentRequest, post } from "../support/merchant.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

/** Starts a merchant's site with a page `/back`. @param redirectTo where a POST leads. */
async function startSite({ redirectTo }: { readonly redirectTo?: string } = {}) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    if (request.url?.startsWith("/back")) requests.push(`${request.method} ${request.url} ${body}`.trim());
    if (request.method === "POST" && redirectTo !== undefined) {
      response.writeHead(303, { location: redirectTo }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html" }).end("<h1 data-testid=back>Thank you</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Opens a sandbox and creates a payment. @returns the page of the payment. */
async function openPayment(contract: Contract, returnUrl: string) {
  const sandbox = await createSandbox({ settings: { contract, returnDelayMs: 0 } });
  onTestFinished(() => sandbox.close());
  await sandbox.listen();
  const { body } = await post(sandbox, "/v1/payments", paymentRequest({ flowType: "mobile_redirect", returnUrl }));
  return { id: body.id as string, url: body.nextStep.redirect.url as string };
}

/** Names that hide properties and methods of the form, and that browsers treat in a special way. */
const awkward = ["submit", "dataset", "action", "method", "form", "id", "name", "x[]", "ü &"];

describe.skipIf(findChromium() === undefined)("the return in a real browser", () => {
  test.each([true, false])("with script: %s, the browser posts the parameters", async (javaScriptEnabled) => {
    const site = await startSite();
    const returnParameters = awkward.map((name) => ({ name, value: "{status} ü&{merchantReference}" }));
    const { url } = await openPayment({ returnMethod: "post", returnParameters }, `${site.url}/back?order=1#done`);
    await inPage({ javaScriptEnabled }, async (page) => {
      await page.goto(url);
      await page.getByTestId("pay").click();
      if (!javaScriptEnabled) await page.getByTestId("back-to-merchant").click();
      await page.getByTestId("back").waitFor();
      expect(page.url()).toBe(`${site.url}/back?order=1#done`);
    });
    const body = new URLSearchParams(awkward.map((name): [string, string] => [name, "captured ü&order-1001"]));
    expect(site.requests).toEqual([`POST /back?order=1 ${body}`]);
  });

  test.each([true, false])(
    "with script: %s, the browser has the parameters in its query",
    async (javaScriptEnabled) => {
      const site = await startSite();
      const returnParameters = awkward.map((name) => ({ name, value: "{status} + {id}" }));
      const { id, url } = await openPayment({ returnParameters }, `${site.url}/back?order=1#done`);
      await inPage({ javaScriptEnabled }, async (page) => {
        await page.goto(url);
        await page.getByTestId("pay").click();
        await page.getByTestId("back").waitFor();
        expect(page.url().endsWith("#done")).toBe(true);
      });
      const query = awkward.map((name) => `${encodeURIComponent(name)}=captured%20%2B%20${id}`).join("&");
      expect(site.requests).toEqual([`GET /back?order=1&${query}`]);
    },
  );

  describe("to an app", () => {
    const app = "myapp://orders/1001?x=1#done";

    /** Ends on the result page of a payment. @returns the addresses of apps that the browser asked for, in order. */
    async function opened(
      contract: Contract,
      options: BrowserContextOptions,
      run: (page: Page, asked: readonly string[]) => Promise<void>,
    ): Promise<void> {
      const { url } = await openPayment({ ...contract, returnSchemes: "custom" }, app);
      await inPage(options, async (page) => {
        const asked: string[] = [];
        const errors: string[] = [];
        page.on("request", (request) => !/^http/.test(request.url()) && asked.push(request.url()));
        page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
        page.on("pageerror", (error) => errors.push(error.message));
        await page.goto(url);
        await page.getByTestId("pay").click();
        await run(page, asked);
        expect(await page.getByTestId("status").getAttribute("data-status")).toBe("captured");
        expect(errors).toEqual([]);
      });
    }

    test.each([
      [true, "get"],
      [false, "get"],
      [true, "post"],
    ] as const)(
      "with script: %s and the method %s, the browser opens it and the page stays",
      async (script, method) => {
        const returnParameters = [{ name: "status", value: "{status}" }];
        const contract = { returnMethod: method, returnParameters };
        await opened(contract, { javaScriptEnabled: script }, async (page, asked) => {
          const address = "myapp://orders/1001?x=1&status=captured";
          await expect.poll(() => asked).toEqual([address]);
          if (script) await expect.poll(() => page.getByTestId("stay").count()).toBe(0);
          await page.getByTestId("back-to-merchant").click();
          await expect.poll(() => asked).toEqual([address, address]);
        });
      },
    );

    test("a merchant's site may lead the form on to it", async () => {
      const site = await startSite({ redirectTo: app });
      const { url } = await openPayment({ returnMethod: "post", returnSchemes: "custom" }, `${site.url}/back`);
      await inPage({}, async (page) => {
        const asked: string[] = [];
        page.on("request", (request) => !/^http/.test(request.url()) && asked.push(request.url()));
        await page.goto(url);
        await page.getByTestId("pay").click();
        await expect.poll(() => asked).toEqual(["myapp://orders/1001?x=1"]);
      });
      expect(site.requests).toEqual(["POST /back"]);
    });
  });
});
