import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { createSandbox, signRequest } from "../../src/index.ts";
import { openCommandLine } from "../support/command-line.ts";
import { secondWorld } from "../support/control-requests.ts";
import { paymentRequest, post } from "../support/merchant.ts";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;
const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
function fileOf(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const target = "/v1/payments";
const text = JSON.stringify({ ...paymentRequest(), merchantReference: "café-1001" });
const bodies: Readonly<Record<string, Buffer>> = {
  "UTF-8": Buffer.from(text),
  "UTF-8 with a byte order mark": Buffer.from(`\ufeff${text}`),
  "Latin-1": Buffer.from(text, "latin1"),
  "UTF-16": Buffer.from(`\ufeff${text}`, "utf16le"),
  "CR LF and a newline at the end": Buffer.from(
    `${JSON.stringify(JSON.parse(text), null, 2)}\n`.replaceAll("\n", "\r\n"),
  ),
  "bytes that are no text": Buffer.from([0, 0xff, 0xc3, 0x28, 0x0a]),
  gzip: gzipSync(text),
};

const signatureIn = (out: string) => out.trim().replace("X-Signature: ", "");

describe.each(Object.entries(bodies))("a body of %s", (name, bytes) => {
  const path = fileOf(name.replaceAll(/\W/g, "-"), bytes);

  test("is signed as its exact bytes, from a file and from standard input", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const fromFile = (await commands.run(["sign", "POST", target, "--body", path])).out;
    const fromInput = spawnSync(process.execPath, [program, "sign", "POST", target, "--body", "-"], { input: bytes });
    for (const out of [fromFile, fromInput.stdout.toString()]) {
      const headers = { "X-Signature": signatureIn(out) };
      const request = { method: "POST", body: bytes, headers };
      const answer = await sandbox.fetch(target, request);
      expect([answer.status, answer.headers.get("x-sandbox-diagnosis")]).not.toContain(401);
    }
  });

  test("is right for the doctor if its exact bytes are signed, and wrong if others are", async () => {
    await using sandbox = await createSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const run = (body: Uint8Array) => {
      const signature = signRequest({ method: "POST", target, body, kid, privateKey });
      return commands.run(["doctor", "POST", target, "--body", path, "--signature", signature]);
    };
    expect((await run(bytes)).code).toBe(0);
    expect((await run(Buffer.concat([bytes, Buffer.from([0xe9])]))).code).toBe(1);
  });
});

describe("a compressed body", () => {
  const note = "The body is gzip data, which the API does not decompress: sign and send the JSON text itself.";
  const gzip = fileOf("body.json.gz", gzipSync(text));
  const plain = fileOf("body.json", text);

  test("is named by sign on standard error, and by the doctor, but a text is not", async () => {
    const signed = await commands.run(["sign", "POST", target, "--body", gzip]);
    expect([signed.code, signed.err]).toEqual([0, `${note}\n`]);
    const doctor = ["doctor", "POST", target, "--signature", signatureIn(signed.out)];
    expect((await commands.run([...doctor, "--body", gzip])).out).toMatch(`\n${`The signature is valid. ${note}`}\n`);
    const other = await commands.run(["sign", "POST", target, "--body", plain]);
    expect(other.err).toBe("");
    expect((await commands.run([...doctor, "--body", plain])).out).not.toContain("gzip");
  });

  test("is recognised by the doctor if the body before its compression was signed", async () => {
    const { out } = await commands.run(["sign", "POST", target, "--body", plain]);
    const doctor = await commands.run(["doctor", "POST", target, "--signature", signatureIn(out), "--body", gzip]);
    expect(doctor.code).toBe(1);
    expect(doctor.out).toContain("it was made over the body before its compression");
    expect(doctor.out).toContain(note);
  });
});

describe("sign with --url", () => {
  const body = { ...paymentRequest({ account: secondWorld }) };
  const path = fileOf("of-a-world.json", JSON.stringify(body));

  test("signs with the key of the running sandbox, and with --world with that of its world", async () => {
    await using sandbox = await createSandbox({ seed: "only the sandbox knows it", auth: "require" });
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: secondWorld });
    const url = await sandbox.listen();
    const demo = await commands.run(["sign", "GET", target, "--url", url]);
    const own = await commands.run(["sign", "POST", target, "--body", path, "--url", url, "--world", secondWorld]);
    const signed = (out: string) => ({ "X-Signature": signatureIn(out) });
    expect((await sandbox.fetch(target, { headers: signed(demo.out) })).status).toBe(200);
    expect((await post(sandbox, target, JSON.stringify(body), signed(own.out))).status).toBe(201);
    const kidOf = ({ out }: { out: string }) =>
      JSON.parse(Buffer.from(signatureIn(out).split(".")[0] ?? "", "base64url").toString()).kid;
    expect(kidOf(demo)).toBe(sandbox.credentials.kid);
    expect(kidOf(own)).not.toBe(sandbox.credentials.kid);
    const doctor = ["doctor", "POST", target, "--body", path, "--signature", signatureIn(own.out)];
    expect((await commands.run([...doctor, "--url", url, "--world", secondWorld])).code).toBe(0);
  });

  test("takes the key of a configured merchant's world without a running sandbox", async () => {
    const merchants = [{ merchantId: "shop", processingAccountIds: [secondWorld] }] as const;
    const config = fileOf("sandbox.json", JSON.stringify({ merchants }));
    await using sandbox = await createSandbox({ merchants, auth: "require" });
    const { out } = await commands.run([
      "sign",
      "POST",
      target,
      "--body",
      path,
      "--config",
      config,
      "--world",
      secondWorld,
    ]);
    const headers = { "X-Signature": signatureIn(out) };
    expect((await post(sandbox, target, JSON.stringify(body), headers)).status).toBe(201);
  });

  test.each([
    [
      ["--world", "0ujsszwN8NRY24YaXiTIE2VWDTS"],
      ["--world", "0ujsszwN8NRY24YaXiTIE2VWDTS", "existing world"],
    ],
    [
      ["--url", "http://127.0.0.1:1"],
      ["No sandbox answers", "http://127.0.0.1:1"],
    ],
    [
      ["--url", "nowhere"],
      ["--url", "nowhere"],
    ],
  ])("%j is an error in one sentence", async (flags, words) => {
    const { out, err } = await commands.run(["sign", "GET", target, ...flags]);
    expect(out).toBe("");
    for (const word of words) expect(err).toContain(word);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("POST /_sandbox/signature/diagnose", () => {
  test("takes the body as base64, and refuses both forms at once and what is no base64", async () => {
    await using sandbox = await createSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const bytes = Buffer.from(text, "latin1");
    const signature = signRequest({ method: "POST", target, body: bytes, kid, privateKey });
    const diagnose = (members: object) =>
      post(sandbox, "/_sandbox/signature/diagnose", { method: "POST", target, signature, ...members });
    expect((await diagnose({ bodyBase64: bytes.toString("base64") })).body.ok).toBe(true);
    expect((await diagnose({ bodyBase64: Buffer.from(text).toString("base64") })).body.ok).toBe(false);
    expect((await diagnose({ body: text })).body.ok).toBe(false);
    expect((await diagnose({ body: text, bodyBase64: "AA==" })).status).toBe(400);
    expect((await diagnose({ bodyBase64: "?" })).text).toContain("bodyBase64 must be base64");
  });
});
