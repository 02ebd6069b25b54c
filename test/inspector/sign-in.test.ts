import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { createSandbox, type SandboxOptions, withSandbox } from "../../src/index.ts";
import { readEvents } from "../support/hints.ts";
import { get } from "../support/merchant.ts";
import { textsOf } from "./reading.ts";

const adminToken = "open-sesame-and-let-me-in";

interface Sent {
  readonly method?: string;
  readonly form?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/** Sends a request over a real socket with exactly these headers. Does not follow redirects. */
function ask(url: string, path: string, { method, form, headers = {} }: Sent = {}) {
  const { hostname, port } = new URL(url);
  const body = form === undefined ? "" : new URLSearchParams(form).toString();
  const type = form === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" };
  const options = { hostname, port, path, headers: { ...type, ...headers } };
  return new Promise<{ status: number; text: string; location: string | undefined; cookie: string | undefined }>(
    (resolve, reject) => {
      const outgoing = request({ ...options, method: method ?? (form ? "POST" : "GET") }, async (answer) => {
        let text = "";
        for await (const chunk of answer.setEncoding("utf8")) text += chunk;
        const { location, "set-cookie": cookies } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, text, location, cookie: cookies?.[0] });
      });
      outgoing.on("error", reject).end(body);
    },
  );
}

const listening = (options: SandboxOptions, run: (url: string) => Promise<void>) =>
  withSandbox({ adminToken, ...options }, async (sandbox) => run(await sandbox.listen()));

/** Signs in. @returns the header that a browser sends from then on. */
async function signIn(url: string): Promise<{ Cookie: string }> {
  const { cookie = "" } = await ask(url, "/inspector/sign-in", { form: { token: adminToken, back: "/" } });
  return { Cookie: cookie.split(";")[0] ?? "" };
}

const pages = ["/", "/inspector/controls", "/inspector/requests", "/inspector/payments/37dGamyEv5WKH3Iy91Gj6dncbXt"];
const forms = ["/inspector/clock", "/inspector/reset", "/inspector/scenarios", "/inspector/payments/x/act"];

describe("with an admin token", () => {
  test("every page and every form asks to sign in first, and reveals nothing", () =>
    listening({}, async (url) => {
      for (const path of [...pages, ...forms]) {
        const { status, text } = await ask(url, path, pages.includes(path) ? {} : { form: { mode: "frozen" } });
        expect([path, status]).toEqual([path, 401]);
        expect(text).toContain('action="/inspector/sign-in"');
        expect(text).not.toMatch(/NOMUPAY|PRIVATE|2HdN2jq6XWmlkhqRC2gDTNYCvNH|open-sesame-and-let-me-in/);
      }
    }));

  test("a wrong token is reported, and the right one leads to the requested page", () =>
    listening({}, async (url) => {
      const back = "/inspector/requests?requests=all";
      expect((await ask(url, back)).text).toContain(`name="back" value="${back}"`);
      const wrong = await ask(url, "/inspector/sign-in", { form: { token: "sesame", back } });
      expect([wrong.status, textsOf(wrong.text, "problem"), wrong.cookie]).toEqual([
        401,
        ["This is not the admin token."],
        undefined,
      ]);
      const right = await ask(url, "/inspector/sign-in", { form: { token: adminToken, back } });
      expect([right.status, right.location]).toEqual([303, back]);
      expect(right.cookie).toMatch(/^sandbox_session_\d+=[\w-]{24}; Path=\/; HttpOnly; SameSite=Strict$/);
      for (const away of [
        "https://evil.com",
        "//evil.com/",
        "/\\evil.com",
        "javascript:alert(1)",
        "/inspector/sign-out",
      ]) {
        const answer = await ask(url, "/inspector/sign-in", { form: { token: adminToken, back: away } });
        expect([answer.status, answer.location]).toEqual([303, "/"]);
      }
    }));

  test("a session gives access to the inspector and the events only", () =>
    listening({}, async (url) => {
      const headers = await signIn(url);
      for (const path of pages.slice(0, 3)) expect((await ask(url, path, { headers })).status).toBe(200);
      expect((await ask(url, "/inspector/clock", { form: { mode: "frozen" }, headers })).status).toBe(303);
      const stream = readEvents(await fetch(`${url}/_sandbox/events`, { headers }));
      expect((await stream.next())?.event).toBe("hello");
      await stream.leave();
      for (const path of ["/_sandbox/credentials", "/_sandbox/requests", "/_sandbox/snapshot"]) {
        expect((await ask(url, path, { headers })).status).toBe(401);
      }
      expect((await ask(url, "/_sandbox/events", { method: "POST", headers })).status).toBe(401);
    }));

  test("no session or a forged one gives no access to events and pages", () =>
    listening({}, async (url) => {
      const { Cookie } = await signIn(url);
      const [name] = Cookie.split("=");
      for (const value of ["", adminToken, "x".repeat(24)]) {
        const headers = { Cookie: `${name}=${value}` };
        expect((await ask(url, "/_sandbox/events", { headers })).status).toBe(401);
        expect((await ask(url, "/", { headers })).status).toBe(401);
      }
    }));

  test("signing out ends the session, also for a copy of its cookie", () =>
    listening({}, async (url) => {
      const headers = await signIn(url);
      const other = await signIn(url);
      const out = await ask(url, "/inspector/sign-out", { form: {}, headers });
      expect([out.status, out.location]).toEqual([303, "/"]);
      expect(out.cookie).toMatch(/Max-Age=0/);
      expect((await ask(url, "/", { headers })).status).toBe(401);
      expect((await ask(url, "/", { headers: other })).status).toBe(200);
    }));

  test("the token as Bearer gives access too", () =>
    listening({}, async (url) => {
      expect((await ask(url, "/", { headers: { Authorization: `Bearer ${adminToken}` } })).status).toBe(200);
      expect((await ask(url, "/", { headers: { Authorization: "Bearer wrong" } })).status).toBe(401);
    }));

  test("sessions do not depend on the seed, and end with the process", async () => {
    const cookies: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await listening({ seed: "teal" }, async (url) => {
        const { Cookie } = await signIn(url);
        const before = cookies.map((value) => ({ Cookie: `${Cookie.split("=")[0]}=${value}` }));
        for (const headers of before) expect((await ask(url, "/", { headers })).status).toBe(401);
        cookies.push(Cookie.split("=")[1] ?? "");
      });
    }
    expect(cookies[0]).not.toBe(cookies[1]);
  });

  test("the cookie is Secure if the sandbox is reached over https", () =>
    listening({ publicUrl: "https://sandbox.test" }, async (url) => {
      const form = { token: adminToken };
      const outside = await ask(url, "/inspector/sign-in", { form, headers: { Host: "sandbox.test" } });
      expect(outside.cookie).toMatch(/^sandbox_session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      expect((await ask(url, "/inspector/sign-in", { form })).cookie).not.toContain("Secure");
    }));

  test("requests in process need no token", async () => {
    await using sandbox = await createSandbox({ adminToken });
    expect((await get(sandbox, "/")).status).toBe(200);
  });
});

describe("no page of another origin drives the inspector", () => {
  test.each([
    [{ Origin: "https://evil.com" }, 403],
    [{ Origin: "null" }, 403],
    [{ Origin: "http://localhost:3000" }, 403],
    [{ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }, 403],
    [{ "Sec-Fetch-Site": "same-origin" }, 303],
    [{}, 303],
  ])("%j: %i", (headers: Record<string, string>, status) =>
    listening({}, async (url) => {
      const session = await signIn(url);
      const sent = { form: { mode: "frozen", token: adminToken }, headers: { ...session, ...headers } };
      for (const path of ["/inspector/clock", "/inspector/reset", "/inspector/sign-in", "/inspector/sign-out"]) {
        expect([path, (await ask(url, path, sent)).status]).toEqual([path, status]);
      }
    }),
  );

  test("a link to a page works, but no script of another origin can read the page", () =>
    listening({ adminToken: "none" }, async (url) => {
      const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
      for (const path of pages.slice(0, 3)) {
        expect((await ask(url, path, { headers: link })).status).toBe(200);
        expect((await ask(url, path, { headers: { ...link, "Sec-Fetch-Dest": "iframe" } })).status).toBe(403);
        expect((await ask(url, path, { headers: { ...link, "Sec-Fetch-Mode": "cors" } })).status).toBe(403);
      }
    }));

  test("without an admin token there is no sign-in", () =>
    listening({ adminToken: undefined }, async (url) => {
      const { status, text } = await ask(url, "/");
      expect([status, text.includes("sign-out")]).toEqual([200, false]);
      const answer = await ask(url, "/inspector/sign-in", { form: { token: "anything" } });
      expect([answer.status, answer.cookie]).toEqual([303, undefined]);
    }));
});
