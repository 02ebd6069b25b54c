import { generateKeyPairSync } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const { privateKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const variables = {
  NOMUPAY_KID: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
  NOMUPAY_PRIVATE_KEY: privateKey,
  NOMUPAY_HMAC_KEY: "shared-secret",
  NOMUPAY_PROCESSING_ACCOUNT_ID: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
};

function run(...args: readonly string[]) {
  return commands.run(["compare", ...args], variables);
}

describe("compare refuses, before any request,", () => {
  test.each([
    "https://api.nomupay.com",
    "https://API.NomuPay.com/",
    "https://api.nomupay.com.",
    "https://api.nomupay.com:443",
    "https://payout-api.nomupay.com",
    "https://nomupay.com",
    "https://sandbox-api.nomupay.com",
  ])("the provider's live system, also with consent: %s", async (url) => {
    const { code, err } = await run("--base-url", url, "--i-have-a-test-account", "--yes", "--no-payer");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/ is the provider's live system, which is never compared\.\n$/),
    ]);
  });

  test.each(["https://api.sandbox.nomupay.com", "https://192.168.1.7", "http://host.docker.internal:8852"])(
    "any other machine without consent: %s",
    async (url) => {
      const { code, err } = await run("--base-url", url, "--yes", "--no-payer");
      expect([code, err]).toEqual([2, expect.stringMatching(/is not this machine; expected --i-have-a-test-account/)]);
    },
  );

  const here = ["--base-url", "http://127.0.0.1:1"];
  test.each<[what: string, args: readonly string[], sentence: RegExp]>([
    ["no address", ["--yes", "--no-payer"], /--base-url is missing/],
    ["an address with a path", ["--base-url", "http://127.0.0.1/v1"], /expected an address without path/],
    ["nobody to ask", [...here, "--no-payer"], /There is no terminal to ask in; expected --yes/],
    ["nobody to pay", [...here, "--yes"], /no terminal to ask a payer in; expected --payer-command or --no-payer/],
    ["two payers", [...here, "--yes", "--no-payer", "--payer-command", "true"], /exclude each other/],
    ["a port without a URL", [...here, "--yes", "--no-payer", "--webhook-port", "80"], /--webhook-url is/],
    [
      "a tunnel without a port",
      [...here, "--yes", "--no-payer", "--webhook-url", "https://tunnel.example/webhooks"],
      /--webhook-port is missing; expected the port to which https:\/\/tunnel.example\/webhooks leads/,
    ],
    ["no time", [...here, "--yes", "--no-payer", "--timeout", "0s"], /--timeout is "0s"/],
  ])("%s", async (_, args, sentence) => {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(sentence)]);
    expect(err).not.toContain("shared-secret");
  });

  test("a key that is none, without showing it", async () => {
    const wrong = { ...variables, NOMUPAY_PRIVATE_KEY: "not-a-key" };
    const { code, err } = await commands.run(["compare", ...here, "--yes", "--no-payer"], wrong);
    expect([code, err]).toEqual([2, "NOMUPAY_PRIVATE_KEY is no private key on P-256; expected PEM (PKCS #8).\n"]);
  });

  test("missing variables, by their names", async () => {
    const { code, err } = await commands.run(["compare", ...here, "--yes"], { NOMUPAY_KID: "kid" });
    const names = "NOMUPAY_HMAC_KEY, NOMUPAY_PROCESSING_ACCOUNT_ID, NOMUPAY_PRIVATE_KEY (or NOMUPAY_PRIVATE_KEY_PATH)";
    expect([code, err]).toEqual([2, expect.stringContaining(`${names} not set`)]);
  });
});

test("compare says what it is about to create before it asks", async () => {
  const { err } = await run("--base-url", "http://127.0.0.1:1", "--no-payer");
  expect(err).toMatch(
    /^At http:\/\/127.0.0.1:1, in the processing account \w{27}, this creates:\n- the smallest amounts/,
  );
});
