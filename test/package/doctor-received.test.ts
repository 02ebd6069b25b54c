import { createHmac } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { openCommandLine } from "../support/command-line.ts";
import { createPaidPayment, get } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

const commands = openCommandLine();
const folder = mkdtempSync(join(tmpdir(), "sandbox-"));

let sandbox: Sandbox;
/** The endpoint, and the webhook that it received. */
let endpoint: string;
let signature: string;
let text: string;
/** A file with the exact body of the webhook. */
let body: string;

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

beforeAll(async () => {
  const receiver = await startReceiver();
  endpoint = receiver.url;
  sandbox = await createSandbox({ webhook: endpoint });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  await receiver.close();
  signature = receiver.received[0]?.signatures[0] ?? "";
  text = receiver.received[0]?.body ?? "";
  body = fileOf("webhook.json", text);
});
afterAll(async () => {
  await sandbox.close();
  await commands[Symbol.asyncDispose]();
});

const doctor = (...flags: string[]) => commands.run(["doctor", "webhook", "--signature", signature, ...flags]);
const lastLine = ({ out }: { out: string }) => out.trimEnd().split("\n").at(-1);

describe("doctor webhook", () => {
  test("exits with 0 for a right signature, and lists what a program that refuses it computes", async () => {
    const { code, out, err } = await doctor("--body", body, "--url", endpoint);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^ok {6}signature: /m);
    const [encoded] = signature.split(".");
    const secret = Buffer.from(sandbox.credentials.hmacKey, "base64url");
    const input = `${encoded}.${Buffer.from(text).toString("base64url")}`;
    const computed = createHmac("sha256", secret).update(input).digest("base64url");
    expect(out).toContain(
      `\n- decodes the key from base64url: take the UTF-8 bytes of its text (computes ${computed})\n`,
    );
    const found = await doctor("--body", body, "--url", endpoint, "--computed", computed);
    expect(found.code).toBe(1);
    expect(lastLine(found)).toBe("Your program decodes the key from base64url: take the UTF-8 bytes of its text.");
  });

  test("exits with 1 and says what to change", async () => {
    const pretty = fileOf("pretty.json", `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    const other = endpoint.replace("127.0.0.1", "localhost");
    for (const [flags, words, differences] of [
      [["--body", body, "--url", other], "127.0.0.1 and localhost reach the same machine", 1],
      [["--body", pretty, "--url", endpoint], "without spaces and line breaks between its members", 1],
      [["--body", body, "--url", endpoint, "--hmac-key", `"${sandbox.credentials.hmacKey}"`], "quotation marks", 0],
    ] as const) {
      const found = await doctor(...flags);
      expect([found.code, found.err]).toEqual([1, ""]);
      expect(lastLine(found)).toContain(words);
      expect(found.out.match(/^differs /gm)?.length ?? 0).toBe(differences);
      expect(found.out).not.toContain(sandbox.credentials.hmacKey);
    }
  });

  test("needs no keys of a sandbox if the key is given, and else says so", async () => {
    const exposed = { SANDBOX_HOST: "0.0.0.0" };
    const flags = ["doctor", "webhook", "--signature", signature, "--body", body, "--url", endpoint];
    const given = await commands.run([...flags, "--hmac-key", sandbox.credentials.hmacKey], exposed);
    expect([given.code, given.err]).toEqual([0, ""]);
    const without = await commands.run(flags, exposed);
    expect([without.code, without.err]).toEqual([2, expect.stringContaining("random seed")]);
  });

  test("asks the running sandbox, which knows its keys and the webhook that it sent", async () => {
    await using own = await createSandbox({ seed: "only this sandbox knows it" });
    const url = await own.listen();
    const receiver = await startReceiver();
    await own.change({ webhookUrl: receiver.url });
    await createPaidPayment(own);
    await own.settle();
    await receiver.close();
    const [received] = receiver.received;
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(received?.body ?? "{}")).reverse()));
    const run = (content: string, ...flags: string[]) => {
      const message = ["--signature", received?.signatures[0] ?? "", "--body", fileOf("own.json", content)];
      return commands.run(["doctor", "webhook", ...message, "--url", receiver.url, ...flags]);
    };
    const unknown = await run(received?.body ?? "");
    expect([unknown.code, lastLine(unknown)]).toEqual([1, expect.stringContaining("no key that is known here")]);
    expect((await run(received?.body ?? "", "--sandbox", url)).code).toBe(0);
    expect(lastLine(await run(reordered, "--sandbox", url))).toContain("is the same JSON in another form");
  });
});

test("doctor response explains a response, which has no URL", async () => {
  const answer = await get(sandbox, "/v1/payments");
  const flags = ["--signature", `X-Signature: ${answer.headers.get("x-signature")}`];
  const right = await commands.run(["doctor", "response", ...flags, "--body", fileOf("response.json", answer.text)]);
  expect([right.code, right.err]).toEqual([0, ""]);
  const saved = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${answer.text}`;
  const wrong = await commands.run(["doctor", "response", ...flags, "--body", fileOf("saved.txt", saved)]);
  expect([wrong.code, lastLine(wrong)]).toEqual([1, expect.stringContaining("curl: without -i")]);
});

describe("wrong arguments end with 2 and one sentence", () => {
  test.each<[readonly string[], readonly string[]]>([
    [
      ["doctor", "webhook", "--signature", "x"],
      ["--url is missing", "doctor response"],
    ],
    [["doctor", "webhook", "--url", "http://localhost:3000"], ["--signature is missing"]],
    [["doctor", "webhook", "POST", "/hook"], ['Unexpected argument "POST": doctor webhook takes none.']],
    [
      ["doctor", "response", "--signature", "x", "--url", "http://x"],
      ["--url", "--hmac-key"],
    ],
    [["doctor", "response", "--signature", "x", "--sandbox", "nowhere"], ['--sandbox is "nowhere"']],
    [
      ["doctor", "response", "--signature", "x", "--body", "/nowhere"],
      ["--body", "/nowhere"],
    ],
    [["doctor", "webhooks", "/v1/payments"], ["--signature is missing"]],
  ])("%j", async (args, words) => {
    const { code, out, err } = await commands.run(args);
    expect([code, out]).toEqual([2, ""]);
    for (const word of words) expect(err).toContain(word);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});

test("a sandbox that does not answer ends the command with 1 and one sentence", async () => {
  const flags = ["--signature", "x", "--sandbox", "http://127.0.0.1:1"];
  const { code, out, err } = await commands.run(["doctor", "response", ...flags]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^No sandbox answers at http:\/\/127\.0\.0\.1:1: .*\n$/);
});

test("help lists both commands with their flags", async () => {
  const { out } = await commands.run(["--help"]);
  for (const name of ["doctor METHOD TARGET", "doctor webhook", "doctor response"])
    expect(out).toContain(`\n  ${name} `);
  const { out: ofWebhook } = await commands.run(["doctor", "webhook", "--help"]);
  expect(ofWebhook).toMatch(/^alipay-hk-sandbox doctor webhook \[flags\]\n/);
  for (const flag of ["--signature SIGNATURE", "--body FILE", "--url URL", "--hmac-key KEY", "--computed SIGNATURE"]) {
    expect(ofWebhook).toContain(`\n  ${flag}`);
  }
  expect((await commands.run(["doctor", "response", "--help"])).out).not.toContain("--url");
});
