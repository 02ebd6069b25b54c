import { afterEach, expect, test, vi } from "vitest";
import { withSandbox } from "../../src/index.ts";

afterEach(() => vi.restoreAllMocks());

/** What a sandbox logs of a request with a signature whose header is this text. */
async function logOf(log: "pretty" | "json", header: string): Promise<string> {
  let written = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const signature = `${Buffer.from(header).toString("base64url")}..${"A".repeat(86)}`;
  await withSandbox({ log }, async (sandbox) => {
    const url = await sandbox.listen();
    await fetch(`${url}/v1/payments`, { headers: { "X-Signature": signature } });
  });
  return written;
}

const named: readonly (readonly [name: string, character: string, escaped: string])[] = [
  ["DEL", "\x7f", "\\u007f"],
  ["a C1 control (CSI)", "\x9b", "\\u009b"],
  ["a C1 control (NEL)", "\x85", "\\u0085"],
  ["an override of the direction", "\u202e", "\\u202e"],
  ["an isolate", "\u2066", "\\u2066"],
  ["a mark of the direction", "\u200f", "\\u200f"],
  ["the Arabic letter mark", "\u061c", "\\u061c"],
  ["a line separator", "\u2028", "\\u2028"],
  ["a paragraph separator", "\u2029", "\\u2029"],
  ["a tag", "\u{e0041}", "\\udb40\\udc41"],
];

test.each(["pretty", "json"] as const)("the %s log escapes each character that a terminal would obey", async (log) => {
  for (const [name, character, escaped] of named) {
    const header = JSON.stringify({ alg: "ES256", kid: `kid ${character}31m`, exp: 1 });
    const written = await logOf(log, header);
    expect(written, name).toContain(`kid ${escaped}31m`);
    expect(written, name).not.toContain(character);
  }
});

test("a line of the JSON log reads as what it was", async () => {
  const kid = named.map(([, character]) => character).join("");
  const written = await logOf("json", JSON.stringify({ alg: "ES256", kid, exp: 1 }));
  const [line = ""] = written.split("\n");
  expect((JSON.parse(line) as { diagnosis: string }).diagnosis).toContain(kid);
});
