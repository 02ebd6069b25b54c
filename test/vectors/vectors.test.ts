import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type FileName,
  fileNames,
  judgementOn,
  makeFile,
  type Vector,
  type VectorFile,
  verdictOf,
} from "../../scripts/vectors/files.ts";
import { openJudge } from "../../scripts/vectors/judge.ts";
import { type RequestKey, sharedSecret } from "../../scripts/vectors/keys.ts";
import { type Sandbox, signRequest, verifyResponse, verifyWebhook } from "../../src/index.ts";
import { get } from "../support/merchant.ts";
import { acceptsReceived, acceptsRequest, byJose, byNode, type Library } from "./verifiers.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: FileName) =>
  JSON.parse(readFileSync(join(root, `fixtures/vectors/${name}.json`), "utf8")) as VectorFile;
const files: Readonly<Record<FileName, VectorFile>> = {
  requests: read("requests"),
  responses: read("responses"),
  webhooks: read("webhooks"),
};
const { now, keys } = files.requests;
const requestKeys = keys as readonly RequestKey[];

let sandbox: Sandbox;
/** Everything that the doctor says about the vectors. */
const sentences: string[] = [];

beforeAll(async () => {
  vi.setSystemTime(now * 1000);
  sandbox = await openJudge();
});
afterAll(async () => {
  await sandbox.close();
  vi.useRealTimers();
});

/** The names of the vectors that something accepts. */
async function acceptedOf(name: FileName, accepts: (vector: Vector) => unknown): Promise<string[]> {
  const names: string[] = [];
  for (const vector of files[name].vectors) if (await accepts(vector)) names.push(vector.name);
  return names;
}

const goodOf = (name: FileName) => acceptedOf(name, ({ verdict }) => verdict === "accepted");

describe.each(fileNames)("%s", (name) => {
  const accepts = (library: Library) => (vector: Vector) =>
    name === "requests" ? acceptsRequest(vector, requestKeys, now, library) : acceptsReceived(vector, now, library);

  test.each<[string, Library]>([
    ["jose", byJose],
    ["node:crypto", byNode],
  ])("%s accepts the good vectors, and refuses the others", async (_, library) => {
    expect(await acceptedOf(name, accepts(library))).toEqual(await goodOf(name));
  });

  test("have names of their own, a verdict, and a reason and a diagnosis if they are refused", () => {
    const { vectors } = files[name];
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
    for (const { verdict, reason, diagnosis } of vectors) {
      const expected = verdict === "refused" ? expect.stringMatching(/./) : undefined;
      expect({ reason, diagnosis }).toEqual({ reason: expected, diagnosis: expected });
    }
  });

  test("are made by both libraries", () => {
    const makers = files[name].vectors.map(({ madeBy }) => madeBy);
    for (const maker of ["jose", "node:crypto"]) {
      expect(makers.filter((each) => each === maker).length).toBeGreaterThan(makers.length / 10);
    }
  });

  test("get the verdict, the reason and the diagnosis of the file from the doctor", async () => {
    for (const vector of files[name].vectors) {
      const judgement = await judgementOn(sandbox, name, vector);
      sentences.push(...judgement.sentences);
      const { verdict, reason, diagnosis } = vector;
      expect({ ...verdictOf(judgement) }, vector.name).toEqual(
        JSON.parse(JSON.stringify({ verdict, reason, diagnosis })),
      );
    }
  });

  test("are what the recipes make", async () => {
    expect(await makeFile(sandbox, name, files[name].vectors)).toEqual(files[name]);
  });
});

test("the API answers 401 to the requests that are refused, and to no other", async () => {
  const status = async ({ method = "", target = "", payload, signature }: Vector) => {
    const body = Buffer.from(payload, "base64");
    const response = await sandbox.fetch(target, {
      method,
      ...(body.length > 0 && { body }),
      headers: signature === null ? {} : { "x-signature": signature },
    });
    await response.text();
    return response.status;
  };
  const accepted = await acceptedOf("requests", async (vector) => (await status(vector)) !== 401);
  expect(accepted).toEqual(await goodOf("requests"));
});

test.each(["responses", "webhooks"] as const)("the handle's verifier agrees on %s", async (name) => {
  const accepts = ({ payload, signature, key = "", url }: Vector) => {
    const received = { signature, body: Buffer.from(payload, "base64"), hmacKey: key };
    return url === undefined ? verifyResponse(received) : verifyWebhook({ ...received, url });
  };
  expect(await acceptedOf(name, accepts)).toEqual(await goodOf(name));
});

test("the keys are those of the sandbox that judges, and sign requests that it accepts", async () => {
  const shop = await get(sandbox, "/_sandbox/credentials?processingAccountId=2HdN2jq6XWmlkhqRC2gDTNYCv01");
  const { hmacKid: kid, hmacKey: key } = shop.body;
  expect([files.responses.keys, files.webhooks.keys]).toEqual([[{ kid, key }], [{ kid, key }]]);
  expect(key).toBe(sharedSecret("shop"));
  for (const { kid, privateKey } of requestKeys) {
    const signature = signRequest({ method: "GET", target: "/v1/payments", kid, privateKey });
    expect((await get(sandbox, "/v1/payments", { "x-signature": signature })).status).toBe(200);
  }
});

describe("each text of the doctor", () => {
  const folder = join(root, "src/security/doctor");

  /** The texts of a source file that have two words. */
  function textsIn(path: string): string[] {
    const texts: string[] = [];
    const visitor = new Visitor({
      Literal: ({ value }) => typeof value === "string" && texts.push(value),
      TemplateElement: ({ value }) => texts.push(value.cooked ?? ""),
    });
    visitor.visit(parseSync(path, readFileSync(path, "utf8")).program);
    return texts.map((text) => text.trim()).filter((text) => /[a-z]+ [a-z]+/i.test(text));
  }

  /** Texts that are about no vector, by the reason. */
  const exceptions: Readonly<Record<string, readonly string[]>> = {
    "it replaces a secret in a sentence": ["(a private key)", "(a secret)"],
    "it replaces a value that no vector should have": ["a deeply nested value"],
    "it is in the response to a path that does not exist": [
      ...[", but it has", "The API has no path", "put the missing id between its two slashes"],
    ],
    "the body of a GET is no part of a request": ["send no body with a", "the body of the GET, which is ignored"],
    "it depends on what else the sandbox knows or did": [
      "The search for the cause was skipped, because there were many wrong signatures: try again in a second.",
      ...["there is no credential yet, so register a public key first", "accept every active key during a rotation"],
      "use the kid that GET /_sandbox/credentials shows for your world",
      ...["the body that the sandbox sent (", "), and yours (", "from byte", "on it has", "another text"],
      "the same JSON in another form",
    ],
    "every receiver of a vector has a key": [
      ...["a key that is known here", "names no key that is known here:"],
      "give the shared secret, or ask the sandbox that signed",
    ],
    "the keys and bodies of the provider do not allow it": [
      ...["decodes the key from hex:", "the body without the white space at its end"],
    ],
    "it is about a text that a program compares, not about a signature that it accepts": [
      ...["Your program computes the right signature:", "Your program computes the right signature, but as"],
      ...["the base64 of hex", "its comparison of the texts, of aud or of exp refuses it"],
      "encode the bytes as base64url without padding, or decode both and compare bytes",
      "Your program computes another signature, by none of the usual mistakes: compare its header, body and key",
      ...["It is also no HMAC-SHA256, which has 32 bytes.", "byte by byte.", "the signature must match first"],
    ],
  };

  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

  test("is about a vector, or has a reason why there is none", () => {
    // The first is about the response of an endpoint, the others are about parts that a vector has itself.
    const others = /^received\/rejection\.ts$|facts\.ts$/;
    const unheard = sources
      .filter((path) => !others.test(path))
      .flatMap((path) => textsIn(join(folder, path)))
      .filter((text) => !sentences.some((sentence) => sentence.includes(text)));
    expect([...new Set(unheard)].sort()).toEqual(Object.values(exceptions).flat().sort());
  });
});
