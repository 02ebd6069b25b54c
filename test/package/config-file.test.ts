import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { afterAll, describe, expect, test } from "vitest";
import { type Config, configFromCommandLine } from "../../src/config/config.ts";
import { optionNames } from "../../src/config/options.ts";
import { settingSpellings } from "../../src/domain/settings.ts";
import { openCommandLine } from "../support/command-line.ts";
import { png, pngBytes, pngOfSize } from "../support/logos.ts";
import { fileWith } from "../support/program.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The schema in the package. */
const schema = JSON.parse(read("dist/config.schema.json")) as {
  readonly properties: Readonly<Record<string, { readonly description: string; readonly default?: unknown }>>;
};
const ajv = new Ajv({ allErrors: true, strictTypes: false, strictTuples: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

const shop = { merchantId: "shop", processingAccountIds: ["0ujtsYcgvSTl8PAuAdqWYSMnLOv"] };

/** Whether the program accepts a file, and what it says if it does not. */
async function programAccepts(content: unknown): Promise<[boolean, string]> {
  const { code, err } = await commands.run(["env", "--config", fileWith(content)]);
  return [code === 0, err];
}

describe("a configuration file can be", () => {
  const text = JSON.stringify({ publicUrl: "https://sandbox.example.com", seed: "香港" });

  test.each<[string, string | Uint8Array]>([
    ["in UTF-8", text],
    ["in UTF-8 with a byte order mark", `\uFEFF${text}`],
    ["in UTF-16 with a byte order mark, as PowerShell writes it", Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["one with $schema", text.replace("{", '{"$schema":"./config.schema.json",')],
  ])("%s", async (_, content) => {
    const { code, out } = await commands.run(["env", "--config", fileWith(content)]);
    expect([code, parseEnv(out).NOMUPAY_BASE_URL]).toEqual([0, "https://sandbox.example.com"]);
    expect(out).toBe((await commands.run(["env", "--config", fileWith(text)])).out);
  });
});

describe("a logo in the file", () => {
  const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
  const merchants = (merchantLogo: unknown) => ({
    merchants: [{ merchantId: "harbour", processingAccountIds: [account], merchantLogo }],
  });
  /** A configuration file with images beside it. */
  function fileAmongImages(content: object): string {
    const path = fileWith(content);
    const folder = dirname(path);
    writeFileSync(join(folder, "logo.png"), pngBytes());
    writeFileSync(join(folder, "logo.svg"), "<svg/>");
    writeFileSync(join(folder, "large.png"), Buffer.from(pngOfSize(65_537).split(",")[1] ?? "", "base64"));
    return path;
  }

  test.each<[string, (logo: unknown) => object, (config: Config) => string | undefined]>([
    ["settings", (merchantLogo) => ({ settings: { merchantLogo } }), ({ settings }) => settings.merchantLogo],
    ["merchants[0]", merchants, (config) => config.merchants[0]?.merchantLogo],
  ])("in %s can be a data URL, or a path relative to the file", (place, content, read) => {
    const readFile = (logo: unknown) => read(configFromCommandLine({ config: fileAmongImages(content(logo)) }, {}));
    for (const logo of [png(), "logo.png", "./logo.png"]) expect(readFile(logo)).toBe(png());
    const name = `${place}.merchantLogo`;
    for (const [logo, problem] of [
      ["none.png", 'is "none.png", a file that cannot be read: ENOENT'],
      [".", 'is ".", a file that cannot be read: EISDIR'],
      ["logo.svg", 'is "logo.svg", a file that is no PNG or JPEG image; expected a PNG or JPEG image of at most 64 KB'],
      [
        "large.png",
        'is "large.png", a file of 65537 bytes; expected a PNG or JPEG image of at most 64 KB (65536 bytes)',
      ],
      ["data:image/svg+xml,<svg/>", "is a data URL of the type image/svg+xml; expected a PNG or JPEG image of at most"],
      [7, "is 7; expected a PNG or JPEG image"],
      ["", 'is ""; expected a PNG or JPEG image'],
    ] as const) {
      expect(() => readFile(logo)).toThrow(problem);
      expect(() => readFile(logo)).toThrow(`${name} in `);
    }
  });
});

describe("the schema of the file", () => {
  test("describes every option that the file can have, every setting, and nothing else", () => {
    const options = optionNames.filter((name) => name !== "config");
    expect(Object.keys(schema.properties)).toEqual(["$schema", ...options, "settings", "merchants"]);
    const settings = schema.properties.settings as { readonly properties?: object };
    expect(Object.keys(settings.properties ?? {})).toEqual(Object.keys(settingSpellings));
  });

  test("accepts its own defaults", () => {
    const defaults = Object.entries(schema.properties).map(([name, { default: value }]) => [name, value]);
    const given = Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
    expect(Object.keys(given)).toContain("port");
    expect([validate(given), validate.errors]).toEqual([true, null]);
  });

  test("accepts the example of the documentation, which names it", () => {
    const [, example = ""] = /```json\n(\{.*?\n\})\n```/s.exec(read("docs/configuration.md")) ?? [];
    const file = JSON.parse(example);
    expect(file.$schema).toBe("./node_modules/alipay-hk-sandbox/dist/config.schema.json");
    expect([validate(file), validate.errors]).toEqual([true, null]);
  });

  test.each<[object, boolean]>([
    [{}, true],
    [{ $schema: "x", port: 9000, host: "127.0.0.1" }, true],
    [{ port: "9000" }, true],
    [{ port: 70_000 }, false],
    [{ port: 80.5 }, false],
    [{ auth: "require", accounts: "listed", log: "json" }, true],
    [{ auth: "sometimes" }, false],
    [{ clock: "2026-01-05T09:00:00+08:00" }, true],
    [{ clock: "noon" }, false],
    [{ allowHost: ["a.example", "b.example"] }, true],
    [{ allowHost: "a.example, b.example" }, true],
    [{ allowHost: 5 }, false],
    [{ frameAncestors: "HTTPS://Shop.Example 'self'" }, true],
    [{ demo: false }, true],
    [{ demo: "no" }, false],
    [{ store: "memory", storeSchema: "shop", storeConnections: 2, storeTimeout: "PT1S" }, true],
    [{ store: "postgres://keeper@localhost/shop" }, true],
    [{ storeConnections: 1 }, false],
    [{ storeSchema: "Shop" }, false],
    [{ colour: "teal" }, false],
    [{ config: "other.json" }, false],
    [{ settings: { expiry: "PT10M", amountMax: 10, magicAmounts: false, webhookTls: "accept_any" } }, true],
    [{ settings: { expiry: "1h30m" }, storeTimeout: "500ms", removeUnusedAfter: "2d" }, true],
    [{ settings: { expiry: 5 } }, false],
    [{ settings: { expiryMs: 5 } }, false],
    [{ settings: 5 }, false],
    [{ merchants: [shop] }, true],
    [{ merchants: [{ ...shop, merchantName: "Harbour Coffee" }] }, true],
    [{ merchants: [{ ...shop, merchantName: "" }] }, false],
    [{ merchants: [{ ...shop, merchantName: 5 }] }, false],
    [{ merchants: [{ merchantId: "shop" }] }, false],
    [{ merchants: [{ merchantId: "shop", processingAccountIds: [] }] }, false],
    [{ merchants: {} }, false],
  ])("agrees with the program on %j: %s", async (file, isAccepted) => {
    const [accepted, sentence] = await programAccepts(file);
    expect([validate(file), accepted], sentence).toEqual([isAccepted, isAccepted]);
  });
});
