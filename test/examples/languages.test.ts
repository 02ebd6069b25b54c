import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../scripts/package/programs.ts";
import { blocksOf, documentsIn, readDocument } from "../support/documents.ts";
import { pathWith } from "../support/installed.ts";
import { killPrograms, startProgram } from "../support/program.ts";
import { isFull } from "../support/scope.ts";

const root = join(import.meta.dirname, "../..");

interface Language {
  readonly name: string;
  /** The file with the signatures, which the page about the language shows. */
  readonly signatures: string;
  /** Command that runs the tests in the folder of the example. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Command that succeeds where the language, its test runner and its libraries are installed. */
  readonly needs: readonly [program: string, ...args: string[]];
  /** Finds the number of passed tests. */
  readonly passed: RegExp;
  /** Compiling takes seconds: only the whole matrix runs it. */
  readonly isCompiled?: boolean;
}

const languages: readonly Language[] = [
  {
    name: "node",
    signatures: "signatures.mjs",
    // Named, because the default reporter differs between versions of Node.
    command: ["node", "--test", "--test-reporter=tap"],
    needs: ["node", "--version"],
    passed: /^# pass (\d+)/m,
  },
  {
    name: "python",
    signatures: "signatures.py",
    command: ["python3", "-m", "pytest", "-q"],
    needs: ["python3", "-c", "import pytest, cryptography"],
    passed: /^(\d+) passed/m,
  },
  {
    name: "php",
    signatures: "signatures.php",
    command: ["phpunit", "MerchantTest.php"],
    needs: ["phpunit", "--version"],
    passed: /^OK \((\d+) tests/m,
  },
  {
    name: "ruby",
    signatures: "signatures.rb",
    command: ["ruby", "merchant_test.rb"],
    needs: ["ruby", "-e", 'require "webrick"; require "minitest"'],
    passed: /^(\d+) runs, \d+ assertions, 0 failures, 0 errors, 0 skips/m,
  },
  {
    name: "java",
    signatures: "Signatures.java",
    command: ["sh", "test.sh"],
    needs: ["sh", "-c", "javac -version && ls /usr/share/java/gson.jar /usr/share/java/junit-platform-console.jar"],
    passed: /^\[\s*(\d+) tests successful/m,
    isCompiled: true,
  },
  {
    name: "go",
    signatures: "signatures.go",
    command: ["go", "test", "-count=1", "-v", "./..."],
    needs: ["go", "version"],
    passed: /^(?:--- PASS: Test)/gm,
    isCompiled: true,
  },
];

const { PATH = "", HOME } = process.env;

function countPassed({ passed }: Language, output: string): number {
  return passed.global ? [...output.matchAll(passed)].length : Number(passed.exec(output)?.[1] ?? 0);
}

const filesOf = (name: string) => readdirSync(join(root, "examples", name), { recursive: true }).toSorted();

describe("the merchant in another language passes its tests where every request must be signed", () => {
  let url = "";
  beforeAll(async () => {
    url = await startProgram(["--port", "0", "--auth", "require"]).ready;
  });
  afterAll(killPrograms);

  const installed = languages.map((language) => ({ ...language, path: pathWith(language.needs) }));
  for (const language of installed.filter(({ isCompiled = false }) => isFull || !isCompiled)) {
    // Where CI is set every language must be installed, so the test fails.
    const isAbsent = language.path === undefined && process.env.CI === undefined;
    const title = isAbsent ? `${language.name}: not run, because ${language.needs.join(" ")} fails` : language.name;
    test.skipIf(isAbsent)(title, { timeout: 120_000 }, async () => {
      const [program, ...args] = language.command;
      const before = filesOf(language.name);
      const environment = { PATH: language.path ?? PATH, HOME, SANDBOX_URL: url };
      const folder = join(root, "examples", language.name);
      const { code, out, err } = await runProgram(folder, program, args, environment);
      expect({ code, output: code === 0 ? "" : out + err }).toEqual({ code: 0, output: "" });
      expect(countPassed(language, out)).toBeGreaterThanOrEqual(9);
      expect(filesOf(language.name), "the tests leave no files").toEqual(before);
    });
  }
});

describe("the page about a language", () => {
  test("exists for each example, for C#, and for what they share", () => {
    const pages = [...languages.map(({ name }) => name), "csharp", "README"];
    expect(documentsIn("docs/languages").toSorted()).toEqual(
      pages.map((name) => join("docs/languages", `${name}.md`)).toSorted(),
    );
  });

  test.each(languages)("shows $signatures of the example in $name, byte for byte", ({ name, signatures }) => {
    const shown = blocksOf(readDocument(`docs/languages/${name}.md`)).map(({ content }) => content);
    expect(shown).toContain(readFileSync(join(root, "examples", name, signatures), "utf8"));
  });

  test.each(languages)("of $name runs the tests from the clone", ({ name, command }) => {
    const lines = blocksOf(readDocument(`docs/languages/${name}.md`)).flatMap(({ content }) => content.split("\n"));
    const commands = lines.map((line) => line.replace(/SANDBOX_URL=\S+ /, ""));
    const expected = `cd examples/${name} && ${command.slice(0, 2).join(" ")}`;
    expect(commands.filter((line) => line.startsWith(expected))).toHaveLength(1);
  });

  test.each([...languages, { name: "csharp" }])("shows 20 to 45 lines of code in $name", ({ name }) => {
    const sizes = blocksOf(readDocument(`docs/languages/${name}.md`)).map(
      ({ content }) => content.split("\n").filter((line) => line.trim() !== "").length,
    );
    const signatures = Math.max(...sizes);
    expect(signatures).toBeGreaterThanOrEqual(20);
    expect(signatures).toBeLessThanOrEqual(45);
  });
});
