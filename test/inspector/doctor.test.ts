import { createHash, createHmac, sign as signBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { forgeJws, generateWithJose, resignAsDer, signWithJose } from "../support/jose-merchant.ts";
import { type Answer, createPaidPayment, get, paymentRequest, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { insides, plain, submit, testids, textsOf } from "./reading.ts";

const target = "/v1/payments?idempotencyKey=order%2F1001";
const body = JSON.stringify({ ...paymentRequest(), merchantReference: "元朗-1001 <a&b>" });
const stranger = await generateWithJose();

/** One sandbox for tests that only ask the doctor. */
let sandbox: Sandbox;
let kid: string;
let privateKey: string;
beforeAll(async () => {
  sandbox = await createSandbox({ seed: "doctor" });
  ({ kid, privateKey = "" } = sandbox.credentials);
});
afterAll(() => sandbox?.close());

const base64Url = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url");
const headerOf = (changes: object = {}) => ({
  ...{ alg: "ES256", kid, aud: `POST ${target}`, exp: Math.floor(Date.now() / 1000) + 60 },
  ...changes,
});

/** `X-Signature` over any payload. */
const over = (payload: string | Uint8Array, header: Readonly<Record<string, unknown>> = {}, key = privateKey) =>
  signWithJose({ method: "POST", target, body: payload, kid, privateKey: key, header });

/** `X-Signature` over the bytes that the function makes from the encoded header. */
function byHand(input: (encodedHeader: string) => string, changes: object = {}): string {
  const encoded = base64Url(JSON.stringify(headerOf(changes)));
  const signature = signBytes("sha256", Buffer.from(input(encoded)), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${encoded}..${base64Url(signature)}`;
}

/** The pasted request as a raw HTTP message. */
function rawRequest(signature: string | undefined, sent = body): string {
  const header = signature === undefined ? "" : `X-Signature: ${signature}\r\n`;
  return `POST ${target} HTTP/1.1\r\nHost: localhost:8852\r\n${header}\r\n${sent}`;
}

const examine = (text: string, more: Record<string, string> = {}, at = sandbox) =>
  submit(at, "/inspector/doctor", { about: "request", text, ...more });

const sentenceOf = ({ text }: Pick<Answer, "text">) => textsOf(text, "doctor-sentence")[0];

/** The marked differences of a compared part, with visible signs. */
function marksIn(html: string, part: "aud" | "body" | "signing-input"): string[] {
  const [section = ""] = insides(html, `doctor-${part}`);
  return [...section.matchAll(/<mark>(.*?)<\/mark>/gs)].map(([, mark = ""]) =>
    plain(mark.replace(/<span.*?<\/span>|<\/?i>|\n/gs, "")),
  );
}

/** The members of the decoded header that are not right: name, value, verdict and what is expected. */
const wrongMembers = ({ text }: Pick<Answer, "text">) =>
  textsOf(text, "doctor-member").filter((member) => !/ Right( Expected|$)/.test(member));

interface Mistake {
  readonly make: () => string | Promise<string>;
  /** The body that is sent, if it is another one. */
  readonly sent?: string;
  /** Part of the sentence. */
  readonly says: string;
  /** The wrong members of the header. */
  readonly members?: readonly (string | RegExp)[];
  /** The marked differences, by part. */
  readonly aud?: readonly string[];
  readonly body?: readonly string[];
  readonly input?: readonly string[];
}

const visible = (text: string) => text.replaceAll(" ", "·");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const mistakes: Readonly<Record<string, Mistake>> = {
  "indented JSON": {
    make: () => over('{\n  "a": 1\n}'),
    sent: '{"a":1}',
    says: "made over the body as JSON indented by 2 spaces",
    body: ["⏎··", "·", "⏎"],
  },
  "JSON with sorted keys and spaces": {
    make: () => over('{"a": 1, "b": 2}'),
    sent: '{"b":2,"a":1}',
    says: 'made over the body as JSON with spaces after "," and ":" with sorted keys',
    body: ["b", "2", "a", "1", "a", "·", "1", "·", "b", "·", "2"],
  },
  "a newline at the end": {
    make: () => over(`${body}\n`),
    says: "made over the body with a newline added at the end",
    body: ["⏎"],
  },
  "CR LF in place of LF": {
    make: () => over("[1,\r\n2]"),
    sent: "[1,\n2]",
    says: "CR LF in place of LF",
    body: ["⟨CR⟩"],
  },
  "a byte order mark": {
    make: () => over("[1]"),
    sent: "\ufeff[1]",
    says: "without its byte order mark",
    body: ["⟨U+FEFF⟩"],
  },
  "another Unicode form": {
    make: () => over('["é"]'.normalize("NFD")),
    sent: '["é"]',
    says: "in the Unicode form NFD",
    body: ["é", "e⟨U+0301⟩"],
  },
  "the hash of the body": {
    make: () => over(sha256(body)),
    says: "made over the SHA-256 of the body in hex",
    body: [visible(body), sha256(body)],
  },
  "an empty payload": { make: () => over(""), says: "made over the empty string", body: [visible(body)] },
  "the body without base64url": {
    make: () => byHand((header) => `${header}.${body}`),
    says: "the unencoded body (as with b64=false)",
    input: [base64Url(body), visible(body)],
  },
  "another key": {
    make: () => over(body, {}, stranger.privateKey),
    says: "The signature does not match: the sandbox received a body of",
  },
  "an unknown kid": {
    make: () => over(body, { kid: "mine" }),
    says: 'kid "mine" is not registered here: the signature matches the key',
    members: [/^"kid" : "mine" Wrong Expected: "\w{27}"$/],
  },
  "another path": {
    make: () => over(body, { aud: "POST /v1/payment" }),
    says: 'aud is "POST /v1/payment", but this request needs',
    members: [/^"aud" : "POST \/v1\/payment" Wrong Expected: "POST \/v1\/payments\?idempotencyKey=order%2F1001"$/],
    aud: ["payments?idempotencyKey=order%2F1001", "payment"],
  },
  "an exp in the past": {
    make: () => over(body, { exp: 1_700_000_000 }),
    says: "s in the past",
    members: [
      /^"exp" : 1700000000 Wrong Expected: seconds since 1970, at most 300 s after \d+, the time of the check$/,
    ],
  },
  "no exp": {
    make: () => over(body, { exp: undefined }),
    says: "The header has no exp",
    members: [/^"exp" : \(missing\) Wrong/],
  },
  HS256: {
    make: () => over(body, { alg: "HS256" }, sandbox.credentials.hmacKey),
    says: 'alg is "HS256"',
    members: ['"alg" : "HS256" Wrong Expected: "ES256"'],
  },
  "crit and b64": {
    make: () => byHand((header) => `${header}.${body}`, { crit: ["b64"], b64: false }),
    says: "crit requires b64",
    members: ['"crit" : ["b64"] Wrong Expected: no crit', '"b64" : false Wrong Expected: no b64'],
  },
  "a member that nothing checks": {
    make: () => over(body, { typ: "JWT", kid: "mine" }),
    says: "is not registered",
    members: [/^"kid"/, '"typ" : "JWT" Ignored'],
  },
  "an attached payload": {
    make: async () => (await over(body)).replace("..", `.${base64Url("{}")}.`),
    says: "X-Signature contains a payload of 2 bytes",
  },
  "base64 in place of base64url": {
    make: () => `${base64Url(JSON.stringify(headerOf()))}..${Buffer.alloc(64, 0xfb).toString("base64")}`,
    says: "is standard base64 instead of base64url",
  },
  "a signature in DER": {
    make: async () => resignAsDer(await over(body), body, privateKey),
    says: "it is DER, so only its encoding is wrong",
  },
  "one dot": { make: async () => (await over(body)).replace("..", "."), says: "has two parts instead of three" },
  "a word": { make: () => "hello", says: "X-Signature has one part" },
  "a Python dict as header": { make: () => `${base64Url("{'alg': 'ES256'}")}..AA`, says: "json.dumps" },
};

describe("a pasted request", () => {
  test.each(Object.entries(mistakes))("with %s", async (_, { make, sent = body, says, members, ...marks }) => {
    const signature = await make();
    const answer = await examine(rawRequest(signature, sent));
    expect(answer.status).toBe(200);
    expect(sentenceOf(answer)).toContain(says);
    if (members !== undefined) {
      const found = wrongMembers(answer);
      expect(found).toHaveLength(members.length);
      for (const [index, member] of members.entries()) expect(found[index]).toMatch(member);
    }
    if (marks.aud !== undefined) expect(marksIn(answer.text, "aud").join("")).toBe(marks.aud.join(""));
    if (marks.body !== undefined) expect(marksIn(answer.text, "body").join("")).toBe(marks.body.join(""));
    if (marks.input !== undefined) expect(marksIn(answer.text, "signing-input").join("")).toBe(marks.input.join(""));
    // The sentence is that of the control API.
    const { body: same } = await post(sandbox, "/_sandbox/signature/diagnose", {
      ...{ method: "POST", target, body: sent, signature },
    });
    expect(sentenceOf(answer)).toBe(same.sentence.replace(/\s+/g, " "));
  });

  test("without a mistake has a valid signature", async () => {
    const answer = await examine(rawRequest(await over(body)));
    expect(sentenceOf(answer)).toBe("The signature is valid.");
    expect(testids(answer.text)).not.toContain("doctor-body");
    expect(wrongMembers(answer)).toEqual([]);
  });

  test("without X-Signature says in which lines it is missing", async () => {
    const answer = await examine(rawRequest(undefined));
    expect(answer.status).toBe(200);
    expect(sentenceOf(answer)).toMatch(/^X-Signature is missing/);
    expect(textsOf(answer.text, "doctor-note")).toEqual(["No X-Signature header found in line 2."]);
  });

  test("stays in the box, so that it can be changed", async () => {
    const text = rawRequest("abc", "\n</textarea> &lt;");
    const [box = ""] = insides((await examine(text)).text, "doctor-request-text");
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    // HTML ignores a line break at the start of a text area.
    expect(box).toBe(`\n${escaped}`);
  });
});

describe("a curl command or a raw request", () => {
  const right = () => over(body);
  const inShell = body.replaceAll("'", "'\\''");

  test.each<[string, (signature: string) => string]>([
    [
      "as the inspector copies it",
      (s) =>
        `curl -X POST 'http://127.0.0.1:8852${target}' \\\r\n  -H 'X-Signature: ${s}' \\\r\n  --data-raw '${inShell}'`,
    ],
    [
      "with a prompt and combined options",
      (s) => `$ curl -sXPOST http://localhost${target} -H "x-signature: ${s}" -d '${inShell}'`,
    ],
    [
      "with an option before the URL and another after",
      (s) => `curl --max-time 5 -i --url "http://h${target}" -d '${inShell}' -H 'X-Signature:${s}' | jq .`,
    ],
    ["with the host in a variable", (s) => `curl "$BASE_URL${target}" -H 'X-Signature: ${s}' --json '${inShell}'`],
    [
      "as Chrome copies it",
      (s) =>
        `curl 'http://h${target}' -H 'x-signature: ${s}' --compressed ` +
        `--data-raw $'${inShell.replace("元朗", "\\u5143\\xe6\\x9c\\x97")}'`,
    ],
    [
      "with escaped quotation marks",
      (s) => `curl http://h${target} -H X-Signature:\\ ${s} -d "${body.replaceAll('"', '\\"')}"`,
    ],
    ["a raw request with LF", (s) => `POST ${target}\nx-signature: ${s}\n\n${body}`],
    [
      "a raw request with an absolute URL",
      (s) => `POST https://api.example${target} HTTP/2\r\nX-Signature: ${s}\r\n\r\n${body}`,
    ],
    ["a raw request without the empty line", (s) => `\r\nPOST ${target} HTTP/1.1\r\nX-Signature: ${s}\r\n${body}`],
    [
      "a raw request with a line break too many",
      (s) => `POST ${target} HTTP/1.1\r\nX-Signature: ${s}\r\n\r\n${body}\r\n`,
    ],
  ])("%s", async (_, text) => {
    const answer = await examine(text(await right()));
    expect([answer.status, sentenceOf(answer)]).toEqual([200, "The signature is valid."]);
  });

  test.each([
    ["[1,\r\n2]", "[1,\r\n2]"],
    ["[1,\n2]", "[1,\r\n2]"],
    ["[1]\n", "[1]\r\n"],
    ["[1]", "[1]\r\n\r\n"],
  ])("%j is found in a paste by its Content-Length", async (sent, pasted) => {
    const text = rawRequest(await over(sent), pasted).replace("Host:", `Content-Length: ${sent.length}\r\nHost:`);
    expect(sentenceOf(await examine(text))).toBe("The signature is valid.");
  });

  test("says if the size is not that of Content-Length", async () => {
    const text = rawRequest(await right()).replace("Host:", "Content-Length: 3\r\nHost:");
    const size = Buffer.byteLength(body);
    expect(textsOf((await examine(text)).text, "doctor-note")).toEqual([
      `Content-Length is 3, but the pasted body has ${size} bytes: paste it exactly as sent.`,
    ]);
  });

  test("as curl -v prints it, without a body", async () => {
    const signature = await signWithJose({ method: "GET", target: "/v1/payments", kid, privateKey });
    const lines = [
      ...[
        "* Connected to localhost",
        "> GET /v1/payments HTTP/1.1",
        "> Host: localhost",
        `> X-Signature: ${signature}`,
      ],
      ...["> ", "< HTTP/1.1 401 Unauthorized", "< Content-Type: application/json", "< ", "{}"],
    ];
    expect(sentenceOf(await examine(lines.join("\r\n")))).toBe("The signature is valid.");
  });

  test("with the base path of the public URL", async () => {
    await using below = await createSandbox({ publicUrl: "https://tools.example/sandbox" });
    const { kid: ownKid, privateKey: ownKey = "" } = below.credentials;
    const signature = await signWithJose({ method: "GET", target: "/v1/payments", kid: ownKid, privateKey: ownKey });
    const answer = await examine(
      `curl https://tools.example/sandbox/v1/payments -H 'X-Signature: ${signature}'`,
      {},
      below,
    );
    expect(sentenceOf(answer)).toBe("The signature is valid.");
  });

  test("with the body of a GET, which the sandbox ignores", async () => {
    const signature = await signWithJose({ method: "GET", target: "/v1/payments", body: "{}", kid, privateKey });
    const answer = await examine(`curl -X GET http://h/v1/payments -H 'X-Signature: ${signature}' -d '{}'`);
    expect(sentenceOf(answer)).toContain("the body of the GET, which is ignored");
    expect(marksIn(answer.text, "body")).toEqual(["{}"]);
  });

  test.each([
    ["", "The box is empty."],
    ["hello", 'Line 1 is "hello": expected a curl command, or a request that begins with a line such as'],
    ["\r\nPOST /v1 HTTP/1.1\r\nHost: h\r\nwhat is this\r\n", 'Line 4 is "what is this": expected a header'],
    ["curl -s", "The curl command has no URL."],
    ["curl http://h/ -d @body.json", '-d reads the file "body.json", which the sandbox does not have'],
    ["curl http://h/ --data-binary @-", '--data-binary reads the file "-"'],
    ["curl http://h/ -F a=b", "-F is not supported here: write the body as --data-raw."],
    ["curl http://h/ -d 'a", 'The quotation mark before "a" has no end.'],
    ['curl http://h/ -H "$(npx alipay-hk-sandbox sign GET "/")"', "X-Signature comes from the shell"],
    ['curl http://h/ -H "X-Signature: $SIGNATURE"', 'X-Signature comes from the shell ("$SIGNATURE")'],
    ['curl http://h/ -d "$BODY"', 'The body comes from the shell ("$BODY")'],
    ["curl http://h/v1/$ID", 'The URL comes from the shell ("$ID")'],
    ['curl ^"http://h/^"', "This command is for cmd.exe: copy it as cURL (bash)."],
  ])("%j is refused with a clear problem", async (text, problem) => {
    const answer = await examine(text);
    expect(answer.status).toBe(400);
    expect(textsOf(answer.text, "doctor-problem")).toEqual([expect.stringContaining(problem)]);
    expect(testids(answer.text)).not.toContain("doctor-result");
    expect(insides(answer.text, "doctor-request-text")[0]).toBe(`\n${text}`);
  });
});

describe("a logged call", () => {
  async function send(headers: Record<string, string>, at = sandbox, sent = body): Promise<string> {
    await post(at, target, sent, headers);
    const { text } = await get(at, "/inspector/requests?requests=all");
    const [row = ""] = insides(text, "request");
    const [, url = ""] = /href="([^"]*)" data-testid="to-doctor"/.exec(row) ?? [];
    return url.replaceAll("&amp;", "&");
  }
  const open = async (url: string, at = sandbox) => get(at, url);

  test("with a wrong signature leads to its diagnosis", async () => {
    const signature = await over(`${body}\n`, { aud: "POST /v1/payment" });
    const answer = await open(await send({ "X-Signature": signature }));
    expect(answer.status).toBe(200);
    expect(sentenceOf(answer)).toContain('aud is "POST /v1/payment"');
    expect(textsOf(answer.text, "doctor-signature")).toEqual([signature]);
    expect(marksIn(answer.text, "aud").join("")).toBe("payments?idempotencyKey=order%2F1001payment");
    expect(marksIn(answer.text, "body")).toEqual(["⏎"]);
  });

  test("says what its 401 said", async () => {
    const url = await send({ "X-Signature": await over(body, { exp: Math.floor(Date.now() / 1000) - 5 }) });
    const { text } = await get(sandbox, "/inspector/requests?requests=wrong");
    expect(sentenceOf(await open(url))).toBe(textsOf(text, "diagnosis")[0]);
  });

  test("without a signature leads there too", async () => {
    const answer = await open(await send({}));
    expect(sentenceOf(answer)).toMatch(/^X-Signature is missing/);
    expect(textsOf(answer.text, "doctor-note")).toEqual(["Unsigned: the provider would answer 401."]);
  });

  test("has no decoded header if the log did not keep the signature", async () => {
    const answer = await open(await send({ "X-Signature": `${base64Url("{}")}.${base64Url(body)}.AA` }));
    expect(sentenceOf(answer)).toContain("contains the body between its two dots");
    expect(testids(answer.text)).not.toContain("doctor-header");
    expect(textsOf(answer.text, "doctor-note")[0]).toMatch(/^The log did not keep this X-Signature/);
  });

  test.each([
    ["secrets", '{"apiKey":"abc"}'],
    ["bytes that are no text", "\ufffd"],
  ])("with %s in its body is not compared, because the log does not have the exact bytes", async (_, sent) => {
    const answer = await open(await send({ "X-Signature": await over("x") }, sandbox, sent));
    expect(testids(answer.text)).toContain("doctor-aud");
    expect(testids(answer.text)).not.toContain("doctor-body");
    expect(testids(answer.text)).not.toContain("doctor-sign");
    expect(textsOf(answer.text, "doctor-note")[0]).toMatch(/^The log does not have the exact bytes/);
  });

  test("has no link if its signature was valid", async () => {
    expect(await send({ "X-Signature": await over(body) })).toBe("");
  });

  test("has a link in the timeline of its payment", async () => {
    const payment = await createPaidPayment(sandbox);
    await get(sandbox, `/v1/payments/${payment.id}`, { "X-Signature": await over("") });
    const { text } = await get(sandbox, `/inspector/payments/${payment.id}`);
    expect(testids(text).filter((id) => id === "to-doctor")).toHaveLength(2);
  });

  test("is listed on the empty page if its signature is wrong", async () => {
    await using own = await createSandbox();
    expect(testids((await get(own, "/inspector/doctor")).text)).not.toContain("doctor-call");
    await send({ "X-Signature": "abc" }, own);
    await send({}, own);
    const { text } = await get(own, "/inspector/doctor");
    expect(textsOf(text, "doctor-call")).toEqual([`POST ${target}`]);
  });

  test.each(["9999", "x", "-1"])("%s that the log does not have gets 404", async (sequence) => {
    const answer = await get(sandbox, `/inspector/doctor?request=${sequence}`);
    expect(answer.status).toBe(404);
    expect(textsOf(answer.text, "doctor-problem")).toEqual(["The log of this world does not have this call."]);
  });

  test("of another world is not shown", async () => {
    const world = await sandbox.world();
    await send({});
    const path = `/inspector/doctor?request=1&world=${world.processingAccountId}`;
    expect((await get(sandbox, path)).status).toBe(404);
    expect((await get(sandbox, "/inspector/doctor?world=none")).status).toBe(404);
  });
});

describe("Sign this for me", () => {
  const valid = ({ text }: Answer) => textsOf(text, "doctor-valid-signature")[0] ?? "";

  test("makes a signature that the sandbox accepts, only on the click", async () => {
    const text = rawRequest(await over("x"));
    expect(testids((await examine(text)).text)).not.toContain("doctor-valid-signature");
    const signature = valid(await examine(text, { sign: "yes" }));
    expect(
      (await post(sandbox, target, body, { "X-Signature": signature })).headers.get("X-Sandbox-Diagnosis"),
    ).toBeNull();
  });

  test("signs a logged call beside the given signature", async () => {
    const given = await over("x");
    await post(sandbox, target, body, { "X-Signature": given });
    const { body: log } = await get(sandbox, "/_sandbox/requests?limit=1");
    const signed = await submit(sandbox, "/inspector/doctor", { request: log.data[0].id, sign: "yes" });
    expect(textsOf(signed.text, "doctor-signature")).toEqual([given]);
    expect((await post(sandbox, target, body, { "X-Signature": valid(signed) })).status).toBe(201);
  });

  test("signs with the key of the page's world", async () => {
    const world = await sandbox.world();
    const answer = await examine("GET /v1/payments", { sign: "yes", world: world.processingAccountId });
    const [header = ""] = valid(answer).split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString()).kid).toBe(world.credentials.kid);
  });

  test("shows the command where the sandbox has only the public key", async () => {
    const { publicKey } = await generateWithJose();
    const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    await using external = await createSandbox({
      merchants: [{ merchantId: "harbour", processingAccountIds: [account], credentials: [{ publicKey, kid }] }],
    });
    const text = `POST /v1/payments\n\n{"a":"it's"}`;
    const answer = await examine(text, { sign: "yes", world: account }, external);
    expect(valid(answer)).toBe(
      `printf %s '{"a":"it'\\''s"}' | npx --no -- alipay-hk-sandbox sign POST '/v1/payments' ` +
        `--kid ${kid} --key private-key.pem --body -`,
    );
  });
});

describe("a pasted webhook or response", () => {
  const ask = (fields: Record<string, string>) => submit(sandbox, "/inspector/doctor", { about: "message", ...fields });
  let url: string;
  let signature: string;
  let text: string;
  beforeAll(async () => {
    const receiver = await startReceiver();
    ({ url } = receiver);
    await sandbox.change({ webhookUrl: url });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await sandbox.change({ webhookUrl: null });
    await receiver.close();
    signature = receiver.received[0]?.signatures[0] ?? "";
    text = receiver.received[0]?.body ?? "";
  });
  const raw = (sent: string) =>
    `POST /webhooks HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Signature: ${signature}\r\n\r\n${sent}`;

  test("that is right comes with the usual mistakes", async () => {
    const answer = await ask({ kind: "webhook", text: raw(text), url });
    expect(sentenceOf(answer)).toMatch(/^The signature is valid\. If your program refuses it/);
    expect(textsOf(answer.text, "doctor-mistakes")[0]).toContain("Your program decodes the key from base64url");
    expect(testids(answer.text)).not.toContain("doctor-sign");
  });

  test("finds the mistake of a program by the signature that it computes", async () => {
    const [encoded] = signature.split(".");
    const secret = Buffer.from(sandbox.credentials.hmacKey, "base64url");
    const computed = createHmac("sha256", secret)
      .update(`${encoded}.${base64Url(text)}`)
      .digest("base64url");
    const answer = await ask({ kind: "webhook", text: raw(text), url, computed });
    expect(sentenceOf(answer)).toMatch(/^Your program decodes the key from base64url/);
  });

  test("marks what a parser changed in its body", async () => {
    const answer = await ask({ kind: "webhook", text: raw(text.replace('"id":', '"id": ')), url });
    expect(sentenceOf(answer)).toContain("without spaces and line breaks between its members");
    expect(marksIn(answer.text, "body")).toEqual(["·"]);
  });

  test("marks the difference of the URL", async () => {
    const answer = await ask({ kind: "webhook", text: raw(text), url: url.replace("127.0.0.1", "localhost") });
    expect(sentenceOf(answer)).toContain("127.0.0.1 and localhost reach the same machine");
    expect(marksIn(answer.text, "aud").join(" ")).toBe("127.0.0.1 localhost");
  });

  test("that is a response has no URL", async () => {
    const { headers, text: sent } = await get(sandbox, "/v1/payments?limit=1");
    const message = `< HTTP/1.1 200 OK\n< X-Signature: ${headers.get("X-Signature")}\n< \n${sent}`;
    expect(sentenceOf(await ask({ kind: "response", text: message, url }))).toMatch(/^The signature is valid/);
  });

  test("uses the shared secret of the program", async () => {
    const { hmacKey } = sandbox.credentials;
    const answer = await ask({ kind: "webhook", text: raw(text), url, hmacKey: ` ${hmacKey}` });
    expect(sentenceOf(answer)).toBe("The key that you use has white space around it: remove it.");
  });

  test.each([
    [{ kind: "webhook", text: "X-Signature: a..b" }, 400, "The URL is missing"],
    [{ kind: "webhook", text: "", url: "http://a/" }, 400, "The box is empty."],
    [{ kind: "response", text: "what\n" }, 400, 'Line 1 is "what": expected a header'],
  ])("%j is refused", async (fields, status, problem) => {
    const answer = await ask(fields as unknown as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(textsOf(answer.text, "doctor-problem")).toEqual([expect.stringContaining(problem)]);
  });

  test("without X-Signature says in which lines it is missing", async () => {
    const answer = await ask({ kind: "response", text: "HTTP/1.1 200 OK\nDate: x\nServer: y\n\n{}" });
    expect(sentenceOf(answer)).toMatch(/^X-Signature is missing/);
    expect(textsOf(answer.text, "doctor-note")).toEqual(["No X-Signature header found in lines 2 to 3."]);
  });

  test("the form begins with the endpoint of the world, and keeps what was typed", async () => {
    await using own = await createSandbox({ webhook: "http://localhost:9/hooks" });
    expect((await get(own, "/inspector/doctor")).text).toContain('value="http://localhost:9/hooks"');
    const fields = { kind: "response", text: "what", url: "http://u/", hmacKey: "h", computed: "c" };
    const { text: page } = await ask(fields);
    expect(page).toContain('<option value="response" selected>');
    for (const [name, type] of [
      ["url", "text"],
      ["hmacKey", "password"],
      ["computed", "text"],
    ] as const) {
      expect(page).toContain(`name="${name}" type="${type}" value="${fields[name]}"`);
    }
  });
});

describe("what is pasted", () => {
  const hostile = `</textarea></pre><script>alert(1)</script>"'><img src=x onerror=alert(1)>\u202e`;

  test("never becomes markup", async () => {
    const signature = forgeJws(
      { alg: hostile, [hostile]: hostile, kid: hostile, aud: `POST ${hostile}` },
      Buffer.alloc(64),
    );
    for (const page of [
      await examine(rawRequest(signature, hostile)),
      await examine(`POST /${encodeURI(hostile)}<b> HTTP/1.1\n\n`),
      await examine(hostile),
      await examine(`curl http://h/ -d @${hostile}`),
      await submit(sandbox, "/inspector/doctor", { about: "message", text: hostile, url: hostile, computed: hostile }),
    ]) {
      expect(page.text).not.toMatch(/<(script(?! src="[^"]*" defer><\/script>)|img|b)\b/);
      const outside = page.text.replaceAll(/<(bdi|pre|textarea)\b[^>]*>.*?<\/\1>|<input[^>]*>/gs, "");
      expect(outside).not.toContain("\u202e");
      expect(outside.match(/<\/textarea>/g)).toBeNull();
    }
  });

  test("a private key is refused and not repeated, wherever it is", async () => {
    const [, line = ""] = privateKey.split("\n");
    const jwk = JSON.stringify({ kty: "EC", crv: "P-256", d: "A".repeat(43) });
    for (const form of [
      { about: "request", text: rawRequest("x", privateKey) },
      { about: "request", text: `curl http://h/ -d '${jwk}'` },
      { about: "message", text: "x", hmacKey: privateKey },
      { about: "message", text: "x", url: privateKey },
    ]) {
      const answer = await submit(sandbox, "/inspector/doctor", form);
      expect(answer.status).toBe(400);
      expect(textsOf(answer.text, "doctor-problem")[0]).toMatch(/^The form contained a private key/);
      const [panel = ""] = insides(answer.text, "doctor");
      expect(panel).not.toContain(line);
      expect(panel).not.toContain("A".repeat(43));
    }
  });

  test("a shared secret is only in its own field", async () => {
    const { hmacKey } = sandbox.credentials;
    const header = forgeJws({ alg: "HS256", kid: hmacKey }, Buffer.alloc(32));
    for (const answer of [
      await submit(sandbox, "/inspector/doctor", {
        about: "message",
        kind: "response",
        text: `X-Signature: ${header}`,
        hmacKey,
      }),
      await examine(rawRequest(hmacKey, hmacKey)),
      await examine(rawRequest(header)),
    ]) {
      const [result = ""] = insides(answer.text, "doctor-result");
      expect(result).not.toBe("");
      expect(result).not.toContain(hmacKey);
    }
  });

  test("is neither logged nor stored", async () => {
    await using own = await createSandbox();
    await examine(rawRequest(await over("x"), '{"pin":"4711-4711"}'), { sign: "yes" }, own);
    const { text } = await get(own, "/_sandbox/requests");
    expect(text).toContain('"data":[]');
    expect(JSON.stringify(await own.snapshot())).not.toContain("4711-4711");
  });

  test("of 64 KiB makes a page below 200 KB, which shows the part around the first difference", async () => {
    const rows = Array.from({ length: 1_450 }, (_, index) => ({ sku: `sku-${index}`, quantity: index, note: "" }));
    const large = JSON.stringify(rows);
    expect(large.length).toBeGreaterThan(60_000);
    const changed = `${large}\n`;
    const answer = await examine(rawRequest(await over(changed), large));
    expect(answer.text.length).toBeLessThan(200_000);
    expect(marksIn(answer.text, "body")).toEqual(["⏎"]);
    const size = large.length.toLocaleString("en");
    expect(textsOf(answer.text, "doctor-body")[0]).toMatch(
      new RegExp(`${size} bytes\\. Only bytes [\\d,]+ to ${size} are shown, around the first difference\\.`),
    );
  });

  test("may have a body of the maximum size, but no larger one", async () => {
    const largest = "元".repeat(21_845);
    expect(sentenceOf(await examine(rawRequest(await over(largest), largest)))).toBe("The signature is valid.");
    const answer = await examine(rawRequest("x", `${largest}元`));
    expect(textsOf(answer.text, "doctor-problem")).toEqual([
      "The body has 65538 bytes: the sandbox accepts at most 65536.",
    ]);
    expect((await examine("元".repeat(30_000))).status).toBe(413);
  });

  test("is not accepted from another site", async () => {
    const url = await sandbox.listen();
    const response = await fetch(`${url}/inspector/doctor`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: "https://evil.example" },
      body: "about=request&text=x",
    });
    expect(response.status).toBe(403);
  });
});
