import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, signRequest, verifyResponse, verifyWebhook } from "../../src/index.ts";
import { secondWorld } from "../support/control-requests.ts";
import { frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

// The program of the merchant is not visible to the doctor. Here it is: each row of a table is one with a mistake.

let sandbox: Sandbox;
let receiver: Receiver;
/** The webhook as it arrived. */
let webhook: { readonly signature: string; readonly body: string; readonly url: string };
let key: string;
/** A key of the same sandbox, but of another merchant. */
let foreignKey: string;

beforeAll(async () => {
  receiver = await startReceiver();
  const merchants = [{ merchantId: "neighbour", processingAccountIds: [secondWorld] }] as const;
  sandbox = await frozenSandbox({ webhook: receiver.url, merchants });
  key = sandbox.credentials.hmacKey;
  foreignKey = (await get(sandbox, `/_sandbox/credentials?processingAccountId=${secondWorld}`)).body.hmacKey;
  const { body } = await post(sandbox, "/v1/payments", { ...paymentRequest(), merchantReference: "元朗 café" });
  await sandbox.payments.act(body.id, "pay");
  await sandbox.settle();
  const [received] = receiver.received;
  webhook = { signature: received?.signatures[0] ?? "", body: received?.body ?? "", url: receiver.url };
});
afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

interface Given {
  readonly signature?: string | readonly string[] | undefined;
  readonly body?: string | Uint8Array;
  readonly url?: string | undefined;
  readonly hmacKey?: string;
  readonly computed?: string;
}

/** Diagnoses the webhook with changes, and checks what holds for every diagnosis. */
async function diagnose(changes: Given = {}, kind: "webhook" | "response" = "webhook") {
  const { body, ...message } = { ...webhook, ...changes };
  const bodyBase64 = Buffer.from(body).toString("base64");
  const answer = await post(sandbox, "/_sandbox/signature/diagnose", { kind, bodyBase64, ...message });
  expect(answer.status, answer.text).toBe(200);
  const { ok, sentence, checks, mistakes } = answer.body as {
    ok: boolean;
    sentence: string;
    checks: { name: string; verdict: string; sentence: string }[];
    mistakes: { cause: string; computed?: string }[];
  };
  const { signature, url, hmacKey = [key, foreignKey] } = message;
  if (message.computed === undefined && hmacKey !== "") {
    const received = { signature, body, hmacKey };
    const isRight = url === undefined ? verifyResponse(received) : verifyWebhook({ ...received, url });
    expect(ok, sentence).toBe(isRight);
  }
  expect(ok).toBe(checks.every(({ verdict }) => verdict !== "wrong"));
  if (!ok) expect(sentence).toBe(checks.find(({ verdict }) => verdict === "wrong")?.sentence);
  for (const text of [key, foreignKey]) expect(answer.text).not.toContain(text);
  for (const check of checks) expect(check.sentence).toMatch(/^[^\n]+\.$/);
  const wrong = checks.filter(({ verdict }) => verdict === "wrong").map(({ name }) => name);
  return { ok, sentence, checks, mistakes, wrong };
}

const base64Url = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url");

/** HMAC-SHA256 as base64url. */
function hmac(input: string | Uint8Array, secret: string | Uint8Array = key, hash = "sha256"): string {
  return createHmac(hash, secret).update(input).digest("base64url");
}

/** Signs like the provider, with changes in the header. */
function signed(header: object, body = webhook.body, secret = key): string {
  const { kid, aud, exp } = JSON.parse(Buffer.from(webhook.signature.split(".")[0] ?? "", "base64url").toString());
  const encoded = base64Url(JSON.stringify({ alg: "HS256", kid, aud, exp, ...header }));
  return `${encoded}..${hmac(`${encoded}.${base64Url(body)}`, secret)}`;
}

const header = () => webhook.signature.split(".")[0] ?? "";
const input = (body: string | Uint8Array = webhook.body) => `${header()}.${base64Url(body)}`;
const python = (text: string) => text.replace(/":/g, '": ').replace(/,"/g, ', "');
const ascii = (text: string) =>
  text.replace(/[^ -~]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
const asLatin1 = (text: string) => Buffer.from(text).toString("latin1");

test("a webhook as it arrived is right, and the usual mistakes of a program are listed", async () => {
  const { ok, sentence, mistakes, wrong } = await diagnose({ hmacKey: key });
  expect([ok, wrong]).toEqual([true, []]);
  expect(sentence).toBe(
    "The signature is valid. If your program refuses it, compare what it does with the usual mistakes.",
  );
  const decoded = hmac(input(), Buffer.from(key, "base64url"));
  expect(mistakes[0]).toEqual({ cause: expect.stringContaining("decodes the key from base64url"), computed: decoded });
  const other = receiver.url.replace("127.0.0.1", "localhost");
  expect(mistakes[1]?.cause).toContain(`"${other}": it is exactly "${receiver.url}"`);
  expect(mistakes.map(({ computed }) => computed)).not.toContain(webhook.signature.split(".")[2]);
});

test("a response of the API is right without a URL", async () => {
  const { headers, text } = await get(sandbox, "/v1/payments");
  const signature = headers.get("x-signature") ?? "";
  const response = { signature, body: text, url: undefined };
  const { ok, mistakes } = await diagnose(response, "response");
  expect(ok).toBe(true);
  expect(mistakes.map(({ cause }) => cause).join()).not.toContain("aud");
  const asWebhook = await diagnose({ ...response, url: receiver.url });
  expect(asWebhook.sentence).toContain("it is of a response");
  const asResponse = await diagnose({ url: undefined }, "response");
  expect(asResponse.sentence).toContain("it is of a webhook");
});

describe("a program that computes another signature", () => {
  test.each<[string, () => string, RegExp]>([
    [
      "decodes the key from base64url",
      () => hmac(input(), Buffer.from(key, "base64url")),
      /decodes the key from base64/,
    ],
    ["reads the key with a newline", () => hmac(input(), `${key}\n`), /key with a newline at its end/],
    ["reads the key in quotation marks", () => hmac(input(), `"${key}"`), /quotation marks/],
    ["takes the kid for the key", () => hmac(input(), sandbox.credentials.hmacKid), /takes the kid for the key/],
    ["has no key", () => hmac(input(), ""), /empty key/],
    ["writes the JSON again as Python", () => hmac(input(python(webhook.body))), /Python's json.dumps/],
    ["writes the JSON again in ASCII", () => hmac(input(python(ascii(webhook.body)))), /non-ASCII characters escaped/],
    ["writes the JSON again as PHP", () => hmac(input(ascii(webhook.body).replaceAll("/", "\\/"))), /as PHP does/],
    ["indents the JSON", () => hmac(input(JSON.stringify(JSON.parse(webhook.body), null, 2))), /indented by 2 spaces/],
    ["has the body decoded as Latin-1", () => hmac(input(asLatin1(webhook.body))), /decoded as Latin-1/],
    ["has a parser that took the body", () => hmac(input("")), /has no body/],
    ["has the parsed body", () => hmac(input("[object Object]")), /the text "\[object Object\]"/],
    ["does not encode the body", () => hmac(`${header()}.${webhook.body}`), /does not encode the body/],
    ["signs only the body", () => hmac(webhook.body), /signs the body without the header/],
    ["joins with two dots", () => hmac(`${header()}..${base64Url(webhook.body)}`), /two dots/],
    [
      "makes a header of its own",
      () => hmac(`${base64Url('{"alg":"HS256","typ":"JWT"}')}.${base64Url(webhook.body)}`),
      /header of its own/,
    ],
    ["uses SHA-512", () => hmac(input(), key, "sha512"), /hashes with sha512: use SHA-256/],
    ["writes hex", () => Buffer.from(hmac(input()), "base64url").toString("hex"), /right signature, but as hex/],
    [
      "writes padded base64",
      () => Buffer.from(hmac(input()), "base64url").toString("base64"),
      /right signature, but as base64/,
    ],
    [
      "decodes the key, and signs only the body",
      () => hmac(webhook.body, Buffer.from(key, "base64url")),
      /decodes the key.*It also signs the body without/,
    ],
    ["does something unusual", () => hmac("something"), /by none of the usual mistakes/],
  ])("%s", async (_name, computed, words) => {
    const { ok, sentence, wrong, mistakes } = await diagnose({ computed: computed() });
    expect([ok, wrong, mistakes]).toEqual([false, ["computed"], []]);
    expect(sentence).toMatch(/^Your program /);
    expect(sentence).toMatch(words);
  });

  test.each([
    ["the signature", () => webhook.signature.split(".")[2] ?? ""],
    ["the whole value of X-Signature", () => webhook.signature],
  ])("differs from one that computes %s", async (_name, computed) => {
    const { ok, sentence } = await diagnose({ computed: computed() });
    expect(ok).toBe(true);
    expect(sentence).toMatch(/^The signature is valid. Your program computes the right signature: .*aud.*exp/);
  });
});

describe("a body that is not the one that was sent", () => {
  const members = () => Object.entries(JSON.parse(webhook.body));
  test.each<[string, () => string | Uint8Array, RegExp]>([
    ["a newline at its end", () => `${webhook.body}\n`, /the body without the newline at its end/],
    ["CR LF at its end", () => `${webhook.body}\r\n`, /the body without the newline at its end/],
    ["a byte order mark", () => `\ufeff${webhook.body}`, /without its byte order mark/],
    ["indentation", () => JSON.stringify(JSON.parse(webhook.body), null, 2), /without spaces and line breaks/],
    ["spaces, as Python writes it", () => python(webhook.body), /without spaces and line breaks/],
    ["escaped slashes, as PHP writes it", () => webhook.body.replaceAll("/", "\\/"), /without a backslash/],
    ["escaped letters", () => ascii(webhook.body), /the same JSON, written in another way/],
    [
      "other decimals",
      () => webhook.body.replace('"value":200', '"value":200.00'),
      /the same JSON, written in another way/,
    ],
    [
      "another order",
      () => JSON.stringify(Object.fromEntries(members().reverse())),
      /same JSON in another form.*from byte \d+/,
    ],
    [
      "another amount",
      () => webhook.body.replace('"value":200', '"value":201'),
      /is another text: from byte \d+ on it has/,
    ],
    ["Latin-1", () => Buffer.from(asLatin1(webhook.body)), /encoded twice/],
    ["UTF-16", () => Buffer.from(`\ufeff${webhook.body}`, "utf16le"), /yours is in UTF-16/],
    ["gzip", () => gzipSync(webhook.body), /the body after its decompression/],
    ["a JSON string", () => JSON.stringify(webhook.body), /the text in the JSON string/],
    ["base64", () => Buffer.from(webhook.body).toString("base64"), /yours is its base64/],
    [
      "headers before it",
      () => `HTTP/1.1 200 OK\r\nX-Signature: x\r\n\r\n${webhook.body}`,
      /the part after the headers/,
    ],
  ])("has %s", async (_name, body, words) => {
    for (const hmacKey of [undefined, key]) {
      const given = hmacKey === undefined ? {} : { hmacKey };
      const { sentence, wrong } = await diagnose({ body: body(), ...given });
      expect(wrong).toEqual(["signature"]);
      expect(sentence).toMatch(words);
    }
  });

  test("of an unknown message is compared by its size and hash", async () => {
    const { sentence, wrong } = await diagnose({ body: "{}" });
    expect(wrong).toEqual(["signature"]);
    expect(sentence).toMatch(/does not match .*\(2 bytes whose SHA-256 begins with 44136fa355b3678a\)/);
  });

  test("that cannot be decompressed is named by its format", async () => {
    const { sentence, wrong } = await diagnose({ body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2]) });
    expect(wrong).toEqual(["signature"]);
    expect(sentence).toMatch(/does not match the zstd data that you verify: decompress it/);
  });

  test("is large, with a newline at its end", async () => {
    const body = JSON.stringify({ note: "x".repeat(200_000) });
    const { sentence } = await diagnose({ signature: signed({}, body), body: `${body}\n` });
    expect(sentence).toContain("the body without the newline at its end");
  });

  test("is Latin-1 in a file of an old editor", async () => {
    const body = '{"shop":"café"}';
    const { sentence } = await diagnose({ signature: signed({}, body), body: Buffer.from(body, "latin1") });
    expect(sentence).toContain("yours is in Latin-1");
  });
});

describe("aud", () => {
  test.each<[string, string, string, RegExp]>([
    ["localhost for 127.0.0.1", "http://localhost:3000/hook", "http://127.0.0.1:3000/hook", /reach the same machine/],
    ["the name in a container", "http://host.docker.internal:3000/hook", "http://localhost:3000/hook", /same machine/],
    ["http behind a proxy", "https://shop.example/hook", "http://shop.example/hook", /https, not http.*proxy ends TLS/],
    ["an inner name", "https://shop.example/hook", "https://shop:443/hook", /the host is shop.example, not shop/],
    ["another port", "http://localhost:3000/hook", "http://localhost:8080/hook", /the port is 3000, not 8080/],
    ["a path without its prefix", "https://shop.example/api/hook", "https://shop.example/hook", /begins with "\/api"/],
    ["a slash at the end", "https://shop.example/hook", "https://shop.example/hook/", /no slash at the end/],
    ["a slash that a library adds", "http://localhost:3000", "http://localhost:3000/", /slash behind a host/],
    ["no query", "https://shop.example/hook?shop=1", "https://shop.example/hook", /has the query string too/],
    ["the default port", "https://shop.example/hook", "https://shop.example:443/hook", /written in another way/],
    ["the path only", "https://shop.example/hook", "/hook", /whole URL, not method and path/],
    ["method and path", "https://shop.example/hook", "POST /hook", /whole URL, not method and path/],
  ])("is compared with %s", async (_name, aud, url, words) => {
    const { sentence, wrong } = await diagnose({ signature: signed({ aud }), url, hmacKey: key });
    expect(wrong).toEqual(["aud"]);
    expect(sentence).toContain(`aud is "${aud}", but you compare it with "${url}"`);
    expect(sentence).toMatch(words);
    expect((await diagnose({ signature: signed({ aud }), url: aud })).ok).toBe(true);
  });
});

describe("the key", () => {
  test.each<[string, () => string, RegExp]>([
    ["with white space", () => ` ${key}\n`, /has white space around it/],
    ["in quotation marks", () => `"${key}"`, /has quotation marks around it/],
    ["with the name of its variable", () => `NOMUPAY_HMAC_KEY=${key}`, /name of its variable/],
    ["as base64", () => Buffer.from(key).toString("base64"), /is the base64 of the key/],
    ["as hex", () => Buffer.from(key).toString("hex"), /is the hex of the key/],
    ["decoded, as hex", () => Buffer.from(key, "base64url").toString("hex"), /the bytes that the key decodes to/],
    ["of another world", () => foreignKey, /of the merchant "neighbour", but .* of the merchant "demo".*world/],
    [
      "that is unknown",
      () => "some-other-shared-secret",
      /is not the key .*it has 24 characters, and the right one 43/,
    ],
  ])("%s", async (_name, hmacKey, words) => {
    const { sentence, wrong } = await diagnose({ hmacKey: hmacKey() });
    expect(wrong).toEqual(["key"]);
    expect(sentence).toMatch(words);
  });

  test("that is wrong is named although the body was changed too", async () => {
    const { wrong, sentence } = await diagnose({ hmacKey: foreignKey, body: `${webhook.body}\n` });
    expect(wrong).toEqual(["key", "signature"]);
    expect(sentence).toContain('of the merchant "neighbour"');
  });

  test("of another sandbox is not known, and has to be given", async () => {
    const signature = signed({ kid: "27yiW9MgzBtwiodreuNOXk0rtIw" }, webhook.body, "the secret of another sandbox");
    const unknown = await diagnose({ signature });
    expect(unknown.sentence).toMatch(/^kid "27yiW9MgzBtwiodreuNOXk0rtIw" names no key that is known here: give/);
    expect((await diagnose({ signature, hmacKey: "the secret of another sandbox" })).ok).toBe(true);
  });
});

describe("X-Signature", () => {
  test.each<[string, () => Given["signature"], string, RegExp]>([
    ["missing", () => undefined, "signature_present", /is missing/],
    ["empty", () => "", "signature_present", /is missing/],
    ["cut off", () => webhook.signature.slice(0, 40), "form", /cut off/],
    ["with a payload", () => webhook.signature.replace("..", ".e30."), "form", /payload between its dots/],
    [
      "of a request of the merchant",
      () => signRequest({ ...sandbox.credentials, method: "GET", target: "/v1/payments" }),
      "alg",
      /request of yours/,
    ],
    [
      "with a past exp",
      () => signed({ exp: Math.floor(Date.now() / 1000) - 3600 }),
      "exp",
      /360\d s in the past by the real clock/,
    ],
  ])("%s", async (_name, signature, name, words) => {
    const { sentence, checks } = await diagnose({ signature: signature() });
    expect(checks.find(({ verdict }) => verdict === "wrong")?.name).toBe(name);
    expect(sentence).toMatch(words);
  });

  test("that only expired has the list of mistakes, and a computed signature is explained first", async () => {
    const signature = signed({ exp: Math.floor(Date.now() / 1000) - 3600 });
    const { wrong, mistakes } = await diagnose({ signature });
    expect(wrong).toEqual(["exp"]);
    expect(mistakes[0]?.cause).toContain("decodes the key from base64url");
    const { sentence } = await diagnose({ signature, computed: hmac(webhook.body) });
    expect(sentence).toContain("signs the body without the header");
  });

  test.each([
    ["in lines", (lines: string[]) => lines],
    ["joined by a server", (lines: string[]) => lines.join(", ")],
  ])("with two signatures %s is right, and the list begins with the split at the commas", async (_name, as) => {
    const lines = [signed({ kid: "older" }, webhook.body, "a key that is retired"), webhook.signature];
    const { ok, checks, mistakes } = await diagnose({ signature: as(lines) });
    expect([ok, checks[0]?.sentence]).toEqual([true, expect.stringContaining("2 signatures")]);
    expect(mistakes[0]?.cause).toMatch(/takes the 2 signatures .* for one: split the value at the commas/);
  });

  test("may be copied with its name, in several lines", async () => {
    const request = { kind: "webhook", body: webhook.body, url: webhook.url };
    const signature = `x-signature: ${webhook.signature}\r\nX-Signature: ${webhook.signature}\r\n`;
    expect((await post(sandbox, "/_sandbox/signature/diagnose", { ...request, signature })).body.ok).toBe(true);
  });
});

test("the scenario bad_signature is recognised by the signature", async () => {
  const sent = await post(sandbox, "/v1/payments", paymentRequest({ amount: 8888.24 }));
  await sandbox.clock.advance("PT2S");
  const last = receiver.received.find(({ body }) => body.includes(sent.body.id));
  const { sentence, wrong } = await diagnose({ signature: last?.signatures ?? [], body: last?.body ?? "" });
  expect(wrong).toEqual(["signature"]);
  expect(sentence).toContain("made wrong by the scenario bad_signature");
});

describe("the route", () => {
  test.each<[string, object, string]>([
    ["a webhook without its URL", { kind: "webhook", signature: "x" }, "url is missing."],
    ["a response with a URL", { kind: "response", url: "http://x" }, "url is not for the kind response."],
    [
      "a request with a shared secret",
      { method: "GET", target: "/", hmacKey: "x" },
      "hmacKey is not for the kind request.",
    ],
    [
      "a webhook with a method",
      { kind: "webhook", url: "http://x", method: "POST" },
      "method is not for the kind webhook.",
    ],
    ["another kind", { kind: "payment" }, 'kind must be "request" or "response" or "webhook".'],
    ["a request without a method", { target: "/v1/payments" }, "method is missing."],
  ])("refuses %s", async (_name, body, sentence) => {
    const answer = await post(sandbox, "/_sandbox/signature/diagnose", body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(JSON.stringify(sentence).slice(1, -1));
  });
});
