import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, documentsIn, documents as runnable } from "../support/documents.ts";
import { frozenSandbox } from "../support/merchant.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Contents of the fenced code blocks of a language. */
function blocks(markdown: string, language: string): string[] {
  return blocksOf(markdown)
    .filter((block) => block.language === language)
    .map(({ content }) => content);
}

/** Target and body of a `curl` command of the README. */
function requestOf(command: string, payment: string): { readonly target: string; readonly init: RequestInit } {
  const [, target = ""] = /http:\/\/127\.0\.0\.1:8852(\S+)/.exec(command) ?? [];
  const [, body] = /-d '(.*)'/s.exec(command) ?? [];
  return { target: target.replace("$PAYMENT", payment), init: body === undefined ? {} : { method: "POST", body } };
}

describe("README.md", () => {
  test("has at most 150 lines", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  test("shows five calls that work one after another, and the response to the first", async () => {
    await using sandbox = await frozenSandbox();
    const responses: { status: number; body: Record<string, unknown> }[] = [];
    for (const command of blocks(readme, "sh").filter((block) => block.startsWith("curl "))) {
      const { target, init } = requestOf(command, String(responses[0]?.body.id));
      const response = await sandbox.fetch(target, init);
      responses.push({ status: response.status, body: (await response.json()) as Record<string, unknown> });
    }
    expect(responses.map(({ status, body }) => [status, body.status])).toEqual([
      [201, "pending"],
      [200, "captured"],
      [200, "captured"],
      [201, "pending"],
      [200, undefined],
    ]);
    const shown = JSON.parse(blocks(readme, "json")[0] ?? "") as Record<string, unknown>;
    const { body = {} } = responses[0] ?? {};
    const { merchantReference, status, reason } = body;
    expect(Object.keys(shown)).toEqual(Object.keys(body));
    expect(shown).toMatchObject({ merchantReference, status, reason });
  });
});

const documents = [
  ...new Set([
    ...runnable,
    ...[
      "",
      "docs/decisions",
      "docs/languages",
      "docs/reference",
      "docs/rehearsal",
      "docs/rehearsal/cases",
      "examples/playwright",
      "fixtures/exchanges",
      "fixtures/vectors",
    ].flatMap(documentsIn),
  ]),
];

/** The fragments of a document's headings, as GitHub makes them. */
function fragmentsOf(path: string): string[] {
  const headings = [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(documents)("the links of %s lead to files", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
  // Other tests check the generated reference.
  const local = targets.filter((target) => !/^[a-z]+:|(^|\/)reference\//.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
});

test.each(documents)("the links of %s lead to headings", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const targets = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)#([^)]+)\)/g)];
  const missing = targets.filter(([, file = "", fragment = ""]) => {
    const path = file === "" ? join(root, document) : join(root, dirname(document), file);
    return !fragmentsOf(path).includes(fragment);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

/** Numbers of the lines of prose that are too long. A table has a row in each line, and a block its own width. */
function longLinesOf(markdown: string): number[] {
  const prose = markdown.replaceAll(/^```.*?^```$/gms, (block) => block.replaceAll(/./g, ""));
  return prose.split("\n").flatMap((line, index) => (line.length > 120 && !line.startsWith("|") ? [index + 1] : []));
}

const written = [...runnable, ...documentsIn("docs/languages"), "CHANGELOG.md", "fixtures/vectors/README.md"].filter(
  (path) => path !== "docs/benchmarks.md", // a program writes it
);

test.each(written)("the lines of %s have at most 120 characters", (document) => {
  expect(longLinesOf(readFileSync(join(root, document), "utf8"))).toEqual([]);
});

test("a line of 121 characters is found, but not in a table or a block", () => {
  const long = "x".repeat(121);
  expect(longLinesOf([long, "", `| ${long} |`, "", "```", long, "```", "x".repeat(120), long].join("\n"))).toEqual([
    1, 9,
  ]);
});

describe("the name of the package, which anybody can register", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(ts|js)$/.test(name),
  );
  const texts = [
    ...documents,
    "examples/compose.yaml",
    "examples/merchant.mjs",
    ...sources.map((name) => `src/${name}`),
  ];
  const download = /npx (?!--no )[^\n`]*alipay-hk-sandbox|npm (?:install|i|exec)(?: -\S+)* alipay-hk-sandbox\b(?!-)/;

  test("is never downloaded by a command in a text", () => {
    expect(texts.filter((path) => download.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
  });

  /** A command at the start of a line, or in the text, that no installation puts on the search path. */
  const bare = /^ *(?:\$ )?alipay-hk-sandbox |`alipay-hk-sandbox [\w-]/m;

  test("is never a command by itself in a document", () => {
    expect(documents.filter((path) => bare.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
  });

  test.each(["alipay-hk-sandbox rehearse", "   $ alipay-hk-sandbox env", "run `alipay-hk-sandbox --port 0`"])(
    "%s would be found",
    (command) => expect(`\n${command}`).toMatch(bare),
  );

  test.each(["npx --no -- alipay-hk-sandbox env", "docker run alipay-hk-sandbox ready", "node alipay-hk-sandbox.mjs"])(
    "%s would not be found",
    (command) => expect(command).not.toMatch(bare),
  );

  test.each(["npx alipay-hk-sandbox env", "npx -y alipay-hk-sandbox", "npm i -D alipay-hk-sandbox"])(
    "%s would be found",
    (command) => expect(command).toMatch(download),
  );
});

test("README.md installs the tarball of this version from a clone", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(readme).toContain(`npm install --save-dev <clone>/alipay-hk-sandbox-${version}.tgz`);
});
