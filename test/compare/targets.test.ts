import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { openCommandLine } from "../support/command-line.ts";
import { fileWith } from "../support/program.ts";
import { type ComparisonReport, payerCommand, stageTarget } from "./stage.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const sandbox = await createSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());
const { kid, privateKey, hmacKey, processingAccountId } = sandbox.credentials;
const variables = {
  NOMUPAY_KID: kid,
  NOMUPAY_PRIVATE_KEY: privateKey,
  NOMUPAY_HMAC_KEY: hmacKey,
  NOMUPAY_PROCESSING_ACCOUNT_ID: processingAccountId,
};

function run(baseUrl: string, ...args: readonly string[]) {
  return commands.run(["compare", "--base-url", baseUrl, "--yes", "--no-payer", ...args], variables);
}

/** A server with an answer of its own. @returns its URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An answer of the sandbox, with the target and the body of its request. */
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly target: string;
  readonly sent: string;
}

/** A server in front of a sandbox that changes its answers. */
async function serveChanged(
  change: (answer: Answer) => { status?: number; body?: string; contentType?: string },
  options: SandboxOptions = {},
): Promise<{ url: string; requests: string[] }> {
  const behind = await createSandbox({ auth: "require", ...options });
  onTestFinished(() => behind[Symbol.asyncDispose]());
  const requests: string[] = [];
  const url = await serve(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const target = request.url ?? "";
    const sent = Buffer.concat(parts).toString();
    requests.push(`${request.method} ${target} ${sent}`);
    const answer = await behind.fetch(target, {
      method: request.method ?? "GET",
      headers: { "x-signature": String(request.headers["x-signature"] ?? "") },
      ...(sent === "" ? {} : { body: sent }),
    });
    const text = await answer.text();
    const changed = change({ status: answer.status, body: text, target, sent });
    const { signWith } = await import("./sign.ts");
    const body = changed.body ?? text;
    response.writeHead(changed.status ?? answer.status, {
      "content-type": changed.contentType ?? "application/json",
      "x-signature": signWith(body, behind.credentials),
    });
    response.end(body);
  });
  return { url, requests };
}

describe("a target that cannot be compared is not reached, with one sentence", () => {
  test("that is gone", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, out } = await run(url);
    expect([code, out]).toEqual([2, expect.stringMatching(/^not reached +nothing answers at http:\S+: [^\n]*\n$/)]);
  });

  test("that is slow", async () => {
    const url = await serve(() => undefined);
    const { code, out } = await run(url, "--timeout", "200ms");
    expect([code, out]).toEqual([2, `not reached   ${url} did not answer within 200 ms\n`]);
  });

  test("that begins an answer and does not end it", async () => {
    const url = await serve((_, response) => response.writeHead(200).write("{"));
    const { code, out } = await run(url, "--timeout", "200ms");
    expect([code, out]).toEqual([2, `not reached   ${url} did not answer within 200 ms\n`]);
  });

  test.each([
    ["answers HTML", { "content-type": "text/html" }, "<!doctype html><p>Welcome", "200 and an HTML page"],
    ["answers text", {}, "ok", "200 and a body that is no JSON object"],
    ["answers nothing", {}, "", "200 and a body that is no JSON object"],
    ["answers a list", {}, "[]", "200 and a body that is no JSON object"],
    ["answers HTML with an error", { "content-type": "text/html" }, "<html>Bad gateway", "200 and an HTML page"],
  ])("that %s", async (_, headers, body, what) => {
    const url = await serve((_, response) => response.writeHead(200, headers).end(body));
    const { code, out } = await run(url);
    expect([code, out]).toEqual([2, `not reached   GET /v1/payments?limit=1 is answered with ${what}\n`]);
  });

  test("that answers without a signature", async () => {
    const url = await serve((_, response) => response.writeHead(200).end("{}"));
    const { code, out } = await run(url);
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/^not reached +the answer to GET \/v1\/payments is not signed/),
    ]);
  });

  test("that answers without end", async () => {
    const url = await serve((_, response) => response.writeHead(200).end("x".repeat(2_000_000)));
    const { code, out } = await run(url);
    expect([code, out]).toEqual([2, `not reached   an answer of ${url} has more than 1 MiB\n`]);
  });

  test("that does not know the keys", async () => {
    await using other = await stageTarget({ seed: "another" });
    const { code, out } = await run(other.url);
    expect([code, out]).toEqual([2, expect.stringMatching(/^not reached +the target refuses the keys: .* 401\n$/)]);
  });

  test("and with --json, the reason and every rule", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const file = fileWith({ mine: true });
    const { out, err } = await run(url, "--json", "--write", file);
    const { verdict, stopped, rules, answers } = JSON.parse(out) as ComparisonReport;
    expect([verdict, answers]).toEqual(["not_reached", []]);
    expect(stopped).toMatch(/^nothing answers at /);
    expect(err).toContain(`\n${file} was not written: the comparison stopped, because nothing answers at ${url}: `);
    expect(rules.every((rule) => ["not_reached", "not_measured"].includes(rule.verdict))).toBe(true);
    expect(await import("node:fs").then((fs) => fs.readFileSync(file, "utf8")), "no profile is written").toContain(
      "mine",
    );
  });
});

describe("a difference that no setting covers is reported as such", () => {
  test.each<[what: string, change: Parameters<typeof serveChanged>[0], line: RegExp]>([
    [
      "another code",
      ({ body }) => ({ body: body.replace('"code":"not_found"', '"code":"resource_missing"') }),
      /^not decided +read an unknown payment: reason.code: theirs "resource_missing", ours "not_found"$/m,
    ],
    [
      "another member",
      ({ body, target }) =>
        /^\/v1\/tracks\/payments/.test(target) ? { body: body.replace("{", '{"test":true,') } : {},
      /^not decided +track a pending payment: test: theirs true, ours absent$/m,
    ],
    [
      "another status of a conflict",
      ({ status }) => (status === 409 ? { status: 412 } : {}),
      /^not decided +create another payment with the same key: HTTP status: theirs 412, ours 409$/m,
    ],
    [
      "a value that the setting does not have",
      ({ status }) => (status === 201 ? { status: 202 } : {}),
      /^not decided +createStatus: theirs 202, ours 201; contract.createStatus has no such value$/m,
    ],
    [
      "another form of ids",
      ({ body, target }) =>
        /^\/v1\/payments\/\w+$/.test(target) ? { body: body.replace(/"id":"\w{27}"/, '"id":"pay_1"') } : {},
      /^not decided +read a pending payment: id: theirs "pay_1", ours a KSUID$/m,
    ],
    [
      "another type of an answer",
      ({ status }) => (status === 409 ? { contentType: "Text/JSON; charset=utf-8" } : {}),
      /^not decided +create another payment with the same key: Content-Type: theirs text\/json, ours application/m,
    ],
    [
      "an answer to a request that the sandbox is not asked",
      ({ status, target }) => (target === "/v1/payments" && status === 201 ? { status: 400, body: "{}" } : {}),
      /^not decided +create a payment of 0.99: the step: theirs answered with 400, ours no such step$/m,
    ],
    [
      "another status, before the target stops",
      ({ status, target }) => {
        if (target === "/v1/payments") return { body: '{"live":true}' };
        return status === 401 ? { status: 403 } : {};
      },
      /^not reached +the rest: the answer to POST \/v1\/payments has "live": true/m,
    ],
  ])("%s", async (_, change, line) => {
    const { url } = await serveChanged(change);
    const { code, out } = await run(url);
    expect(out).toMatch(line);
    expect(out).toMatch(/^(not decided|different) /m);
    expect(code).toBe(1);
  });

  test("a very deep member", async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const { url } = await serveChanged(({ body, target }) =>
      /^\/v1\/payments\/\w+$/.test(target) ? { body: body.replace("{", `{"deep":${deep},`) } : {},
    );
    const { code, out } = await run(url);
    expect([code, out]).toEqual([2, expect.stringMatching(/^same +createStatus: 201$/m)]);
  });

  test("and everything else is the same", async () => {
    const { url } = await serveChanged(() => ({}));
    const { code, out } = await run(url);
    expect(out).not.toMatch(/different|not decided/);
    expect([code, out]).toEqual([2, expect.stringMatching(/^not reached +paidStatus: it needs a payer/m)]);
  });
});

describe("a refusal is no value of a rule", () => {
  const refusal = '{"reason":{"code":"no"}}';
  test.each<[rule: string, change: Parameters<typeof serveChanged>[0], step: string]>([
    [
      "reasonWhenFinal",
      ({ body, target }) =>
        target.startsWith("/v1/tracks/") && body.includes('"aborted"') ? { status: 404, body: refusal } : {},
      "track a cancelled payment",
    ],
    [
      "returnSchemes",
      ({ sent }) => (sent.includes('"mobile_redirect"') ? { status: 404, body: refusal } : {}),
      "create for an app with a returnUrl of the web",
    ],
    [
      "refundReference",
      ({ target }) => (target.endsWith("/refunds") ? { status: 404, body: refusal } : {}),
      "refund a part",
    ],
  ])("%s", async (rule, change, step) => {
    const { url } = await serveChanged(change);
    const args = ["--base-url", url, "--yes", "--payer-command", payerCommand];
    const { out } = await commands.run(["compare", ...args], { ...variables, SANDBOX_URL: url });
    expect(out).toMatch(new RegExp(`^not reached +${rule}: "${step}" is answered with 404$`, "m"));
  });
});

describe("no harm is done", () => {
  test("the comparison stops at the first answer of a live system", async () => {
    const { url, requests } = await serveChanged(({ body, target }) =>
      target === "/v1/payments" ? { body: body.replace("{", '{"live":true,') } : {},
    );
    const { code, out } = await run(url);
    expect(out).toMatch(/^not reached +the rest: the answer to POST \/v1\/payments has "live": true/m);
    expect(code).toBe(2);
    expect(requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
  });

  test("and at the first notification of one", async () => {
    await using target = await stageTarget();
    const post = `curl -s -o /dev/null -d '{"live":true,"payload":{}}' ${target.webhookUrl}`;
    const args = ["--yes", "--webhook-url", target.webhookUrl, "--payer-command", post];
    const { code, out } = await commands.run(["compare", ...args], target.environment);
    expect(out).toMatch(/^not reached +the rest: a notification has "live": true/m);
    expect(code).toBe(2);
    const { data } = await target.sandbox.payments.list();
    expect(data.filter(({ status }) => status !== "pending")).toEqual([]);
  });

  test.each(["major", "minor"] as const)(
    "with amounts in %s units, none is above 1 before the unit is known",
    async (amountUnit) => {
      const { url, requests } = await serveChanged(() => ({}), { settings: { contract: { amountUnit } } });
      await run(url);
      const amounts = requests.flatMap((request) => {
        const [, value] = /"amount":\{"value":([\d.]+),/.exec(request) ?? [];
        return value === undefined ? [] : [Number(value)];
      });
      const largest = amountUnit === "major" ? 1 : 10;
      expect(Math.max(...amounts)).toBeLessThanOrEqual(largest);
      const proof = amounts.findIndex((amount) => amount > 1);
      expect(amounts.slice(0, proof < 0 ? undefined : proof)).toContain(0.1);
    },
  );

  test("an amount above 1 is never sent to a target that refuses everything alike", async () => {
    const { url, requests } = await serveChanged(({ status, target, body }) =>
      target === "/v1/payments" && status !== 401 ? { status: 400, body: '{"reason":{"code":"no"}}' } : { body },
    );
    const { out } = await run(url);
    expect(out).toMatch(/^not reached +amountUnit: amounts below 1 are refused with 400 no, which does not say/m);
    expect(requests.filter((request) => /"value":([2-9]|1\d|1\.)/.test(request))).toEqual([]);
  });

  test("a tracking URL with another host gets no request", async () => {
    const { url } = await serveChanged(({ body }) => ({
      body: body.replaceAll(/"trackingUrl":"/g, '"trackingUrl":"http://127.0.0.1:1'),
    }));
    const { out } = await run(url);
    expect(out).toMatch(/trackingUrl is "http:\/\/127.0.0.1:1\/v1\/tracks/);
  });

  test("secrets are in no output", async () => {
    const secret = privateKey.split("\n")[1] ?? "";
    const { url } = await serveChanged(({ body }) => ({
      body: body.replace("{", `{"echo":${JSON.stringify(`${hmacKey} ${secret}`)},`),
    }));
    for (const args of [[], ["--json"]]) {
      const { out, err } = await run(url, ...args);
      expect(out).toContain("[redacted]");
      expect(out + err).not.toContain(hmacKey);
      expect(out + err).not.toContain(secret);
    }
  });
});
