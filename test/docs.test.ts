import { readFileSync } from "node:fs";
import { type Node, parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { flagOf, optionNames } from "../src/config/options.ts";
import { contractRuleNames } from "../src/domain/contract-rules.ts";
import { transitions } from "../src/domain/payment.ts";
import { settingSpellings } from "../src/domain/settings.ts";
import { declineReasons, providerStatuses } from "../src/domain/statuses.ts";
import { reasonSources, sources, statusSources } from "../src/http/api/provenance.ts";
import { paymentReasons, refundProcessing } from "../src/http/api/refusals.ts";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

const fidelity = read("docs/fidelity.md");

/** Cells of a table row, by column heading. */
type Row = Readonly<Record<string, string>>;

function rowsOf(markdown: string): Row[] {
  const tables = markdown.split("\n\n").filter((block) => /^\|.*\n\|---/.test(block));
  return tables.flatMap((table) => {
    const [headings = [], , ...rows] = table
      .trim()
      .split("\n")
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    return rows.map((cells) => Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? ""])));
  });
}

/** Title of a test or group of tests, if the call defines one. */
function titleOf(call: Node): string[] {
  const [title] = call.type === "CallExpression" ? call.arguments : [];
  if (title?.type !== "Literal" || typeof title.value !== "string") return [];
  let called = call;
  while (called.type === "CallExpression" || called.type === "MemberExpression") {
    called = called.type === "CallExpression" ? called.callee : called.object;
  }
  const isTest = called.type === "Identifier" && ["test", "it", "describe"].includes(called.name);
  return isTest ? [title.value] : [];
}

function titlesIn(path: string): string[] {
  const titles: string[] = [];
  const visitor = new Visitor({ CallExpression: (call) => titles.push(...titleOf(call)) });
  visitor.visit(parseSync(path, read(path)).program);
  return titles;
}

/** Patterns of the titles in a test file. A placeholder of `test.each` matches any text. */
function testNames(path: string): RegExp[] {
  const placeholder = /%[sdifjoO#]|\$[\w.]+/g;
  return titlesIn(path)
    .filter((name) => /\w/.test(name.replace(placeholder, "")))
    .map((name) => {
      const fixed = name.split(placeholder).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
      return new RegExp(`^${fixed.join(".+")}$`);
    });
}

/** Titles named in a text, by file: `test/api/x.test.ts` › title, up to the end of the cell or line. */
function testsNamedIn(markdown: string): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const [, path = "", name = ""] of markdown.matchAll(/`(test\/[^`]+)` › ((?:(?!<br>| \|).)+)/g)) {
    named.set(path, [...(named.get(path) ?? []), name]);
  }
  return named;
}

describe("docs/fidelity.md", () => {
  const rows = rowsOf(fidelity);
  const rules = rows.filter((row) => row.rule !== undefined);
  const named = testsNamedIn(fidelity);

  test("names more than a hundred tests, and has rules and features", () => {
    expect([...named.values()].flat().length).toBeGreaterThan(100);
    expect(rules.length).toBeGreaterThan(70);
    expect(rows.filter((row) => row.feature !== undefined)).toHaveLength(17);
  });

  test.each([...named])("names existing tests of %s", (path, names) => {
    const patterns = testNames(path);
    expect(names.filter((name) => !patterns.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test("names a test, or none, in every row with a test column", () => {
    const without = rows.filter(
      ({ test: cell }) => cell !== undefined && cell !== "none" && !cell.startsWith("`test/"),
    );
    expect(without).toEqual([]);
  });

  test("has a mark on every rule, and explains each mark", () => {
    const marks = Object.keys(sources).map((source) => `[${source}]`);
    const unmarked = rules.filter(({ mark = "" }) => !mark.split(", ").every((each) => marks.includes(each)));
    expect(unmarked).toEqual([]);
    for (const mark of marks) expect(fidelity).toContain(`- **${mark}** `);
  });

  test("names a setting or flag for every rule of ours, or says why there is none", () => {
    const ours = rows.filter(({ mark = "" }) => mark.split(", ").includes("[ours]"));
    expect(ours.length).toBeGreaterThan(100);
    expect(ours.filter(({ setting = "" }) => !/`[^`]+`|^none: .{10}/.test(setting))).toEqual([]);
  });

  test("names settings and flags that exist", () => {
    const settings = [...Object.keys(settingSpellings), ...contractRuleNames.map((name) => `contract.${name}`)];
    const known = [...settings, ...optionNames.map((name) => `--${flagOf(name)}`)];
    const inDoc = rules.flatMap(({ setting = "" }) => [...setting.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(known).toEqual(expect.arrayContaining(inDoc));
    expect(inDoc).toEqual(expect.arrayContaining(contractRuleNames.map((name) => `contract.${name}`)));
  });

  test("has the table of payment transitions", () => {
    const actions = [...new Set(Object.values(transitions).flatMap((row) => Object.keys(row)))];
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
    const table = Object.entries(transitions).map(([status, row]: [string, Record<string, string>]) => {
      return line([
        `\`${status}\``,
        ...actions.map((action) => (row[action] === undefined ? "-" : `\`${row[action]}\``)),
      ]);
    });
    const head = `${line(["status", ...actions])}${"|---".repeat(actions.length + 1)}|\n`;
    expect(fidelity).toContain(`\n\n${head}${table.join("")}\n`);
  });

  test("has the marks of reasons and statuses that the product has", () => {
    const codes = rows.filter(({ code = "", mark }) => mark !== undefined && code.slice(1, -1) in reasonSources);
    expect(Object.fromEntries(codes.map(({ code = "", mark }) => [code.slice(1, -1), mark]))).toEqual(
      Object.fromEntries(Object.entries(reasonSources).map(([code, source]) => [code, `[${source}]`])),
    );
    expect(Object.keys(statusSources)).toEqual([...providerStatuses]);
  });

  const refusals = [...read("src/domain/refusal.ts").matchAll(/readonly code: "(\w+)"/g)].map(([, code = ""]) => code);

  test.each([
    ["statuses of a payment", [...Object.keys(transitions), ...providerStatuses]],
    ["reasons of a payment or refund", [...declineReasons, ...Object.keys(paymentReasons), refundProcessing.code]],
    ["refusals", refusals],
  ])("names all %s", (_what, codes) => {
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !fidelity.includes(`\`${code}\``))).toEqual([]);
  });
});

describe("a title in the docs that no test has is detected", () => {
  const names = testNames("test/api/refunds.test.ts");
  test.each([
    ["a refund is pending, then done after the refund delay", true],
    ["a payment that is declined is not refundable", true],
    ["only one partial refund", true],
    ["a refund is pending, then done after the refund dela", false],
    ["a payment is declined is not refundable", false],
    ["amount.value", false],
    ["", false],
  ])("%j exists: %s", (name, found) => {
    expect(names.some((pattern) => pattern.test(name))).toBe(found);
  });
});
