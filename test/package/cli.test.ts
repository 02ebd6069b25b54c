import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer } from "node:net";
import { parseEnv } from "node:util";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { version } from "../../src/config/config.ts";
import { flagOf, optionNames } from "../../src/config/options.ts";
import { openCommandLine } from "../support/command-line.ts";
import { paymentRequest } from "../support/merchant.ts";
import { fileWith, killPrograms, startProgram as start } from "../support/program.ts";
import { gate, startReceiver } from "../support/receiver.ts";

afterEach(killPrograms);

/** Runs commands in one process. For each command one test starts the built program. */
const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

test("serve prints its address first, then the demo merchant's variables, all on standard output", async () => {
  const { child, ended, ready } = start(["--port", "0"]);
  const url = await ready;
  child.kill("SIGTERM");
  const { code, out } = await ended;
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines[0]).toBe(`Alipay HK sandbox ready at ${url}`);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const block = Object.fromEntries(
    lines.filter((line) => line.startsWith("NOMUPAY_")).map((line) => line.split(/=(.*)/s)),
  );
  expect(block).toEqual({
    NOMUPAY_BASE_URL: url,
    NOMUPAY_PROCESSING_ACCOUNT_ID: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
    NOMUPAY_KID: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
    NOMUPAY_PRIVATE_KEY: expect.stringMatching(/^"-----BEGIN PRIVATE KEY-----\\n.*\\n-----END PRIVATE KEY-----"$/),
    NOMUPAY_HMAC_KEY: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(out).toContain(`Open ${url} in a browser.`);
});

test("serve logs requests on standard error, and the note on unsigned requests once", async () => {
  const { child, ended, ready } = start(["serve", "--port=0"]);
  const url = await ready;
  for (let count = 0; count < 2; count += 1) {
    await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
  }
  child.kill("SIGTERM");
  const { err, out } = await ended;
  expect(err).toBe("POST /v1/payments 201\n  unsigned: the provider would answer 401\nPOST /v1/payments 201\n");
  expect(out).not.toContain("POST");
});

test("a JSON log has one object per line, a silent log no lines", async () => {
  for (const [format, lines] of [
    ["json", 1],
    ["silent", 0],
  ] as const) {
    const { child, ended, ready } = start(["--port", "0", "--log", format]);
    await fetch(`${await ready}/v1/payments/x`);
    child.kill("SIGTERM");
    const logged = (await ended).err.split("\n").filter((line) => line !== "");
    expect(logged).toHaveLength(lines);
    for (const line of logged) expect(JSON.parse(line)).toMatchObject({ event: "request", method: "GET", status: 404 });
  }
});

test.each(["pretty", "json"])("the %s log contains no secrets from any part of a request", async (format) => {
  const { child, ended, ready } = start(["--port", "0", "--log", format, "--admin-token", "s3cr3t"]);
  const url = await ready;
  const headers = { Authorization: "Bearer s3cr3t" };
  const credentials = (await (await fetch(`${url}/_sandbox/credentials`, { headers })).json()) as Record<
    string,
    string
  >;
  const { privateKey = "", hmacKey = "" } = credentials;
  const targets = [
    "/_sandbox/clock?adminToken=s3cr3t",
    `/docs?key=${encodeURIComponent(privateKey)}`,
    `/?token=${hmacKey}`,
  ];
  for (const target of targets) await (await fetch(url + target, { headers })).text();
  for (const signature of [hmacKey, privateKey.replaceAll("\n", ""), `${hmacKey}..${hmacKey}`]) {
    const request = { method: "POST", body: JSON.stringify({ privateKey }), headers: { "X-Signature": signature } };
    expect((await fetch(`${url}/v1/payments`, request)).status).toBe(401);
  }
  child.kill("SIGTERM");
  const { err } = await ended;
  const key = privateKey.split("\n")[1] ?? "";
  for (const secret of ["s3cr3t", hmacKey, key, encodeURIComponent(key)]) expect(err).not.toContain(secret);
  expect(err.match(/(adminToken|key|token)=\[redacted\]/g)).toHaveLength(format === "json" ? 6 : 3);
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "on %s the program finishes open requests and deliveries, and ends with 0",
  async (signal) => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      await held.opened;
      response.writeHead(204).end();
    });
    const { child, ended, ready } = start(["--port", "0", "--webhook-url", receiver.url]);
    const url = await ready;
    const created = await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
    const { id } = (await created.json()) as { id: string };
    await fetch(`${url}/_sandbox/payments/${id}/actions`, { method: "POST", body: '{"action":"pay"}' });
    await receiver.arrived(1);
    const settled = await new Promise((resolve, reject) => {
      const headers = { Expect: "100-continue" };
      const outgoing = httpRequest(`${url}/_sandbox/settle`, { method: "POST", headers }, (answer) => {
        resolve(answer.resume().statusCode);
      });
      // The server sends "continue" once it has begun to handle the request.
      outgoing.on("continue", () => {
        child.kill(signal);
        held.open();
        outgoing.end();
      });
      outgoing.on("error", reject).flushHeaders();
    });
    expect(settled).toBe(200);
    expect((await ended).code).toBe(0);
    await receiver.close();
  },
);

test("on SIGTERM an unfinished advance ends", async () => {
  const receiver = await startReceiver(() => undefined);
  const { child, ended, ready } = start([
    "--port",
    "0",
    "--clock",
    "2026-01-05T09:00:00Z",
    "--webhook-url",
    receiver.url,
  ]);
  const url = await ready;
  const call = (path: string, body: object) => fetch(url + path, { method: "POST", body: JSON.stringify(body) });
  await call("/v1/payments", paymentRequest());
  await call("/_sandbox/clock/advance", { by: "PT1M" });
  await call("/v1/payments", paymentRequest());
  const advance = call("/_sandbox/clock/advance", { by: "PT1H" }).catch(() => undefined);
  await receiver.arrived(1);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
  await advance;
  await receiver.close();
});

test("the program keeps serving after its standard output was closed", async () => {
  const { child, ended, ready } = start(["--port", "0"]);
  const url = await ready;
  child.stdout.destroy();
  expect((await fetch(`${url}/_sandbox/health`)).status).toBe(200);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});

test("on SIGTERM a receiver that never answers does not delay the end", async () => {
  const receiver = await startReceiver(() => undefined);
  const { child, ended, ready } = start(["--port", "0", "--webhook-url", receiver.url]);
  const url = await ready;
  const created = await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
  const { id } = (await created.json()) as { id: string };
  await fetch(`${url}/_sandbox/payments/${id}/actions`, { method: "POST", body: '{"action":"pay"}' });
  await receiver.arrived(1);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
  await receiver.close();
});

describe("a wrong value ends the program with 2 and one sentence: the value, its source, the allowed values", () => {
  const port = "expected 0 to 65535";
  test.each<[string[], Record<string, string>, unknown, string[]]>([
    [["--port", "eighty"], {}, undefined, ["--port", '"eighty"', port]],
    [["--port", "65536"], {}, undefined, ["--port", '"65536"', port]],
    [["--port", "-1"], {}, undefined, ["--port"]],
    [[], { SANDBOX_PORT: "x" }, undefined, ["SANDBOX_PORT", '"x"', port]],
    [["--port", "tcp://10.96.0.10:8852"], {}, undefined, ["--port", '"tcp://10.96.0.10:8852"', port]],
    [[], { SANDBOX_NO_DEMO: "maybe" }, undefined, ["SANDBOX_NO_DEMO", '"maybe"', "1, yes, 0 or no"]],
    [[], {}, { demo: "yes" }, ["demo in ", '"yes"', "true or false"]],
    [[], {}, { port: 70000 }, ["port in ", "70000", port]],
    [["--auth", "sometimes"], {}, undefined, ["--auth", "verify, require or off"]],
    [["--clock", "noon"], {}, undefined, ["--clock", "running, or an instant"]],
    [["--clock", "1999-01-01T00:00:00Z"], {}, undefined, ["--clock", "2014-05-13"]],
    [["--public-url", "sandbox.example.com"], {}, undefined, ["--public-url", "an http or https URL"]],
    [["--webhook-url", "ftp://shop"], {}, undefined, ["--webhook-url", "an http or https URL"]],
    [["--accounts", "some"], {}, undefined, ["--accounts", "open or listed"]],
    [["--log", "loud"], {}, undefined, ["--log", "pretty, json or silent"]],
    [["--seed", ""], {}, undefined, ["--seed", "any text"]],
    [["--admin-token", "a b"], {}, undefined, ["--admin-token"]],
    [["--host", "0.0.0.0"], {}, undefined, ["0.0.0.0", "--admin-token"]],
    [
      ["--host", "0.0.0.0", "--admin-token", "fifteen-letters"],
      {},
      undefined,
      ["0.0.0.0", "--admin-token must have at least 16 characters, but it has 15."],
    ],
    [
      ["--port", "0", "--public-url", "https://sandbox.example.com", "--admin-token", "secret"],
      {},
      undefined,
      ["https://sandbox.example.com", "--admin-token must have at least 16 characters, but it has 6."],
    ],
    [["env"], { SANDBOX_HOST: "0.0.0.0" }, undefined, ["0.0.0.0", "random seed", "--seed", "--url"]],
    [["env", "--public-url", "https://sandbox.example.com"], {}, undefined, ["random seed", "--seed", "--url"]],
    [["sign", "GET", "/v1/payments"], { SANDBOX_HOST: "0.0.0.0" }, undefined, ["random seed", "--seed"]],
    [["sign", "GET", "/v1/payments", "--kid", "", "--key", "package.json"], {}, undefined, ['--kid is ""']],
    [["--colour", "teal"], {}, undefined, ["--colour", "--port"]],
    [["--port"], {}, undefined, ["--port"]],
    [["start"], {}, undefined, ["start", "serve, sign, doctor"]],
    [["serve", "now"], {}, undefined, ['Unexpected argument "now": serve takes none.']],
    [["sign", "GET"], {}, undefined, ["Missing argument TARGET: sign takes METHOD TARGET."]],
    [["sign", "GET", "/x", "/y"], {}, undefined, ['Unexpected argument "/y": sign takes METHOD TARGET.']],
    [["sign", "GET", "https://x/v1/payments"], {}, undefined, ["TARGET", "/v1/payments"]],
    [["sign", "GET", "/v1/payments", "--key", "package.json", "--kid", "x"], {}, undefined, ["--key", "P-256"]],
    [["sign", "POST", "/v1/payments", "--body", "/nowhere"], {}, undefined, ["--body", "/nowhere"]],
    [["sign", "post", "/v1/payments"], {}, undefined, ["METHOD", '"post"', "upper-case"]],
    [["sign", "GET", "/v1/payments", "--kid", "x"], {}, undefined, ["--kid and --key go together"]],
    [["doctor", "GET", "/v1/payments", "--signature", "x", "--url", "nowhere"], {}, undefined, ["--url", '"nowhere"']],
    [["doctor", "GET", "/v1/payments"], {}, undefined, ["--signature"]],
    [["sign", "GET", "/v1/payments", "--port", "5"], {}, undefined, ["--port", "--body"]],
    [["env", "--format", "xml"], {}, undefined, ["--format", '"xml"', "dotenv, json or shell"]],
    [["env", "--port", "0"], {}, undefined, ["port is 0", "--public-url", "--url"]],
    [["env", "now"], {}, undefined, ['Unexpected argument "now": env takes none.']],
    [["env", "--auth", "off"], {}, undefined, ["--auth", "--format"]],
    [["ready", "--url", "localhost:8852"], {}, undefined, ["--url", '"localhost:8852"', "http://127.0.0.1:8852"]],
    [["ready", "--url", "http://localhost:8852/docs"], {}, undefined, ["--url", "/docs"]],
    [["ready", "--port", "0"], {}, undefined, ["port is 0", "--port", "--url"]],
    [["trigger", "pay", "x"], { SANDBOX_PORT: "0" }, undefined, ["port is 0", "--port", "--url"]],
    [["ready", "--wait", "soon"], {}, undefined, ["--wait", '"soon"', "30s, or PT30S in ISO 8601"]],
    [["ready", "--wait", "PT0S"], {}, undefined, ["--wait", '"PT0S"', "above zero"]],
    [["serve", "--store-timeout", "5"], {}, undefined, ["--store-timeout", '"5"', "5s, or PT5S in ISO 8601"]],
    [[], { SANDBOX_REMOVE_UNUSED_AFTER: "0d" }, undefined, ["SANDBOX_REMOVE_UNUSED_AFTER", "30d, or P30D in ISO"]],
    [["ready"], { SANDBOX_PORT: "x" }, undefined, ["SANDBOX_PORT", '"x"', port]],
    [["ready", "--admin-token", "a b"], {}, undefined, ["--admin-token"]],
    [["trigger", "pay"], {}, undefined, ["Missing argument PAYMENT: trigger takes ACTION PAYMENT."]],
    [["resend"], {}, undefined, ["resend", "NOTIFICATION"]],
    [["resend", "x", "--reason", "y"], {}, undefined, ["--reason", "--url"]],
    [
      [],
      {},
      { merchants: [{ merchantId: "shop" }] },
      ["merchants[0].processingAccountIds in ", "is missing; expected a list of at least one KSUID."],
    ],
    [
      [],
      {},
      { merchants: [{ merchantId: "demo", processingAccountIds: ["0ujtsYcgvSTl8PAuAdqWYSMnLOv"] }] },
      ["merchants[0].merchantId in ", 'is "demo"; expected another name'],
    ],
    [
      [],
      {},
      {
        merchants: [
          {
            merchantId: "shop",
            processingAccountIds: ["0ujtsYcgvSTl8PAuAdqWYSMnLOv"],
            credentials: [{ publicKey: "not a key" }],
          },
        ],
      },
      ["credentials[0].publicKey", "shop", "P-256"],
    ],
    [["--config", "/nowhere.json"], {}, undefined, ["--config", "/nowhere.json"]],
    [[], {}, "{", ["--config", "JSON"]],
    [[], {}, [], ["--config", "JSON object"]],
    [[], {}, { colour: "teal" }, ["colour in ", "publicUrl"]],
    [[], {}, { settings: { expiry: "soon" } }, ["settings.expiry in ", '"soon"', "30m, or PT30M in ISO 8601"]],
    [[], {}, { settings: { expiryMs: 5 } }, ["settings.expiryMs in ", "unknown", "expiry"]],
    [[], {}, { settings: { amountMax: 0.123 } }, ["settings.amountMax in ", "HKD"]],
    [[], {}, { settings: 5 }, ["settings in ", "5"]],
  ])("%j %j %j", async (args, environment, file, words) => {
    const config = file === undefined ? [] : ["--config", fileWith(file)];
    const { code, out, err } = await commands.run([...args, ...config], environment);
    expect([code, out]).toEqual([2, ""]);
    for (const word of words) expect(err).toContain(word);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("what fails at run time ends the program with 1 and one sentence", () => {
  const unused = "127.0.0.1:1";
  test.each<[string[], string]>([
    [["--port", "0", "--store", `postgres://keeper@${unused}/shop`], `the database at ${unused}/shop: .*ECONNREFUSED`],
    [["--port", "0", "--host", "192.0.2.1", "--admin-token", "none"], "The port cannot be opened: .*192.0.2.1"],
    [["doctor", "GET", "/v1/payments", "--signature", "x", "--url", `http://${unused}`], "No sandbox answers at .*:1:"],
    [["trigger", "pay", "x", "--url", `http://${unused}`], "No sandbox answers at .*:1:"],
    [["resend", "x", "--url", `http://${unused}`], "No sandbox answers at .*:1:"],
    [["env", "--url", `http://${unused}`], "No sandbox answers at .*:1:"],
    [["ready", "--url", `http://${unused}`], "No sandbox answers at .*:1:"],
  ])("%j", async (args, sentence) => {
    const { code, out, err } = await commands.run(args);
    expect([code, out, err]).toEqual([1, "", expect.stringMatching(new RegExp(`^[^\n]*${sentence}[^\n]*\\.\n$`))]);
  });
});

describe("the sentence on wrong flags is whole", () => {
  const takes = "ready takes --wait, --url, --host, --port, --admin-token, --ca.";
  test.each([
    [["ready", "--colour", "teal"], `Unknown option --colour: ${takes}`],
    [["ready", "--colour=teal"], `Unknown option --colour: ${takes}`],
    [["ready", "-p", "80"], `Unknown option -p: ${takes}`],
    [["--seed"], "--seed has no value; expected --seed TEXT, or --seed=TEXT for a value that begins with -."],
    [["--seed", "--demo"], "--seed has no value; expected --seed TEXT, or --seed=TEXT for a value that begins with -."],
    [["--no-demo=1"], '--no-demo is "1"; expected the flag without a value.'],
    [["--log", "json", "ready"], "The command ready must be the first argument."],
  ])("%j", async (args, sentence) => {
    const { code, err } = await commands.run(args);
    expect([code, err.slice(0, sentence.length)]).toEqual([2, sentence]);
    expect(err).toMatch(/^[^\n]+\.\n$/);
  });

  test("a value may begin with a dash after =", async () => {
    expect((await commands.run(["sign", "GET", "/v1/payments", "--seed=-teal"])).code).toBe(0);
  });
});

test("a flag has priority over a variable, a variable over the file, the file over the default", async () => {
  const config = fileWith({ seed: "file", auth: "require", port: 1, settings: { merchantName: "Harbour Coffee" } });
  const { child, ended, ready } = start(["--port", "0"], {
    SANDBOX_PORT: "2",
    SANDBOX_AUTH: "off",
    SANDBOX_CONFIG: config,
  });
  const url = await ready;
  const answer = await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
  expect([answer.status, answer.headers.get("x-sandbox-diagnosis")]).toEqual([201, null]);
  const { nextStep } = (await answer.json()) as { nextStep: { redirect: { url: string } } };
  expect(await (await fetch(nextStep.redirect.url)).text()).toContain("Harbour Coffee");
  child.kill("SIGTERM");
  await ended;
});

test("variables of the merchant's application are not read", async () => {
  const { child, ended, ready } = start(["--port", "0"], { PORT: "1", HOST: "0.0.0.0", DATABASE_URL: "postgres://x" });
  expect(await ready).toMatch(/^http:\/\/127\.0\.0\.1:/);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});

describe("off loopback", () => {
  const open = ["/_sandbox/health", "/_sandbox/ready", "/_sandbox/openapi.json", "/openapi.json", "/docs"];
  const guarded = ["/_sandbox/credentials", "/_sandbox/payments", "/_sandbox/events"];

  test.each([
    ["none", 200],
    ["a-secret-of-16-characters", 401],
  ])("with the admin token %s the control API answers %i to all, and no keys are printed", async (token, status) => {
    const { child, ended, ready } = start(["--port", "0", "--host", "0.0.0.0", "--admin-token", token]);
    const url = await ready;
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    const answers = await Promise.all([...open, ...guarded].map((path) => fetch(url + path)));
    expect(answers.map((answer) => answer.status)).toEqual([...open.map(() => 200), ...guarded.map(() => status)]);
    for (const answer of answers) await answer.body?.cancel();
    child.kill("SIGTERM");
    expect((await ended).out).not.toContain("NOMUPAY");
  });
});

test("a port that is in use ends the program with 1 and one sentence", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const { code, err } = await start(["--port", String(port)]).ended;
  expect([code, err]).toEqual([1, expect.stringContaining(`${port}`)]);
  taken.close();
});

test.each([
  ["--help", /--public-url/],
  ["-h", /--public-url/],
  ["--version", new RegExp(`^${version.replaceAll(".", "\\.")}\n$`)],
])("%s prints and ends", async (flag, printed) => {
  const { code, out, err } = await start([flag]).ended;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(printed);
});

describe("help", () => {
  const helpOf = async (...args: string[]) => {
    const { code, out, err } = await commands.run([...args, "--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
    return out;
  };

  test("names every command, and every flag of serve", async () => {
    const out = await helpOf();
    for (const name of ["serve", "sign", "doctor", "env", "ready", "trigger", "resend"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect(out).toContain("\nA DURATION is like 500ms, 30s, 5m, 1h30m or 2d, or like PT30M in ISO 8601.\n");
    for (const name of optionNames) expect(out).toMatch(new RegExp(`^  --${flagOf(name)} `, "m"));
    expect(out).toContain("(default 8852)");
  });

  test.each([
    ["serve", ["--port PORT", "--no-demo ", "--config FILE"]],
    ["sign", ["METHOD", "TARGET", "--body FILE", "--kid KID", "--key FILE", "--seed TEXT", "--config FILE"]],
    ["doctor", ["METHOD", "TARGET", "--signature SIGNATURE", "--body FILE", "--url URL", "--admin-token TOKEN"]],
    ["env", ["--format dotenv|json|shell", "--url URL", "--admin-token TOKEN", "--port PORT", "--public-url URL"]],
    ["ready", ["--wait DURATION", "--url URL", "--host ADDRESS", "--port PORT", "--admin-token TOKEN"]],
    ["trigger", ["ACTION", "PAYMENT", "--reason REASON", "--url URL", "--host ADDRESS", "--port PORT"]],
    ["resend", ["NOTIFICATION", "--url URL", "--host ADDRESS", "--port PORT"]],
    ["world", ["--format dotenv|json|shell", "--webhook-url URL", "--clock running|INSTANT"]],
    ["compare", ["--base-url URL", "--payer-command COMMAND", "--write FILE"]],
    ["rehearse", ["--file FILE", "--only ID,ID", "--critical", "--print-env", "--report KIND=PATH", "--baseline FILE"]],
  ])("%s explains its own parameters and flags", async (name, labels) => {
    const out = await helpOf(name);
    expect(out.split("\n")[0]).toMatch(new RegExp(`^alipay-hk-sandbox ${name} .*\\[flags\\]$`));
    for (const label of labels) expect(out).toContain(`\n  ${label}`);
  });

  test.each([
    ["env", "or shell exports (default dotenv)"],
    ["world", "or shell exports (default json)"],
    ["rehearse", "or shell exports (default dotenv)"],
    ["compare", "Exit codes: 0 if all is the same, 1 if something differs, 2 if"],
    ["rehearse", "Exit codes: 0 if nothing failed, 1 if a case failed, 2 if"],
  ])("%s --help says: %s", async (name, text) => {
    expect((await helpOf(name)).replaceAll(/\s+/g, " ")).toContain(text);
  });
});

describe("sign and doctor", () => {
  const body = fileWith(paymentRequest());
  const target = "/v1/payments?idempotencyKey=12345678";

  test("the output of sign is accepted where signatures are required, and by the doctor", async () => {
    const { code, out } = await start(["sign", "POST", target, "--body", body]).ended;
    const signature = /^X-Signature: (\S+\.\.\S+)\n$/.exec(out)?.[1] ?? "";
    expect(code).toBe(0);
    const { child, ended, ready } = start(["--port", "0", "--auth", "require", "--admin-token", "secret"]);
    const url = await ready;
    const refused = await start(["doctor", "POST", target, "--signature", signature, "--url", url]).ended;
    expect([refused.code, refused.out, refused.err]).toEqual([1, "", expect.stringContaining("admin_token_required")]);
    const request = { method: "POST", body: JSON.stringify(paymentRequest()), headers: { "X-Signature": signature } };
    expect((await fetch(url + target, request)).status).toBe(201);
    for (const flags of [[], ["--url", url, "--admin-token", "secret"]]) {
      const doctor = await commands.run([
        "doctor",
        "POST",
        target,
        "--body",
        body,
        "--signature",
        out.trim(),
        ...flags,
      ]);
      expect([doctor.code, doctor.err]).toEqual([0, ""]);
      expect(doctor.out).not.toMatch(/^wrong/m);
    }
    child.kill("SIGTERM");
    await ended;
  });

  test("the doctor says what to change, and ends with 1", async () => {
    const { out } = await commands.run(["sign", "POST", "/v1/payments", "--body", body]);
    const signature = out.trim().replace("X-Signature: ", "");
    const doctor = await start(["doctor", "POST", target, "--body", body, "--signature", signature]).ended;
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(/^wrong +aud: .*query/m);
    expect(doctor.out).toMatch(/^differs aud from byte 18 on: expected "\?idempotencyKey=.*", given ""$/m);
    expect(doctor.out.trimEnd().split("\n").at(-1)).toContain(target);
  });

  test("another seed has other keys", async () => {
    const { out } = await commands.run(["sign", "GET", "/v1/payments", "--seed", "teal"]);
    const signature = out.trim().replace("X-Signature: ", "");
    expect(
      (await commands.run(["doctor", "GET", "/v1/payments", "--signature", signature, "--seed", "teal"])).code,
    ).toBe(0);
    expect((await commands.run(["doctor", "GET", "/v1/payments", "--signature", signature])).code).toBe(1);
  });
});

describe("env", () => {
  const names = ["BASE_URL", "PROCESSING_ACCOUNT_ID", "KID", "PRIVATE_KEY", "HMAC_KEY"].map(
    (name) => `NOMUPAY_${name}`,
  );
  const envOf = async (args: string[], environment?: Record<string, string>) => {
    const { code, out, err } = await commands.run(["env", ...args], environment);
    expect([code, err]).toEqual([0, expect.stringMatching(/^These keys come from .*\.\n$/)]);
    return out;
  };

  test("says on standard error where the keys come from", async () => {
    const said = async (...args: string[]) => (await commands.run(["env", ...args])).err;
    const ofDefault = "These keys come from the public default seed: anyone can compute them.\n";
    expect(await said()).toBe(ofDefault);
    expect(await said("--seed", "teal")).toContain("from your seed: keep it secret");
    const token = "a-secret-of-16-characters";
    const { child, ready, output } = start(["--port", "0", "--host", "0.0.0.0", "--admin-token", token]);
    expect(await said("--url", await ready, "--admin-token", token)).toBe(
      "These keys come from a random seed: they change when the sandbox starts again. " +
        "Set SANDBOX_SEED to a secret to choose them.\n",
    );
    expect(output.err).toContain("so the keys are random and change at every start: set the option seed to a secret");
    child.kill("SIGTERM");
    const local = start(["--port", "0"]);
    expect(await said("--url", await local.ready)).toBe(ofDefault);
    local.child.kill("SIGTERM");
  });

  test("prints what serve prints, for the same seed and port, without a server", async () => {
    const { child, ended, ready } = start(["--port", "0", "--seed", "teal"]);
    const { port } = new URL(await ready);
    child.kill("SIGTERM");
    const block = await envOf(["--seed", "teal", "--port", port]);
    expect((await ended).out).toContain(`\n\n${block}\n`);
    expect(block.match(/^NOMUPAY_\w+(?==)/gm)).toEqual(names);
    expect(parseEnv(block).NOMUPAY_BASE_URL).toBe(`http://127.0.0.1:${port}`);
  });

  test("has the keys of the seed in the file, and the URL that serve would have", async () => {
    const config = fileWith({ seed: "teal", port: 9000 });
    const [byFile, bySeed, plain] = await Promise.all([
      envOf(["--config", config]),
      envOf(["--seed", "teal"]),
      envOf([]),
    ]);
    expect(byFile).toBe(bySeed.replace(":8852", ":9000"));
    expect(parseEnv(plain)).toMatchObject({ NOMUPAY_BASE_URL: "http://127.0.0.1:8852" });
    expect(parseEnv(plain).NOMUPAY_HMAC_KEY).not.toBe(parseEnv(bySeed).NOMUPAY_HMAC_KEY);
    const container = { SANDBOX_HOST: "0.0.0.0", SANDBOX_PORT: "9001", SANDBOX_SEED: "teal" };
    const inContainer = await envOf([], container);
    expect(parseEnv(inContainer).NOMUPAY_BASE_URL).toBe("http://localhost:9001");
    const behind = await envOf(["--public-url", "https://sandbox.example.com", "--seed", "teal"]);
    expect(parseEnv(behind).NOMUPAY_BASE_URL).toBe("https://sandbox.example.com");
  });

  test("prints the same values as dotenv, as JSON and as shell commands", async () => {
    const url = "http://it's.$HOME.test";
    const [dotenv, json, shell] = await Promise.all(
      ["dotenv", "json", "shell"].map((format) => envOf(["--format", format, "--public-url", url, "--seed", "teal"])),
    );
    const variables = JSON.parse(json ?? "");
    expect(variables).toMatchObject({
      NOMUPAY_BASE_URL: url,
      NOMUPAY_PRIVATE_KEY: expect.stringContaining("KEY-----\n"),
    });
    expect(parseEnv(dotenv ?? "")).toEqual(variables);
    expect(shell).toMatch(/^(export NOMUPAY_[A-Z_]+='[^=]+'\n)/);
    const print = names.map((name) => `printf '%s\\0' "$${name}"`).join("; ");
    const read = execFileSync("sh", ["-c", `${shell}\n${print}`], { encoding: "utf8" });
    expect(read.split("\0").slice(0, -1)).toEqual(Object.values(variables));
  });

  test("prints the current keys of a running sandbox, with its admin token", async () => {
    const { child, ended, ready } = start(["--port", "0", "--seed", "teal", "--admin-token", "secret"]);
    const url = await ready;
    const headers = { Authorization: "Bearer secret" };
    await fetch(`${url}/_sandbox/keys/rotate`, { method: "POST", headers });
    const { hmacKey } = (await (await fetch(`${url}/_sandbox/credentials`, { headers })).json()) as { hmacKey: string };
    const byFlag = await envOf(["--url", url, "--admin-token", "secret"]);
    expect(parseEnv(byFlag)).toMatchObject({ NOMUPAY_BASE_URL: url, NOMUPAY_HMAC_KEY: hmacKey });
    expect(await envOf(["--url", `${url}/`], { SANDBOX_ADMIN_TOKEN: "secret" })).toBe(byFlag);
    const refused = await start(["env", "--url", url]).ended;
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toBe("Send the admin token: Authorization: Bearer {token}.\n");
    child.kill("SIGTERM");
    await ended;
  });
});

/** A server that gives every request the same answer. */
async function serverThatAnswers(status: number, body: string): Promise<Server & { url: string }> {
  const server = createHttpServer((_, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as { port: number }).port}` });
}

describe("ready", () => {
  test("ends with 0 while a sandbox serves, with no token, and with 1 once it is gone", async () => {
    const { child, ended, ready } = start(["--port", "0", "--admin-token", "secret"]);
    const url = await ready;
    const byUrl = await start(["ready", "--url", url]).ended;
    expect([byUrl.code, byUrl.err]).toEqual([0, ""]);
    expect(byUrl.out).toBe(`The sandbox at ${url} is ready: version ${version}.\n`);
    const where = { SANDBOX_PORT: new URL(url).port, SANDBOX_HOST: "0.0.0.0" };
    expect((await start(["ready"], where).ended).out).toBe(byUrl.out);
    const flags = ["--host", "0.0.0.0", "--port", where.SANDBOX_PORT];
    expect((await commands.run(["ready", ...flags])).out).toBe(byUrl.out);
    child.kill("SIGTERM");
    await ended;
    const { code, out, err } = await start(["ready"], where).ended;
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(new RegExp(`^No sandbox answers at ${url}: .*ECONNREFUSED.*\\.\n$`));
  });

  test.each([
    [503, '{"status":"closing"}', "it is closing"],
    [404, "Not found", "it answers 404"],
    [200, "null", "it answers 200"],
  ])("ends with 1 if the answer is %i %s: %s", async (status, body, reason) => {
    const server = await serverThatAnswers(status, body);
    const { code, out, err } = await commands.run(["ready", "--url", server.url]);
    expect([code, out, err]).toEqual([1, "", `The sandbox at ${server.url} is not ready: ${reason}.\n`]);
    server.close();
  });
});

describe("ready --wait", () => {
  /** A server that answers each request with the next of the answers, and the last one again; `undefined` is none. */
  async function serverOfAnswers(answers: readonly (string | undefined)[]) {
    let count = 0;
    const server = createHttpServer((request, response) => {
      const body = answers[Math.min(count, answers.length - 1)];
      count += 1;
      if (body === "cut") request.socket.destroy();
      else if (body !== undefined) response.writeHead(body.includes('"ready"') ? 200 : 503).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const close = () => server.close().closeAllConnections();
    return { url: `http://127.0.0.1:${port}`, port: String(port), count: () => count, [Symbol.dispose]: close };
  }

  test("ends with 0 as soon as the sandbox is ready", async () => {
    const answers = ["cut", "Bad gateway", '{"status":"closing"}', '{"status":"ready","version":"0.1.0"}'];
    using server = await serverOfAnswers(answers);
    const { code, out, err } = await commands.run(["ready", "--port", server.port, "--wait", "PT1H"]);
    expect([code, out, err]).toEqual([0, `The sandbox at ${server.url} is ready: version 0.1.0.\n`, ""]);
    expect(server.count()).toBe(4);
  });

  test.each([
    ["it is closing", '{"status":"closing"}', /^The sandbox at .* is not ready: it is closing\.\n$/],
    ["it does not answer", undefined, /^No sandbox answers at .*: it did not answer within 500ms\.\n$/],
    ["it cuts connections", "cut", /^No sandbox answers at .*\.\n$/],
  ])("ends with 1 and the reason after that time if %s", async (_, answer, sentence) => {
    using server = await serverOfAnswers([answer]);
    const { code, out, err } = await commands.run(["ready", "--port", server.port, "--wait", "500ms"]);
    expect([code, out, err]).toEqual([1, "", expect.stringMatching(sentence)]);
  });

  test("without it there is one attempt", async () => {
    using server = await serverOfAnswers(['{"status":"closing"}', '{"status":"ready","version":"0.1.0"}']);
    expect((await commands.run(["ready", "--port", server.port])).code).toBe(1);
    expect(server.count()).toBe(1);
  });
});

describe("trigger and resend", () => {
  async function withPayment(args: string[] = []) {
    const { child, ended, ready } = start(["--port", "0", ...args]);
    const url = await ready;
    const created = await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
    const { id } = (await created.json()) as { id: string };
    const stop = async () => {
      child.kill("SIGTERM");
      await ended;
    };
    return { url, id, stop };
  }

  test("trigger performs an action of the payer and prints the status, also at the port of the variable", async () => {
    const { url, id, stop } = await withPayment();
    expect(await start(["trigger", "scan", id, "--url", url]).ended).toEqual({ code: 0, out: "pending\n", err: "" });
    const { port } = new URL(url);
    const paid = await start(["trigger", "pay", id], { SANDBOX_PORT: port }).ended;
    expect(paid).toEqual({ code: 0, out: "captured\n", err: "" });
    expect((await commands.run(["trigger", "pay", id, "--port", port])).err).toContain("captured");
    await stop();
  });

  test("trigger declines with a reason, and ends with 1 and one sentence if an action is not possible", async () => {
    const { url, id, stop } = await withPayment(["--admin-token", "secret"]);
    const run = (...args: string[]) =>
      commands.run(["trigger", ...args, "--url", url], { SANDBOX_ADMIN_TOKEN: "secret" });
    expect(await run("decline", id, "--reason", "limit_exceeded")).toMatchObject({ code: 0, out: "declined\n" });
    const headers = { Authorization: "Bearer secret" };
    const payment = (await (await fetch(`${url}/_sandbox/payments/${id}`, { headers })).json()) as { reason: object };
    expect(payment.reason).toMatchObject({ code: "limit_exceeded" });
    const again = "The action pay is not possible for a payment that is declined.\n";
    expect(await run("pay", id)).toEqual({ code: 1, out: "", err: again });
    expect(await run("pay", "x/y")).toEqual({ code: 1, out: "", err: "There is no payment x/y in the sandbox.\n" });
    expect(await commands.run(["trigger", "pay", id, "--url", url])).toMatchObject({ code: 1, out: "" });
    await stop();
    expect(await run("pay", id)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^No sandbox answers at .*\.\n$/),
    });
  });

  test.each([
    [["fly"], "action"],
    [["decline", "--reason", "a whim"], "reason"],
  ])("trigger %j ends with 2 and the allowed values", async ([action = "", ...flags], member) => {
    const { url, id, stop } = await withPayment();
    const { code, out, err } = await start(["trigger", action, id, "--url", url, ...flags]).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(new RegExp(`^${member} must be "\\w+" or .*\\.\n$`));
    await stop();
  });

  test("resend makes an extra attempt", async () => {
    const receiver = await startReceiver();
    const { url, id, stop } = await withPayment(["--webhook-url", receiver.url]);
    await commands.run(["trigger", "pay", id, "--url", url]);
    const waited = await fetch(`${url}/_sandbox/notifications/wait?paymentId=${id}`);
    const { id: notification } = (await waited.json()) as { id: string };
    const { code, out, err } = await start(["resend", notification, "--url", url]).ended;
    expect([code, out, err]).toEqual([0, "An attempt is due now; the notification was delivered.\n", ""]);
    await receiver.arrived(2);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    const unknown = await commands.run(["resend", id, "--url", url]);
    expect(unknown).toEqual({ code: 1, out: "", err: `There is no notification ${id} in the sandbox.\n` });
    await stop();
    await receiver.close();
  });
});
