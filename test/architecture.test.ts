import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type Node, parseSync, Visitor, type VisitorObject } from "oxc-parser";
import { describe, expect, test } from "vitest";

type Allowance = string | { readonly from: string; readonly typesOnly: true };

const types = (from: string): Allowance => ({ from, typesOnly: true });
const anything = "*";

/**
 * Allowed imports of each room: other rooms, and packages by name. A room is a folder or a file of src. A room inside
 * another one has the allowances of the outer room too.
 */
const rooms: Readonly<Record<string, readonly Allowance[]>> = {
  domain: [],
  security: ["domain", "node:crypto"],
  "security/doctor/decompress": ["node:zlib"],
  store: ["domain"],
  "store/memory": ["sorted-btree"],
  "store/postgres": ["pg", types("platform"), "versions"],
  platform: ["domain", "node:*"],
  "platform/certificates": ["@peculiar/asn1-schema", "@peculiar/asn1-x509"],
  "platform/ids": ["nanoid"],
  "platform/server": ["@hono/node-server"],
  "platform/slots": ["p-limit"],
  services: ["domain", "security", types("store"), types("platform")],
  language: ["hono"],
  http: ["domain", "language", types("services"), "hono", "zod"],
  "http/api/send": ["@hono/node-server"],
  "http/openapi": ["zod-openapi"],
  "http/api/openapi": [types("zod-openapi")],
  "http/api/openapi-contract": [types("zod-openapi")],
  "http/control/openapi": [types("zod-openapi")],
  "http/docs": [types("zod-openapi")],
  "http/pages": ["uqr"],
  // Style sheets and client scripts: the build replaces each read by the text of the file.
  "http/ui/assets": ["node:fs"],
  demo: ["language", "hono", "node:crypto"],
  "demo/files": ["node:fs"],
  config: ["domain", "zod", "node:*"],
  client: ["domain", types("services"), types("http"), types("platform")],
  "client/signing": ["security", "platform"],
  "client/connect": ["platform"],
  sandbox: [anything],
  versions: ["node:module"],
  "supported-node": ["versions"],
  index: ["supported-node", "sandbox", "client", "config", types(anything)],
  fixtures: ["index"],
  "fixtures/vitest": ["vitest", "versions"],
  "fixtures/playwright": ["@playwright/test", "versions"],
  compare: ["sandbox", "client", "security", "platform", "domain"],
  rehearsal: ["sandbox", "client", "config", "security", "platform", "domain", "zod", "node:crypto"],
  "rehearsal/report": ["hono"],
  "rehearsal/report/stylesheet": ["node:fs"],
  "rehearsal/gateway": ["node:http", "node:net"],
  "rehearsal/init/recorder": ["node:http", types("node:net")],
  "rehearsal/http": ["node:http", "node:https"],
  "rehearsal/courier": [types("node:http")],
  "rehearsal/browser": ["tough-cookie"],
  "rehearsal/merchant-server": ["node:path"],
  "rehearsal/index": ["supported-node"],
  "rehearsal/vitest": ["vitest", "versions"],
  cli: ["rehearsal", "compare", "sandbox", "client", "config", "domain", "versions", "node:*"],
  "cli/ready": ["platform"],
  "cli/compare": ["platform"],
  "cli/compare-payer": ["platform"],
  "cli/rehearse": ["platform"],
  "cli/phone-code": ["uqr"],
};

/** The only rooms that may use the clock, random numbers and the environment. */
const impureRooms = ["platform", "config"];
const timers = ["setTimeout", "setInterval", "setImmediate"];
const random = ["randomUUID", "randomBytes", "randomInt", "randomFill", "randomFillSync", "getRandomValues"];
const generated = ["generateKey", "generateKeySync", "generateKeyPair", "generateKeyPairSync"];
const impure = new Set([
  ...timers,
  ...["Date.now", "performance.now", "process.hrtime", "process.uptime", "AbortSignal.timeout"],
  ...["Math.random", ...[...random, ...generated].map((name) => `crypto.${name}`)],
  "process.env",
]);

const emptyWords = /^(utils?|helpers?|commons?|managers?)$/i;

const linesMax = 300;
/** Files of src that may be longer, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};

const columnsMax = 120;
/** Files with longer lines of data, each with its reason. */
const wideFiles: Readonly<Record<string, string>> = {
  "test/pages/views.test.ts": "User-Agent headers of browsers, one a line.",
};

const retired = [
  ...["strike", "strikes", "struck", "founder", "founders", "news", "happening", "bury"],
  ...["so many", "so long", "is told", "what is there"],
];
/** Files that contain retired words, each with its reason. */
const filesWithRetiredWords: Readonly<Record<string, string>> = {
  "docs/style.md": "Names the words, and quotes old texts.",
  "src/domain/stored-names.ts": "Maps names to their stored spelling.",
  "src/store/migrations/0001-records.ts": "Names stored tables.",
  "test/architecture.test.ts": "Lists the words.",
  "test/control/snapshot.test.ts": "Names stored members.",
};

interface Import {
  readonly line: number;
  readonly from: string;
  readonly typesOnly: boolean;
}

/** Visits the nodes of a source text. `lineOf` returns the line of a node. */
function walk(path: string, source: string, visitor: (lineOf: (node: Node) => number) => VisitorObject): void {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  new Visitor(visitor((node) => source.slice(0, node.start).split("\n").length)).visit(program);
}

function importsOf(path: string, source: string): Import[] {
  const imports: Import[] = [];
  walk(path, source, (lineOf) => {
    const add = (node: Node, from: Node | null, kind: "type" | "value") => {
      if (from === null) return;
      const name = from.type === "Literal" && typeof from.value === "string" ? from.value : "a computed name";
      imports.push({ line: lineOf(node), from: name, typesOnly: kind === "type" });
    };
    return {
      ImportDeclaration: (node) => add(node, node.source, node.importKind ?? "value"),
      ExportNamedDeclaration: (node) => add(node, node.source, node.exportKind ?? "value"),
      ExportAllDeclaration: (node) => add(node, node.source, node.exportKind ?? "value"),
      ImportExpression: (node) => add(node, node.source, "value"),
      TSImportType: (node) => add(node, node.source, "type"),
      TSExternalModuleReference: (node) => add(node, node.expression, "value"),
      CallExpression: (node) => {
        const required = dottedName(node.callee) === "require" ? node.arguments[0] : undefined;
        if (required !== undefined) add(node, required, "value");
      },
    };
  });
  return imports;
}

function within(name: string, room: string): boolean {
  return name === room || name.startsWith(`${room}/`);
}

/** Returns the rooms of a path without `src/` and `.ts`, the outermost first. */
function roomsOf(name: string): string[] {
  return Object.keys(rooms).filter((room) => within(name, room));
}

function allows(allowance: Allowance, target: string, isRelative: boolean, typesOnly: boolean): boolean {
  const { from } = typeof allowance === "string" ? { from: allowance } : allowance;
  if (typeof allowance !== "string" && !typesOnly) return false;
  if (from === anything) return true;
  if (from === "node:*") return target.startsWith("node:");
  return isRelative === from in rooms && within(target, from);
}

/** Returns the imports of a file of src that the table does not allow. */
function forbiddenImports(path: string, source: string): string[] {
  const name = posix.relative("src", path).replace(/\.ts$/, "");
  const [own, ...inner] = roomsOf(name);
  if (own === undefined) return [`${path} is in no room of the table`];
  const allowances = [own, ...[own, ...inner].flatMap((room) => rooms[room] ?? [])];
  return importsOf(path, source).flatMap(({ line, from, typesOnly }) => {
    const isRelative = from.startsWith(".");
    const target = isRelative ? posix.join(posix.dirname(name), from).replace(/\.ts$/, "") : from;
    if (allowances.some((allowance) => allows(allowance, target, isRelative, typesOnly))) return [];
    return [`${path}:${line} imports ${typesOnly ? "types from " : ""}${from}, which ${own} may not`];
  });
}

/** Returns `Date.now` for `Date.now`, `globalThis.Date["now"]` and `Date?.now`. */
function dottedName(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ChainExpression") return dottedName(node.expression);
  if (node.type !== "MemberExpression") return undefined;
  const [object, property] = [dottedName(node.object), propertyName(node)];
  if (object === undefined || property === undefined) return undefined;
  return object === "globalThis" || object === "global" ? property : `${object}.${property}`;
}

function propertyName({ computed, property }: Node & { type: "MemberExpression" }): string | undefined {
  if (computed) return property.type === "Literal" ? String(property.value) : undefined;
  return property.type === "Identifier" ? property.name : undefined;
}

/** Returns the global name of an export of a Node module: `crypto.randomUUID`, but `setTimeout`. */
function importedName(from: string, name: string): string {
  return from.startsWith("node:timers") ? name : `${from.replace("node:", "")}.${name}`;
}

/** Returns the uses of the clock, of random numbers and of the environment that a room may not have. */
function impurities(path: string, source: string): string[] {
  if (roomsOf(posix.relative("src", path).replace(/\.ts$/, "")).some((room) => impureRooms.includes(room))) return [];
  const found: string[] = [];
  walk(path, source, (lineOf) => {
    const propertyNames = new Set<Node>();
    const report = (node: Node, name: string) => found.push(`${path}:${lineOf(node)} uses ${name}`);
    const check = (node: Node, name: string | undefined) =>
      name !== undefined && impure.has(name) && report(node, name);
    const ignoreKey = (node: { readonly key: Node; readonly computed: boolean }) => {
      if (!node.computed) propertyNames.add(node.key);
    };
    return {
      MemberExpression: (node) => {
        if (!node.computed) propertyNames.add(node.property);
        check(node, dottedName(node));
      },
      Identifier: (node) => !propertyNames.has(node) && check(node, node.name),
      NewExpression: (node) => {
        if (dottedName(node.callee) === "Date" && node.arguments.length === 0) report(node, "new Date()");
      },
      CallExpression: (node) => {
        if (dottedName(node.callee) === "Date") report(node, "Date()");
      },
      ImportDeclaration: ({ importKind, source, specifiers }) => {
        if (importKind === "type") return;
        for (const specifier of specifiers) {
          if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier") continue;
          propertyNames.add(specifier.imported).add(specifier.local);
          check(specifier, importedName(source.value, specifier.imported.name));
        }
      },
      VariableDeclarator: ({ id, init }) => {
        const object = init === null ? undefined : dottedName(init);
        if (id.type !== "ObjectPattern" || object === undefined) return;
        for (const property of id.properties) {
          if (property.type === "Property" && property.key.type === "Identifier") {
            check(property, object === "globalThis" ? property.key.name : `${object}.${property.key.name}`);
          }
        }
      },
      Property: ignoreKey,
      MethodDefinition: ignoreKey,
      PropertyDefinition: ignoreKey,
      TSPropertySignature: ignoreKey,
      TSMethodSignature: ignoreKey,
      TSTypeQuery: (node) => void propertyNames.add(node.exprName),
    };
  });
  return found;
}

function defaultExports(path: string, source: string): string[] {
  const found: string[] = [];
  walk(path, source, (lineOf) => {
    const report = (node: Node) => void found.push(`${path}:${lineOf(node)} has a default export`);
    return {
      ExportDefaultDeclaration: report,
      TSExportAssignment: report,
      ExportSpecifier: (node) => {
        if (node.exported.type === "Identifier" && node.exported.name === "default") report(node);
      },
    };
  });
  return found;
}

function emptyNames(path: string): string[] {
  const words = path.replace(/([a-z\d])([A-Z])/g, "$1-$2").split(/[^A-Za-z\d]+/);
  return words
    .filter((word) => emptyWords.test(word))
    .map((word) => `${path} is named ${word}: use a name for its content`);
}

function excessLines(path: string, source: string, reasons = longFiles): string[] {
  const lines = source.trimEnd().split("\n").length;
  if (lines > linesMax && reasons[path] === undefined) return [`${path} has ${lines} lines, more than ${linesMax}`];
  if (lines <= linesMax && reasons[path] !== undefined) return [`${path} has ${lines} lines and needs no reason`];
  return [];
}

/** Returns the lines that are too long. An exception allows only lines that begin with a text in quotes. */
function longLines(path: string, source: string, reasons = wideFiles): string[] {
  const isData = (line: string) => reasons[path] !== undefined && /^\s*["'`]/.test(line);
  const isLong = (line: string) => [...line].length > columnsMax;
  const lines = source.split("\n");
  if (reasons[path] !== undefined && !lines.some(isLong)) return [`${path} has no long line and needs no reason`];
  return lines.flatMap((line, index) =>
    isLong(line) && !isData(line) ? [`${path}:${index + 1} has more than ${columnsMax} columns`] : [],
  );
}

/** Returns the retired words in a text, with their lines. */
function retiredWords(path: string, text: string, reasons = filesWithRetiredWords): string[] {
  const pattern = new RegExp(`\\b(${retired.join("|").replaceAll(" ", "\\s+")})\\b`, "gi");
  const found = [...text.matchAll(pattern)];
  if (reasons[path] !== undefined) return found.length > 0 ? [] : [`${path} has no retired word and needs no reason`];
  return found.map(({ 0: word, index }) => `${path}:${text.slice(0, index).split("\n").length} says "${word}"`);
}

/**
 * Returns the hooks that a module of the tests registers when it is loaded. Test files share the process, so they would
 * run for the first file only that imports it.
 */
function hooksOfModules(path: string, source: string): string[] {
  const hooks = source.matchAll(/^(?:before|after)(?:Each|All)(?=\()/gm);
  return path.endsWith(".test.ts") ? [] : [...hooks].map(([hook]) => `${path} registers ${hook}`);
}

/** Returns the import cycles, types included, each as the list of its files. */
function importCycles(files: ReadonlyMap<string, string>): string[] {
  const imports = new Map(
    [...files].map(([path, source]) => [
      path,
      importsOf(path, source)
        .map(({ from }) => posix.join(posix.dirname(path), from))
        .filter((target) => files.has(target)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) return void found.push([...trail.slice(start), path].join(" > "));
    if (done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}

const root = join(import.meta.dirname, "..");
const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(root, posix.join(entry.parentPath, entry.name)));
const read = (path: string) => ({ path, source: readFileSync(join(root, path), "utf8") });
const sources = filesIn("src")
  .filter((path) => path.endsWith(".ts"))
  .map(read);
const code = ["src", "test", "scripts", "bench"]
  .flatMap(filesIn)
  .filter((path) => /\.(ts|js|css)$/.test(path) && !path.includes("node_modules/"))
  .map(read);
const documents = ["README.md", ...filesIn("docs").filter((path) => /\.(js|css|md)$/.test(path))].map(read);
const texts = [...documents, ...code];

describe("the sources keep the architecture", () => {
  const inSources = (rule: (path: string, source: string) => string[]) =>
    sources.flatMap(({ path, source }) => rule(path, source));

  test("sources are found", () => expect(sources.map(({ path }) => path)).toContain("src/index.ts"));
  test("a room imports only what the table allows", () => expect(inSources(forbiddenImports)).toEqual([]));
  test("imports form no cycle, types included", () => {
    expect(importCycles(new Map(sources.map(({ path, source }) => [path, source])))).toEqual([]);
  });
  test("only platform and config use the clock, random numbers and the environment", () =>
    expect(inSources(impurities)).toEqual([]));
  test("there are no default exports", () => expect(inSources(defaultExports)).toEqual([]));
  test("no file has more than 300 lines without a reason", () => {
    const gone = Object.keys(longFiles).filter((path) => !sources.some((source) => source.path === path));
    expect([...inSources((path, source) => excessLines(path, source)), ...gone]).toEqual([]);
  });
  test("what http loads late is loaded when serve is ready", () => {
    const listing = "src/http/late-parts.ts";
    const late = ({ path, source }: (typeof sources)[number]) =>
      [...source.matchAll(/(?<!typeof )import\("(\.[^"]+)"\)/g)].map(([, from = ""]) =>
        posix.join(posix.dirname(path), from),
      );
    const listed = new Set(sources.filter(({ path }) => path === listing).flatMap(late));
    const others = sources.filter(({ path }) => path.startsWith("src/http/") && path !== listing);
    expect(others.flatMap(late).filter((target) => !listed.has(target))).toEqual([]);
    expect(listed.size).toBeGreaterThan(0);
  });
  test("no module of the tests registers a hook, except those that run before each file", () => {
    const setupFiles = ["validate-responses", "closed-sandboxes"].map((name) => `test/support/${name}.ts`);
    const others = code.filter(({ path }) => path.startsWith("test/") && !setupFiles.includes(path));
    expect(others.flatMap(({ path, source }) => hooksOfModules(path, source))).toEqual([]);
  });
  test("no file has an empty name like utils", () => {
    expect(["src", "test", "scripts"].flatMap(filesIn).flatMap(emptyNames)).toEqual([]);
  });
});

describe("the texts keep the style", () => {
  const missingIn = (files: readonly { readonly path: string }[], reasons: Readonly<Record<string, string>>) =>
    Object.keys(reasons).filter((path) => !files.some((file) => file.path === path));

  test("no line is longer than 120 columns", () => {
    expect([...code.flatMap(({ path, source }) => longLines(path, source)), ...missingIn(code, wideFiles)]).toEqual([]);
  });
  test("retired words do not occur", () => {
    const found = texts.flatMap(({ path, source }) => retiredWords(path, source));
    expect([...found, ...missingIn(texts, filesWithRetiredWords)]).toEqual([]);
  });
});

describe("the table of imports", () => {
  const forbidden = [
    ["domain/money.ts", 'import { z } from "zod";'],
    ["domain/money.ts", 'import type { World } from "../services/worlds.ts";'],
    ["domain/money.ts", 'import { createHash } from "node:crypto";'],
    ["security/keys.ts", 'import { readFileSync } from "node:fs";'],
    ["store/postgres/store.ts", 'import sortedBTree from "sorted-btree";'],
    ["store/memory/store.ts", 'const clock = await import("../../platform/clock.ts");'],
    ["services/payments.ts", 'import { systemClock } from "../platform/clock.ts";'],
    ["services/payments.ts", 'import { type RealClock } from "../platform/clock.ts";'],
    ["services/payments.ts", 'import type { Env } from "../http/env.ts";'],
    ["http/app.ts", 'import { MemoryStore } from "../store/memory/store.ts";'],
    ["http/app.ts", 'import type { Store } from "../store/store.ts";'],
    ["http/app.ts", 'import { Payments } from "../services/payments.ts";'],
    ["http/app.ts", 'export { Payments } from "../services/payments.ts";'],
    ["http/app.ts", 'export * from "../services/payments.ts";'],
    ["http/app.ts", 'const { Payments } = await import("../services/payments.ts");'],
    ["http/app.ts", 'type Log = import("../platform/log.ts").Log;'],
    ["http/app.ts", "const chosen = await import(name);"],
    ["http/app.ts", 'const { Payments } = require("../services/payments.ts");'],
    ["http/app.ts", 'import { renderSVG } from "uqr";'],
    ["http/app.ts", 'import honour from "honour";'],
    ["http/app.ts", 'import domain from "domain";'],
    ["http/app.ts", 'import { createSandbox } from "../sandbox/sandbox.ts";'],
    ["demo/shop.ts", 'import type { Money } from "../domain/money.ts";'],
    ["client/handle.ts", 'import type { SandboxOptions } from "../sandbox/sandbox.ts";'],
    ["client/handle.ts", 'import { z } from "zod";'],
    ["index.ts", 'export { moneyFromMajor } from "./domain/money.ts";'],
    ["config/config.ts", 'import { SandboxError } from "../client/handle.ts";'],
    ["elsewhere.ts", "export const one = 1;"],
  ] as const;
  test.each(forbidden)("%s may not have %s", (path, source) => {
    expect(forbiddenImports(`src/${path}`, source)).toHaveLength(1);
  });

  const allowed = [
    ["domain/refund.ts", 'import { moneyFromMajor } from "./money.ts";'],
    ["store/memory/store.ts", 'import sortedBTree from "sorted-btree";'],
    ["services/payments.ts", 'import type { RealClock } from "../platform/clock.ts";'],
    ["http/app.ts", 'import { methodNotAllowed } from "hono/method-not-allowed";'],
    ["http/app.ts", 'export type { Payments } from "../services/payments.ts";'],
    ["http/app.ts", 'const text = `import("../store/memory.ts")`;'],
    ["http/pages/qr.ts", 'import { renderSVG } from "uqr";\nimport { Hono } from "hono";'],
    ["index.ts", 'export type { Money } from "./domain/money.ts";'],
    ["sandbox/sandbox.ts", 'import { MemoryStore } from "../store/memory/store.ts";'],
  ] as const;
  test.each(allowed)("%s may have %s", (path, source) => {
    expect(forbiddenImports(`src/${path}`, source)).toEqual([]);
  });

  test("a finding names the file, the line and the import", () => {
    expect(forbiddenImports("src/domain/money.ts", '\nimport { z } from "zod";')).toEqual([
      "src/domain/money.ts:2 imports zod, which domain may not",
    ]);
  });
});

describe("import cycles", () => {
  const cycleOf = (files: Readonly<Record<string, string>>) => importCycles(new Map(Object.entries(files)));

  test("a cycle of type imports is found", () => {
    const files = {
      "src/domain/a.ts": 'import type { B } from "./b.ts";',
      "src/domain/b.ts": 'import { c } from "./c.ts";',
      "src/domain/c.ts": 'import type { A } from "./a.ts";',
    };
    expect(cycleOf(files)).toEqual(["src/domain/a.ts > src/domain/b.ts > src/domain/c.ts > src/domain/a.ts"]);
  });

  test("two paths to one file are no cycle", () => {
    const files = {
      "src/domain/a.ts": 'import "./b.ts";\nimport "./c.ts";',
      "src/domain/b.ts": 'import "./c.ts";',
      "src/domain/c.ts": "",
    };
    expect(cycleOf(files)).toEqual([]);
  });
});

describe("clock, random numbers and environment", () => {
  const found = [
    ["Date.now", "const now = Date.now();"],
    ["Date.now", 'const now = globalThis.Date?.["now"]();'],
    ["Date.now", "const { now } = Date;"],
    ["new Date()", "const now = new Date();"],
    ["Date()", "const now = Date();"],
    ["performance.now", "const read = performance.now;"],
    ["Math.random", "const dice = Math.random();"],
    ["crypto.randomUUID", "const id = crypto.randomUUID();"],
    ["crypto.getRandomValues", "globalThis.crypto.getRandomValues(bytes);"],
    ["crypto.randomBytes", 'import { randomBytes as bytes } from "node:crypto";'],
    ["process.env", "const { SECRET } = process.env;"],
    ["process.env", 'import { env } from "node:process";'],
    ["setTimeout", "setTimeout(work, 10);"],
    ["setTimeout", 'import { setTimeout as sleep } from "node:timers/promises";'],
    ["setInterval", "globalThis.setInterval(work, 10);"],
    ["setImmediate", "const later = { setImmediate };"],
    ["AbortSignal.timeout", "const signal = AbortSignal.timeout(10);"],
    ["Date.now", `const text = html\`at \${Date.now()}\`;`],
  ] as const;
  test.each(found)("%s is found in %s", (name, source) => {
    expect(impurities("src/services/payments.ts", source)).toEqual([`src/services/payments.ts:1 uses ${name}`]);
  });

  const fine = [
    "const then = new Date(at);",
    "const parsed = Date.parse(text);",
    "const script = `setTimeout(() => fetch(Date.now()), 10)`;",
    "socket.setTimeout(10);",
    "const limits = { setTimeout: 10 };",
    "type Timer = ReturnType<typeof setTimeout>;",
    'import { createHmac } from "node:crypto";',
  ];
  test.each(fine)("nothing is found in %s", (source) => {
    expect(impurities("src/services/payments.ts", source)).toEqual([]);
  });

  test("platform and config may use them", () => {
    expect(impurities("src/platform/clock.ts", "export const now = Date.now();")).toEqual([]);
    expect(impurities("src/config/config.ts", "export const port = process.env.PORT;")).toEqual([]);
    expect(impurities("src/configuration.ts", "export const port = process.env.PORT;")).toHaveLength(1);
  });
});

describe("default exports, names, lengths and words", () => {
  test.each([
    "export default 1;",
    "export default function () {}",
    "const one = 1;\nexport { one as default };",
    'export { default } from "./money.ts";',
    "const one = 1;\nexport = one;",
  ])("a default export is found in %s", (source) => {
    expect(defaultExports("src/domain/money.ts", source)).toHaveLength(1);
  });

  test("a named export is no default export", () => {
    expect(defaultExports("src/domain/money.ts", "export const one = 1;")).toEqual([]);
  });

  test.each([
    "src/utils/money.ts",
    "src/http/helper.ts",
    "src/common.ts",
    "test/support/payment-manager.ts",
    "scripts/foo-utils.ts",
    "src/moneyUtils.ts",
  ])("%s is an empty name", (path) => expect(emptyNames(path)).toHaveLength(1));

  test("a word that contains an empty name is allowed", () => {
    expect(emptyNames("src/domain/commonwealth-outcome.ts")).toEqual([]);
  });

  test("a file with more than 300 lines needs a reason, and a shorter one must have none", () => {
    const [short, long] = ["one\n".repeat(300), "one\n".repeat(301)];
    expect(excessLines("src/a.ts", short)).toEqual([]);
    expect(excessLines("src/a.ts", long)).toHaveLength(1);
    expect(excessLines("src/a.ts", long, { "src/a.ts": "A table." })).toEqual([]);
    expect(excessLines("src/a.ts", short, { "src/a.ts": "A table." })).toHaveLength(1);
  });

  test("a line of more than 120 characters is found, and allowed as data with a reason", () => {
    const [short, long] = ["漢".repeat(120), "漢".repeat(121)];
    const reasons = { "src/a.ts": "Data." };
    expect(longLines("src/a.ts", `one\n${short}`)).toEqual([]);
    expect(longLines("src/a.ts", `one\n${long}`)).toEqual(["src/a.ts:2 has more than 120 columns"]);
    expect(longLines("src/a.ts", `  "${long}",`, reasons)).toEqual([]);
    expect(longLines("src/a.ts", `// ${long}`, reasons)).toHaveLength(1);
    expect(longLines("src/a.ts", short, reasons)).toHaveLength(1);
  });

  test("a hook of a module is found, and one of a test file is allowed", () => {
    const source = "const open = [];\nafterEach(async () => {});\n";
    expect(hooksOfModules("test/support/a.ts", source)).toEqual(["test/support/a.ts registers afterEach"]);
    expect(hooksOfModules("test/support/a.ts", "test(1);\n  onTestFinished(close);")).toEqual([]);
    expect(hooksOfModules("test/api/a.test.ts", source)).toEqual([]);
  });

  test.each([...retired, "News", "So  many", "so\nlong", "a strike."])("the retired word %j is found", (word) => {
    expect(retiredWords("src/a.ts", `One.\nAnd ${word} again.`)).toHaveLength(1);
    expect(retiredWords("src/a.ts", word, { "src/a.ts": "A stored name." })).toEqual([]);
  });

  test("a text without retired words is allowed, and must have no reason", () => {
    const text = "newspaper, striking, so, many, told, strikeThrough";
    expect(retiredWords("src/a.ts", text)).toEqual([]);
    expect(retiredWords("src/a.ts", text, { "src/a.ts": "A stored name." })).toHaveLength(1);
  });
});
