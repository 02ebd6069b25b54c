import { describe, expect, test } from "vitest";
import { createSandbox, signRequest } from "../../src/index.ts";
import { readEvents } from "../support/hints.ts";
import { answerOf, createPaidPayment, createPayment, frozenSandbox, get, paymentRequest } from "../support/merchant.ts";
import { behindProxy } from "../support/sub-path-proxy.ts";

const adminToken = "open-sesame-and-let-me-in";
const publicUrl = "https://example.com/tools/sandbox";

/** Values of the attributes of a page that are paths. */
const pathsOf = (page: string) => [...page.matchAll(/\s[a-z-]+="(\/[^"]*)"/g)].map(([, path]) => path ?? "");

describe("with a path in the public URL", () => {
  test("every path in a page begins with it, and no page loses a path", async () => {
    await using sandbox = await frozenSandbox({ publicUrl, demo: true });
    await using plain = await frozenSandbox({ publicUrl: "https://example.com", demo: true });
    const pagesOf = async (one: typeof sandbox) => {
      const pending = await createPayment(one);
      const paid = await createPaidPayment(one);
      const path = ({ nextStep, id }: typeof pending) => nextStep?.redirect.url.replace(/.*\/pay\//, "/pay/") ?? id;
      const inspector = ["/", "/inspector/controls", "/inspector/requests?requests=all"];
      const payments = [pending, paid].map(({ id }) => `/inspector/payments/${id}`);
      const payer = [path(pending), path(pending).replace("/pay/", "/wallet/"), "/pay/unknown"];
      return [...inspector, ...payments, "/inspector/payments/unknown", ...payer, "/docs"];
    };
    const [below, above] = [await pagesOf(sandbox), await pagesOf(plain)];
    for (const [at, page] of below.entries()) {
      const [found, expected] = [await get(sandbox, page), await get(plain, above[at] ?? "")];
      // The page that a refused form returns to is a value of the form, not an address.
      const paths = pathsOf(found.text.replace(/name="back" value="[^"]*"/g, ""));
      const plainPaths = pathsOf(expected.text.replace(/name="back" value="[^"]*"/g, ""));
      expect(paths.length).toBeGreaterThan(1);
      expect(paths).toHaveLength(plainPaths.length);
      expect(paths.filter((path) => !path.startsWith("/tools/sandbox/"))).toEqual([]);
    }
  });

  test("the path in a text of a merchant stays as it is", async () => {
    await using sandbox = await frozenSandbox({ publicUrl, settings: { merchantName: 'a href="/x" src="/y"' } });
    const { nextStep } = await createPayment(sandbox);
    const { text } = await get(sandbox, nextStep.redirect.url.replace(publicUrl, ""));
    expect(text).toContain("a href=&quot;/x&quot; src=&quot;/y&quot;");
  });

  test("redirects and cookies have it, and a sign-out ends the session", async () => {
    await using proxied = await behindProxy("/tools/sandbox", { adminToken });
    const { url, strays } = proxied;
    const send = (path: string, form: Record<string, string>, headers = {}) =>
      fetch(url + path, { method: "POST", body: new URLSearchParams(form), redirect: "manual", headers });
    const signedIn = await send("/inspector/sign-in", { token: adminToken, back: "/inspector/controls" });
    expect([signedIn.status, signedIn.headers.get("location")]).toEqual([303, "/tools/sandbox/inspector/controls"]);
    const [cookie = ""] = signedIn.headers.getSetCookie();
    expect(cookie).toMatch(/^sandbox_session_\d+=[^;]+; Path=\/tools\/sandbox; HttpOnly; SameSite=Strict$/);
    const headers = { Cookie: cookie.split(";")[0] ?? "" };
    const done = await send("/inspector/clock", { mode: "frozen", back: "/?status=pending" }, headers);
    expect([done.status, done.headers.get("location")]).toEqual([
      303,
      "/tools/sandbox/?status=pending&done=clock.mode-frozen",
    ]);
    const signedOut = await send("/inspector/sign-out", {}, headers);
    expect(signedOut.headers.get("location")).toBe("/tools/sandbox/");
    expect(signedOut.headers.getSetCookie()[0]).toContain("; Path=/tools/sandbox");
    expect((await fetch(`${url}/inspector/controls`, { headers })).status).toBe(401);
    expect(strays).toEqual([]);
  });

  test("the event stream comes through at once, and asks proxies not to hold it back", async () => {
    await using proxied = await behindProxy("/tools/sandbox");
    const response = await fetch(`${proxied.url}/_sandbox/events`);
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const stream = readEvents(response);
    expect((await stream.next())?.event).toBe("hello");
    const { id } = await createPayment(proxied.sandbox);
    expect(await stream.next()).toMatchObject({ event: "change", data: { resource: "payment", id } });
    await stream.leave();
  });

  test("without a path in the URL, cookies are for all paths", async () => {
    await using sandbox = await createSandbox({ publicUrl: "https://example.com/" });
    const { nextStep } = await createPayment(sandbox);
    const { headers } = await get(sandbox, `${new URL(nextStep.redirect.url).pathname}?lang=zh-HK`);
    expect(headers.getSetCookie()[0]).toContain("; Path=/; ");
  });

  test("the pages have it, but trackingUrl and aud do not", async () => {
    await using proxied = await behindProxy("/tools/sandbox");
    const { sandbox, url } = proxied;
    const { kid, privateKey, baseUrl } = sandbox.credentials;
    expect(baseUrl).toBe(url);
    const body = JSON.stringify(paymentRequest());
    const create = (target: string) => {
      const signature = signRequest({ method: "POST", target, body, kid, privateKey });
      return fetch(`${url}/v1/payments`, { method: "POST", body, headers: { "X-Signature": signature } });
    };
    const created = await create("/v1/payments");
    expect(created.status).toBe(201);
    const {
      body: { trackingUrl, nextStep },
    } = await answerOf(created);
    expect(trackingUrl).toMatch(/^\/v1\/tracks\/payments\/[\w-]+$/);
    expect(nextStep.redirect.url.startsWith(`${url}/pay/`)).toBe(true);
    const refused = await create("/tools/sandbox/v1/payments");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("x-sandbox-diagnosis")).toContain("POST /v1/payments");
  });

  test("requests are allowed whether or not the proxy passes the Host on", async () => {
    for (const keepsHost of [true, false]) {
      await using proxied = await behindProxy("/tools/sandbox", {}, { keepsHost });
      const origin = new URL(proxied.url).origin;
      const headers = { Origin: origin, "Sec-Fetch-Site": "same-origin" };
      expect((await fetch(`${proxied.url}/_sandbox/clock`, { headers })).status).toBe(200);
      const foreign = { Origin: "https://evil.com" };
      expect((await fetch(`${proxied.url}/_sandbox/clock`, { headers: foreign })).status).toBe(403);
    }
  });
});
