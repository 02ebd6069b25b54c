import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { runProgram } from "../../scripts/package/programs.ts";
import { type Block, blocksOf, documents, readDocument } from "../support/documents.ts";
import { killPrograms, startProgram } from "../support/program.ts";
import { makeProject, type Project } from "../support/project.ts";
import { isFull } from "../support/scope.ts";

const root = join(import.meta.dirname, "../..");

/** The address in the documents. The tests replace it by that of a sandbox on a free port. */
const documentedUrl = "http://127.0.0.1:8852";

let folder = "";
let url = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "documents-"));
  for (const name of ["dist", "examples"]) symlinkSync(join(root, name), join(folder, name));
  url = await startProgram(["--port", "0"]).ready;
});
afterAll(() => {
  killPrograms();
  rmSync(folder, { recursive: true, force: true });
});

const atSandbox = (content: string) => content.replaceAll(documentedUrl, url);
const numbered = documents.map((path) => ({ path, blocks: blocksOf(readDocument(path)) }));
const having = (...languages: string[]) =>
  numbered.filter(({ blocks }) => blocks.some(({ language }) => languages.includes(language)));

/**
 * The blocks marked `sh` of a document as one script, which keeps variables and files from block to block. `$PAYMENT`
 * is the id of the payment that a block created last.
 */
function scriptOf(blocks: readonly Block[]): string {
  const created = `s/.*"id":"\\([0-9A-Za-z]*\\)","merchantReference".*"nextStep".*/\\1/p`;
  const commands = blocks.map(({ line, content }) =>
    [
      `echo 'line ${line}' >&2`,
      `{\n${atSandbox(content)}\n} > out-${line}`,
      `created=$(sed -n '${created}' out-${line}); PAYMENT=\${created:-\${PAYMENT:-}}`,
    ].join("\n"),
  );
  return ["set -eu", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", ...commands].join("\n");
}

/** What a block printed if it is JSON. */
function printed(directory: string, block: Block | undefined): unknown {
  if (block?.language !== "sh") return undefined;
  try {
    return JSON.parse(readFileSync(join(directory, `out-${block.line}`), "utf8"));
  } catch {
    return undefined;
  }
}

/** JSON with the order of its members, in which ids, times and the port are the same in each run. */
function comparable(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://sandbox")
    .replaceAll(/(?<=["/])(?=[\w-]*[A-Z])(?:[\w-]{24}|\w{27})(?=")/g, "id")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time");
}

describe("the shell blocks of a document run as printed, and their answers are those that it shows", () => {
  test.each(having("sh"))("$path", async ({ path, blocks }) => {
    const directory = join(folder, path.replaceAll(/\W/g, "-"));
    mkdirSync(directory);
    for (const name of ["dist", "examples"]) symlinkSync(join(root, name), join(directory, name));
    await fetch(`${url}/_sandbox/reset`, { method: "POST" });
    const commands = blocks.filter(({ language }) => language === "sh");
    const environment = { PATH: process.env.PATH, SANDBOX_PORT: new URL(url).port };
    const { code, out, err } = await runProgram(directory, "bash", ["-c", scriptOf(commands)], environment);
    expect({ code, output: code === 0 ? "" : out + err }).toEqual({ code: 0, output: "" });
    const shown = blocks.flatMap((block, index) => {
      const answer = printed(directory, blocks[index - 1]);
      const isAnswer = block.language === "json" && block.continues && answer !== undefined;
      return isAnswer ? [[comparable(JSON.parse(block.content)), comparable(answer)] as const] : [];
    });
    expect(shown.map(([documented]) => documented)).toEqual(shown.map(([, answered]) => answered));
  });
});

describe("the programs of the documents", () => {
  const programs = having("ts", "js").flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => ["ts", "js"].includes(language))
      .map(({ line, language, content }) => ({
        title: `${path}:${line}`,
        file: `${path.replaceAll(/\W/g, "-")}-${line}`,
        language,
        content,
      })),
  );
  let project: Project;
  beforeAll(() => {
    project = makeProject("vitest");
    cpSync(join(root, "examples"), join(project.folder, "examples"), { recursive: true });
  });
  afterAll(() => project.remove());

  test("run as printed", { timeout: 120_000 }, async () => {
    expect(programs.length).toBeGreaterThan(2);
    for (const { title, file, language, content } of programs) {
      const isTest = /^test\(/m.test(content);
      const name = `block-${file}${isTest ? ".spec" : ""}.${language}`;
      writeFileSync(join(project.folder, name), atSandbox(content));
      const runner = `import { test } from "vitest";\ntest(${JSON.stringify(title)}, () => import("./${name}"));\n`;
      if (!isTest) writeFileSync(join(project.folder, `block-${file}.spec.ts`), runner);
    }
    const args = ["run", "--root", project.folder, "--maxWorkers=1", "block-"];
    const { code, out, err } = await project.run("vitest/vitest.mjs", args, { NO_COLOR: "1" });
    expect({ code, output: code === 0 ? "" : out + err }).toEqual({ code: 0, output: "" });
    expect(out).toMatch(new RegExp(`Test Files +${programs.length} passed`));
  });
});

/** Languages of the page about the first test, and the command that runs a file. */
const languages = [
  { language: "python", file: "first.py", command: ["python3"], needs: ["-c", "0"] },
  { language: "php", file: "first.php", command: ["php"], needs: ["--version"] },
  { language: "ruby", file: "first.rb", command: ["ruby"], needs: ["--version"] },
  { language: "java", file: "FirstTest.java", command: ["java"], needs: ["--version"] },
  { language: "go", file: "first.go", command: ["go", "run"], needs: ["version"] },
] as const;

describe("the first test in other languages, where they are installed", () => {
  const blocks = blocksOf(readDocument("docs/first-test.md"));
  const { PATH, HOME } = process.env;

  test("is there in each of them, once", () => {
    expect(blocks.map(({ language }) => language)).toEqual(["sh", "sh", ...languages.map(({ language }) => language)]);
  });

  // Java and Go compile, which takes seconds: only the whole matrix runs them.
  const fast = languages.filter(({ language }) => isFull || !["java", "go"].includes(language));
  const installed = fast.filter(({ command: [program], needs }) => spawnSync(program, needs).status === 0);
  test.each(installed)("$language", { timeout: 120_000 }, async ({ language, file, command: [program, ...args] }) => {
    const directory = join(folder, language);
    mkdirSync(directory);
    writeFileSync(join(directory, file), blocks.find((block) => block.language === language)?.content ?? "");
    const environment = { PATH, HOME, SANDBOX_URL: url };
    const { code, out, err } = await runProgram(directory, program, [...args, file], environment);
    expect({ code, output: code === 0 ? "" : out + err }).toEqual({ code: 0, output: "" });
  });
});

describe("other blocks", () => {
  test.each(having("json"))("the JSON of $path is JSON", ({ blocks }) => {
    for (const { content } of blocks.filter(({ language }) => language === "json")) JSON.parse(content);
  });

  test.each(having("yaml"))("the YAML of $path is YAML", ({ blocks }) => {
    for (const { content } of blocks.filter(({ language }) => language === "yaml")) {
      expect(parseAllDocuments(content).flatMap(({ errors }) => errors)).toEqual([]);
    }
  });
});

describe("a document that shows another answer is detected", () => {
  const answer = { id: "3MTuLy8OJKKwWbxN0oD7oYtBMsz", status: "pending", now: "2026-01-05T09:00:00.000Z" };
  test.each([
    ["another id and time", { ...answer, id: "37pcl4UJZSoVHlnXOCyeKZKwFBd", now: "2026-01-06T09:00:00.000Z" }, true],
    ["another status", { ...answer, status: "captured" }, false],
    ["another order of members", { status: answer.status, id: answer.id, now: answer.now }, false],
    ["a member less", { id: answer.id, status: answer.status }, false],
  ])("%s", (_what, other, isEqual) => {
    expect(comparable(other) === comparable(answer)).toBe(isEqual);
  });
});
