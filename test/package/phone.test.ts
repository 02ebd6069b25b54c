import { afterAll, expect, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { readTerminal } from "../support/qr.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const secret = "a-secret-of-the-tests";
const network = ["--public-url", "http://192.168.1.20:8852/pay", "--admin-token", secret];
const shop = "http://192.168.1.20:8852/pay/demo";
const line = (url: string) => `Buy something in the demo shop with a phone: ${url}`;

/** Starts a sandbox in a terminal, or with its output in a pipe. */
const serve = (args: readonly string[], isTerminal: boolean) =>
  commands.run(["--port", "0", "--log", "silent", ...args], isTerminal ? { TEST_TERMINAL: "1" } : {});

test("in a terminal, serve shows a QR code for the demo shop where a phone can reach it", async () => {
  const { out } = await serve(network, true);
  expect(out).toContain(line(shop));
  expect(readTerminal(out)).toBe(shop);
});

test("in a pipe it prints the address without a code", async () => {
  const { out } = await serve(network, false);
  expect(out).toContain(line(shop));
  expect(out).not.toContain("\u001b");
});

test.each<[string, string[]]>([
  ["on loopback", []],
  ["at a public URL on loopback", ["--public-url", "http://localhost:8852"]],
  ["without the demo shop", ["--no-demo", ...network]],
])("it shows neither %s", async (_, args) => {
  const { out } = await serve(args, true);
  expect(out).toContain("Alipay HK sandbox ready at");
  expect(out).not.toContain("with a phone");
  expect(out).not.toContain("\u001b");
});
