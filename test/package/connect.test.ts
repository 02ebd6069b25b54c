import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { connectSandbox, createSandbox, SandboxError } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get } from "../support/merchant.ts";

/** A server that is not a sandbox. */
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

test("closing a handle affects neither the server nor its other handles", async () => {
  await using server = await frozenSandbox();
  const url = await server.listen();
  const [one, other] = [await connectSandbox(url), await connectSandbox(new URL(url))];
  const payment = await createPayment(one);
  await one.close();
  expect("listen" in one).toBe(false);
  await other.payments.act(payment.id, "pay");
  expect((await get(server, payment.trackingUrl)).body.status).toBe("captured");
  expect((await get(one, payment.trackingUrl)).body.status).toBe("captured");
});

test("the credentials are the server's at connection time, with the changes made by this handle", async () => {
  await using server = await frozenSandbox({ publicUrl: "https://sandbox.example.com" });
  const sandbox = await connectSandbox(await server.listen());
  expect(sandbox.credentials).toEqual(server.credentials);
  expect(sandbox.credentials.baseUrl).toBe("https://sandbox.example.com");
  await server.keys.rotate();
  expect(sandbox.credentials.hmacKeys).toHaveLength(1);
  await sandbox.keys.rotate();
  expect(sandbox.credentials).toEqual(server.credentials);
  expect(sandbox.credentials.hmacKeys).toHaveLength(3);
});

test("the admin token is required, and sent with every fetch unless the caller sends another", async () => {
  await using server = await createSandbox({ adminToken: "secret" });
  const url = await server.listen();
  for (const options of [{}, { adminToken: "wrong" }]) {
    await expect(connectSandbox(url, options)).rejects.toMatchObject({ code: "admin_token_required" });
  }
  const sandbox = await connectSandbox(`${url}/`, { adminToken: "secret" });
  expect((await sandbox.fetch("/_sandbox/clock")).status).toBe(200);
  expect((await sandbox.fetch("/_sandbox/clock", { headers: { Authorization: "Bearer other" } })).status).toBe(401);
});

test("a request goes to the connected server, whatever host its URL names", async () => {
  const asked: [string | undefined, string | undefined][] = [];
  const elsewhere = await serve((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end();
  });
  await using server = await createSandbox({ adminToken: "secret" });
  const sandbox = await connectSandbox(await server.listen(), { adminToken: "secret" });
  const target = `${elsewhere.url}/_sandbox/clock?processingAccountId=${sandbox.processingAccountId}#now`;
  const requests = [target, new URL(target), new Request(target)];
  const answers = await Promise.all(requests.map((request) => sandbox.fetch(request)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await sandbox.fetch("//evil.example.com/_sandbox/clock")).status).toBe(200);
  const moved = new Request(`${elsewhere.url}/_sandbox/clock`, { method: "POST", body: '{"mode":"frozen"}' });
  expect(await (await sandbox.fetch(moved)).json()).toMatchObject({ mode: "frozen" });
  expect(asked).toEqual([]);
  await elsewhere.close();
});

describe("a function as endpoint of a world on another server", () => {
  test("gets a port on loopback, until its world is removed or the handle is closed", async () => {
    await using server = await frozenSandbox();
    const sandbox = await connectSandbox(await server.listen());
    const heard: string[] = [];
    const hear = (name: string) => async (request: Request) => {
      const { payload } = (await request.json()) as { payload: { status: string } };
      heard.push(`${name} ${payload.status} ${request.headers.has("x-signature")}`);
      return new Response();
    };
    const one = await sandbox.world({ webhook: hear("one") });
    const other = await sandbox.world({ webhook: hear("other") });
    const { webhookUrl = "" } = await one.settings();
    expect(webhookUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}$/);
    for (const world of [one, other]) {
      await createPaidPayment(world, { account: world.processingAccountId });
      await world.settle();
    }
    expect(heard).toEqual(["one captured true", "other captured true"]);
    await one.remove();
    expect((await fetch(webhookUrl, { method: "POST", body: "{}" })).status).toBe(404);
    await sandbox.close();
    await expect(fetch(webhookUrl, { method: "POST", body: "{}" })).rejects.toThrow("fetch failed");
  });

  test("is given with its clock to every world that the handle opens, and not to the demo world", async () => {
    await using server = await createSandbox();
    let heard = 0;
    const webhook = () => {
      heard += 1;
      return new Response();
    };
    const url = await server.listen();
    await using sandbox = await connectSandbox(url, {
      clock: "2026-01-05T09:00:00Z",
      webhook,
      webhookHost: "localhost",
    });
    const world = await sandbox.world();
    expect(await world.clock.now()).toBe("2026-01-05T09:00:00.000Z");
    expect((await world.settings()).webhookUrl).toMatch(/^http:\/\/localhost:\d+\//);
    await createPaidPayment(world, { account: world.processingAccountId });
    await world.settle();
    expect(heard).toBe(1);
    expect((await sandbox.settings()).webhookUrl).toBeUndefined();
    const own = await sandbox.world({ clock: "2027-01-01T00:00:00Z", settings: { webhookUrl: "http://127.0.0.1:9/" } });
    expect((await own.settings()).webhookUrl).toBe("http://127.0.0.1:9/");
    expect(await own.clock.now()).toBe("2027-01-01T00:00:00.000Z");
  });

  test("needs webhookHost for a sandbox that is not on this machine", async () => {
    const refused = connectSandbox("http://sandbox.example", { webhook: () => new Response() });
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message:
        "The webhook is a function, and the sandbox is at http://sandbox.example: give webhookHost, the name under " +
        "which it reaches this process.",
    });
    const wrong = connectSandbox("http://127.0.0.1:1", { webhookHost: "http://me:80/" });
    await expect(wrong).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/^The option webhookHost is /),
    });
  });
});

describe("without a sandbox at the URL", () => {
  test("the error names the URL if nothing answers", async () => {
    const { url, close } = await serve(() => undefined);
    await close();
    const refused = connectSandbox(url, { adminToken: "secret" });
    await expect(refused).rejects.toBeInstanceOf(SandboxError);
    await expect(refused).rejects.toMatchObject({ code: "unreachable", details: undefined });
    await expect(refused).rejects.toThrow(new RegExp(`^No sandbox answers at ${url}: connect ECONNREFUSED .*\\.$`));
  });

  test.each<[string, RequestListener, string]>([
    ["a page", (_, response) => response.writeHead(200).end("<h1>Hello</h1>"), "returned 200 without JSON"],
    ["another kind of error", (_, response) => response.writeHead(404).end('{"error":"?"}'), "returned 404"],
    ["a list", (_, response) => response.writeHead(200).end("[]"), "the response has no credentials"],
    ["other JSON", (_, response) => response.writeHead(200).end("{}"), "the response has no credentials"],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/login" }).end(), "returned 302"],
    ["a connection that ends", (request) => request.destroy(), "other side closed"],
    [
      "half a response",
      (_, response) => response.writeHead(200).write("{", () => response.destroy()),
      "other side closed",
    ],
  ])("the error names the reason if the answer is %s", async (_, listener, words) => {
    const { url, close } = await serve(listener);
    const refused = connectSandbox(url);
    await expect(refused).rejects.toMatchObject({ name: "SandboxError", code: "unreachable" });
    await expect(refused).rejects.toThrow(`No sandbox answers at ${url}: `);
    await expect(refused).rejects.toThrow(words);
    await close();
  });

  test("the handle of a server that has closed reports the same error, and its fetch rejects like fetch", async () => {
    const server = await frozenSandbox();
    const sandbox = await connectSandbox(await server.listen());
    await server.close();
    await expect(sandbox.clock.now()).rejects.toMatchObject({ code: "unreachable" });
    await expect(sandbox.fetch("/v1/payments")).rejects.toBeInstanceOf(TypeError);
  });

  const allowed = "an http or https URL without path, such as http://127.0.0.1:8852";
  test.each(["127.0.0.1:8852", "ftp://127.0.0.1", "http://user@127.0.0.1", "http://127.0.0.1/sub", "http://x?y", ""])(
    "%j is not a URL of a sandbox",
    async (url) => {
      await expect(connectSandbox(url)).rejects.toMatchObject({
        code: "invalid_request",
        message: `The URL is ${JSON.stringify(url)}; expected ${allowed}.`,
      });
    },
  );
});
