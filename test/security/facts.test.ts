import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { compare } from "../../src/security/doctor/facts.ts";
import { generateWithJose, signWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

const method = "POST";
const target = "/v1/payments";
const diagnose = async (sandbox: Sandbox, input: object) =>
  (await post(sandbox, "/_sandbox/signature/diagnose", input)).body;

/** The diagnosis of a request that was signed over another body, with other members in its header. */
async function diagnoseSigned(
  sandbox: Sandbox,
  body: string,
  signed: { readonly body?: string | Uint8Array; readonly header?: Readonly<Record<string, unknown>> },
) {
  const { kid, privateKey = "" } = sandbox.credentials;
  const signature = await signWithJose({ method, target, kid, privateKey, body: signed.body ?? body, ...signed });
  return diagnose(sandbox, { method, target, body, signature });
}

describe("the facts of a diagnosis", () => {
  test("of a right signature are its header, and no comparison", async () => {
    await using sandbox = await createSandbox();
    const { code, header, comparisons } = await diagnoseSigned(sandbox, "{}", {});
    expect([code, comparisons]).toEqual([undefined, []]);
    const { kid } = sandbox.credentials;
    expect(header).toEqual([
      { name: "alg", verdict: "ok", given: '"ES256"', expected: '"ES256"' },
      { name: "kid", verdict: "ok", given: `"${kid}"`, expected: `"${kid}"` },
      { name: "aud", verdict: "ok", given: '"POST /v1/payments"', expected: '"POST /v1/payments"' },
      {
        name: "exp",
        verdict: "ok",
        given: expect.stringMatching(/^\d+$/),
        expected: expect.stringMatching(/^seconds/),
      },
    ]);
  });

  test("of a wrong one name the first fault, and compare what was signed with what must be", async () => {
    await using sandbox = await createSandbox();
    const { code, header, comparisons } = await diagnoseSigned(sandbox, '{"a":1}', {
      body: '{"a": 1}',
      header: { aud: "POST /v1/payment", typ: "JWT" },
    });
    expect(code).toBe("aud");
    expect(header[2]).toEqual({
      name: "aud",
      verdict: "wrong",
      given: '"POST /v1/payment"',
      expected: '"POST /v1/payments"',
    });
    expect(header.at(-1)).toEqual({ name: "typ", verdict: "ignored", given: '"JWT"' });
    const whole = (text: string) => ({
      ...{ text, start: 0, end: text.length, size: text.length },
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    });
    expect(comparisons.slice(0, 2)).toEqual([
      { part: "aud", expected: whole("POST /v1/payments"), given: whole("POST /v1/payment"), differsAt: 16 },
      { part: "body", expected: whole('{"a":1}'), given: whole('{"a": 1}'), differsAt: 5 },
    ]);
    expect(comparisons[2]).toMatchObject({ part: "signing_input", differsAt: expect.any(Number) });
  });

  test("say that an unknown body is not known", async () => {
    await using sandbox = await createSandbox();
    const { code, comparisons } = await diagnoseSigned(sandbox, "{}", { body: "something else" });
    expect(code).toBe("signature");
    expect(comparisons.map(({ part, given }: { part: string; given?: object }) => [part, given !== undefined])).toEqual(
      [
        ["aud", true],
        ["body", false],
        ["signing_input", false],
      ],
    );
  });

  test("name the key whose pair signed", async () => {
    await using sandbox = await createSandbox();
    const { publicKey, privateKey } = await generateWithJose();
    const { body: second } = await post(sandbox, "/_sandbox/credentials", { publicKey });
    const { kid } = sandbox.credentials;
    const signature = await signWithJose({ method, target, kid, privateKey, body: "{}" });
    const { header } = await diagnose(sandbox, { method, target, body: "{}", signature });
    expect(header[1]).toEqual({ name: "kid", verdict: "wrong", given: `"${kid}"`, expected: `"${second.kid}"` });
  });

  test("contain no secret", async () => {
    await using sandbox = await createSandbox();
    const { hmacKey } = sandbox.credentials;
    const header = { kid: hmacKey, aud: hmacKey, [hmacKey]: hmacKey };
    const found = await diagnoseSigned(sandbox, hmacKey, { body: `${hmacKey}\n`, header });
    expect(JSON.stringify(found)).not.toContain(hmacKey);
    expect(found.header[1].given).toBe('"(a secret)"');
  });

  test("of a signature that cannot be read are empty", async () => {
    await using sandbox = await createSandbox();
    for (const signature of ["word", undefined, "e30.x.y.z"]) {
      const found = await diagnose(sandbox, { method, target, signature });
      expect([found.ok, found.header, found.comparisons]).toEqual([false, undefined, []]);
    }
  });

  test("list at most twenty members of a header", async () => {
    await using sandbox = await createSandbox();
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`m${index}`.padEnd(500, "x"), index]));
    const { header } = await diagnoseSigned(sandbox, "{}", { header: many });
    expect(header).toHaveLength(20);
    expect(header.at(-1).name).toHaveLength(60);
  });

  test("of a webhook compare what the sandbox signed with what the program verifies", async () => {
    await using sandbox = await createSandbox();
    const receiver = await startReceiver();
    await sandbox.change({ webhookUrl: receiver.url });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await receiver.close();
    const [{ signatures, body: sent } = { signatures: [], body: "" }] = receiver.received;
    const url = receiver.url.replace("127.0.0.1", "localhost");
    const message = { kind: "webhook", url, body: ` ${sent}`, signature: signatures };
    const { code, header, comparisons } = await diagnose(sandbox, message);
    expect(code).toBe("aud");
    expect(header[2]).toMatchObject({ name: "aud", verdict: "wrong", expected: `"${url}"` });
    expect(comparisons).toMatchObject([
      { part: "aud", expected: { text: receiver.url }, given: { text: url }, differsAt: 7 },
      { part: "body", expected: { text: sent }, given: { text: ` ${sent}` }, differsAt: 0 },
    ]);
  });
});

describe("a comparison", () => {
  test.each<[string, string | Uint8Array, string | Uint8Array, number | undefined, string, string]>([
    ["of equal texts", "abc", "abc", undefined, "abc", "abc"],
    ["of a text that is longer", "abc", "abcd", 3, "abc", "abcd"],
    ["of a text that is empty", "", "a", 0, "", "a"],
    ["of UTF-8", "é", "è", 1, "é", "è"],
    ["with bytes that are no UTF-8", "aé", Buffer.from([0x61, 0xe9]), 1, "a\\xc3\\xa9", "a\\xe9"],
    ["with a byte order mark", "\ufeffa", "a", 0, "\ufeffa", "a"],
  ])("%s", (_, expected, given, differsAt, right, wrong) => {
    const found = compare("body", expected, given);
    expect([found.differsAt, found.expected.text, found.given?.text]).toEqual([differsAt, right, wrong]);
  });

  test("of long texts shows at most 2 KiB, from shortly before the first difference on", () => {
    const text = "漢".repeat(20_000);
    const { differsAt, expected, given } = compare("body", text, `${text.slice(0, 10_000)}字${text.slice(10_001)}`);
    expect(differsAt).toBe(30_000);
    expect(expected.start).toBe(29_487);
    expect(expected.end - expected.start).toBe(2_046);
    expect(expected.size).toBe(60_000);
    expect(expected.text).toBe("漢".repeat(682));
    expect(given?.text).toBe(`${"漢".repeat(171)}字${"漢".repeat(510)}`);
  });
});
