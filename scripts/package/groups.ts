import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../postgres.ts";
import { serveFirstPayment, sizeOf } from "./first-payment.ts";
import { fail, succeed, succeedOrRetry } from "./programs.ts";
import { makeProject, type Projects } from "./project.ts";

export type Check = () => Promise<unknown>;

/** Checks that need the same packages. */
export interface Group {
  /** Packages that the registry may lack. */
  readonly needs: readonly string[];
  readonly prepare: readonly [name: string, Check];
  readonly checks: Readonly<Record<string, Check>>;
}

const program = "node_modules/alipay-hk-sandbox/dist/cli.js";
const vitest = "node_modules/vitest/vitest.mjs";
const openDatabase = 'createSandbox({ store: "postgres://127.0.0.1:1/none" })';

const testedNodes = ["20.19", "22", "24", "26"];
const sentenceOnNode18 = "alipay-hk-sandbox needs Node 20.19 or newer, this is 18.";

/** Returns all groups, those that need the most time first. @param root the clone of the repository */
export function groupsFor(projects: Projects, root: string): readonly Group[] {
  return [
    emptyGroup(projects),
    typesGroup(projects, root),
    vitestGroup(projects, root),
    standaloneGroup(projects, root),
    ...["10", "11"].map((version) => npmGroup(projects, version)),
    jestGroup(projects),
    bunGroup(projects),
    vitest32Group(projects),
    playwrightGroup(projects),
    oldPeersGroup(projects),
    ...testedNodes.map((version) => nodeGroup(projects, version)),
    oldNodeGroup(projects),
  ];
}

/** Without the registry this group fails, and the others are not checked. */
function emptyGroup({ empty }: Projects): Group {
  return {
    needs: [],
    prepare: ["npm installs the package in an empty project", empty],
    checks: {
      "this Node imports the library": async () => succeed(await empty(), process.execPath, "import.mjs"),
      "this Node requires the library": async () => succeed(await empty(), process.execPath, "require.cjs"),
      "the installed program serves the first payment": async () => {
        const folder = await empty();
        await serveFirstPayment(folder, process.execPath, program);
        console.log(`installed: ${sizeOf(join(folder, "node_modules"))}`);
      },
    },
  };
}

/** npm 10 also resolves the peers of optional peers that are not installed, and can fail in that. */
function npmGroup({ resolve }: Projects, version: string): Group {
  const older = [["vitest@1"], ["vitest@2"], ["vitest@3.1"], ["@playwright/test@1.43.0", "pg@8.10.0"]];
  const npm = `npm@${version}`;
  return {
    needs: [npm, ...older.flat()],
    prepare: [`${npm} installs the package in an empty project`, () => resolve(npm, [])],
    checks: Object.fromEntries(
      older.map((others) => [`${npm} installs the package beside ${others.join(" and ")}`, () => resolve(npm, others)]),
    ),
  };
}

async function pathOfNode(folder: string, version: string): Promise<string> {
  const args = ["--yes", "--package", `node@${version}`, "node", "--print", "process.execPath"];
  return (await succeedOrRetry(folder, "npx", ...args)).trim();
}

function nodeGroup({ empty }: Projects, version: string): Group {
  let node = "";
  const findNode = async () => {
    node = await pathOfNode(await empty(), version);
  };
  const withoutDriver = async (library: string) => {
    const source = `Promise.resolve(${library}).then(({ createSandbox }) => ${openDatabase})`;
    await fail("the package pg is not installed: npm install pg", await empty(), node, "--eval", source);
  };
  return {
    needs: [`node@${version}`],
    prepare: [`Node ${version} runs`, findNode],
    checks: {
      [`Node ${version} imports the library`]: async () => succeed(await empty(), node, "import.mjs"),
      [`Node ${version} requires the library`]: async () => succeed(await empty(), node, "require.cjs"),
      [`without pg, the store says what to install on Node ${version}`]: async () => {
        await withoutDriver('require("alipay-hk-sandbox")');
        await withoutDriver('import("alipay-hk-sandbox")');
      },
      [`Node ${version} runs the program`]: async () => succeed(await empty(), node, program, "env"),
    },
  };
}

function oldNodeGroup({ empty }: Projects): Group {
  let node = "";
  const findNode = async () => {
    node = await pathOfNode(await empty(), "18");
  };
  const refuse = async (...args: readonly string[]) => fail(sentenceOnNode18, await empty(), node, ...args);
  return {
    needs: ["node@18"],
    prepare: ["Node 18 runs", findNode],
    checks: {
      "the program refuses Node 18 with one sentence and exit code 1": async () => {
        const { code, out, err } = await refuse(program);
        if (code !== 1 || out !== "" || !/^.*\.\n$/.test(err)) throw new Error(`${code}: ${out}${err}`);
      },
      "import refuses Node 18 with the sentence": () => refuse("import.mjs"),
      "require refuses Node 18 with the sentence": () => refuse("require.cjs"),
    },
  };
}

/** The single file in an empty folder. */
function standaloneGroup({ folder }: Projects, root: string): Group {
  const path = join(folder, "standalone");
  const file = "alipay-hk-sandbox.mjs";
  const build = async () => {
    await succeed(root, "npm", "run", "build:standalone");
    mkdirSync(path);
    copyFileSync(join(root, "standalone", file), join(path, file));
    console.log(`the single file: ${sizeOf(path)}`);
  };
  return {
    needs: [],
    prepare: ["npm run build:standalone writes the single file", build],
    checks: {
      "the single file serves the first payment": () => serveFirstPayment(path, process.execPath, file),
      "the single file serves the first payment on PostgreSQL": async () => {
        const { url, stop } = await startPostgres({ isFast: true });
        await serveFirstPayment(path, process.execPath, file, "--store", url).finally(stop);
      },
      ...Object.fromEntries(
        testedNodes.map((version) => [
          `Node ${version} runs the single file`,
          async () => serveFirstPayment(path, await pathOfNode(path, version), file),
        ]),
      ),
      "the single file refuses Node 18 with the sentence": async () =>
        fail(sentenceOnNode18, path, await pathOfNode(path, "18"), file),
    },
  };
}

function bunGroup({ project }: Projects): Group {
  const { path, install } = project("bun", ["bun"]);
  const bun = join(path, "node_modules/.bin/bun");
  return {
    needs: ["bun"],
    prepare: ["npm installs the package beside Bun", install],
    checks: {
      "Bun imports the library": () => succeed(path, bun, "import.mjs"),
      "Bun requires the library": () => succeed(path, bun, "require.cjs"),
      "Bun runs the program": () => succeed(path, bun, program, "env"),
    },
  };
}

function jestGroup({ project }: Projects): Group {
  const { path, install } = project("jest", ["jest@30", "pg@8.11.0"]);
  const jest = "node_modules/jest/bin/jest.js";
  return {
    needs: ["jest@30", "pg@8.11.0"],
    prepare: ["npm installs the package beside Jest 30 and pg 8.11", install],
    checks: {
      "Jest 30 requires the library and the driver": () => succeed(path, process.execPath, jest, "library.test.cjs"),
    },
  };
}

function vitestGroup({ project }: Projects, root: string): Group {
  const { path, install } = project("vitest", ["vitest@4"]);
  const run = (folder: string, inline: readonly string[] | true) => {
    const config = { test: { server: { deps: { inline } } } };
    writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};`);
    return succeed(folder, process.execPath, join(path, vitest), "run", "library.test.mjs");
  };
  return {
    needs: ["vitest@4"],
    prepare: ["npm installs the package beside Vitest 4", install],
    checks: {
      "Vitest uses the library and the fixtures": () => run(path, []),
      "Vitest uses them inline": () => run(path, ["alipay-hk-sandbox"]),
      "Vitest uses them inline with all packages": () => run(path, true),
      "Vitest uses them from a linked clone": async () => {
        const linked = join(path, "linked");
        makeProject(linked);
        mkdirSync(join(linked, "node_modules"));
        symlinkSync(root, join(linked, "node_modules/alipay-hk-sandbox"));
        await run(linked, []);
        rmSync(linked, { recursive: true });
      },
      "Vite bundles the library and all packages for a server": async () => {
        writeFileSync(join(path, "vite.config.mjs"), "export default { ssr: { noExternal: true } };");
        await succeed(path, process.execPath, "node_modules/vite/bin/vite.js", "build", "--ssr", "import.mjs");
        await succeed(path, process.execPath, "dist/import.mjs");
      },
    },
  };
}

function vitest32Group({ project }: Projects): Group {
  const { path, install } = project("vitest-3.2", ["vitest@3.2.0"]);
  return {
    needs: ["vitest@3.2.0"],
    prepare: ["npm installs the package beside Vitest 3.2", install],
    checks: {
      "Vitest 3.2 uses the library and the fixtures": () =>
        succeed(path, process.execPath, vitest, "run", "library.test.mjs"),
    },
  };
}

function playwrightGroup({ project }: Projects): Group {
  const { path, install } = project("playwright", ["@playwright/test@1.44.0"]);
  const playwright = "node_modules/@playwright/test/cli.js";
  return {
    needs: ["@playwright/test@1.44.0"],
    prepare: ["npm installs the package beside Playwright 1.44", install],
    checks: {
      "Playwright 1.44 requires the fixtures": () =>
        succeed(path, process.execPath, playwright, "test", "library.spec.cjs"),
    },
  };
}

function oldPeersGroup({ project }: Projects): Group {
  const packages = ["vitest@3.1.4", "@playwright/test@1.43.0", "pg@8.10.0"];
  const { path, install } = project("old-peers", packages);
  const vitestRefusal = "alipay-hk-sandbox/vitest needs vitest 3.2 or newer, this is 3.1.4.";
  const refusal = "alipay-hk-sandbox/playwright needs @playwright/test 1.44 or newer, this is 1.43.0.";
  const pgRefusal = "The store cannot be used: it needs pg 8.11 or newer, this is 8.10.0.";
  const evaluate = (sentence: string, source: string) => fail(sentence, path, process.execPath, "--eval", source);
  return {
    needs: packages,
    prepare: [`npm installs the package beside ${packages.join(", ")}`, install],
    checks: {
      "the fixtures refuse Vitest 3.1 with a sentence": () =>
        fail(vitestRefusal, path, process.execPath, vitest, "run", "library.test.mjs"),
      "the imported fixtures refuse Playwright 1.43 with a sentence": () =>
        evaluate(refusal, 'import("alipay-hk-sandbox/playwright")'),
      "the required fixtures refuse Playwright 1.43 with a sentence": () =>
        evaluate(refusal, 'require("alipay-hk-sandbox/playwright")'),
      "the imported library refuses pg 8.10 with a sentence": () =>
        evaluate(pgRefusal, `import("alipay-hk-sandbox").then(({ createSandbox }) => ${openDatabase})`),
      "the required library refuses pg 8.10 with a sentence": () =>
        evaluate(pgRefusal, `require("alipay-hk-sandbox").${openDatabase}`),
    },
  };
}

function typesGroup({ project }: Projects, root: string): Group {
  const packages = ["typescript@5", "@types/node@20", "vitest@4", "@playwright/test@1"];
  const { path, install } = project("types", packages);
  const tsc = "node_modules/typescript/bin/tsc";
  const compile = (compiler: string, module: string, resolution: string, ...args: readonly string[]) => {
    const options = ["--noEmit", "--strict", "--esModuleInterop", "--target", "es2022", "--types", "node"];
    const mode = ["--module", module, "--moduleResolution", resolution];
    return () => succeed(path, process.execPath, compiler, ...options, ...mode, ...args);
  };
  // The declarations of some packages have errors of their own in these modes.
  const with5 = (module: string, resolution: string, extension: string) => {
    const files = [`index-types.${extension}`, `fixture-types.${extension}`];
    return compile(tsc, module, resolution, "--skipLibCheck", ...files);
  };
  const with7 = (module: string, resolution: string, extension: string) =>
    compile(join(root, tsc), module, resolution, `index-types.${extension}`);
  return {
    needs: packages,
    prepare: ["npm installs the package beside TypeScript 5", install],
    checks: {
      "TypeScript 5 finds the types with node10 resolution": with5("commonjs", "node10", "ts"),
      "TypeScript 5 finds the types in CommonJS": with5("node16", "node16", "cts"),
      "TypeScript 5 finds the types in an ES module": with5("node16", "node16", "mts"),
      "TypeScript 7 checks the declarations in CommonJS": with7("nodenext", "nodenext", "cts"),
      "TypeScript 7 checks the declarations in an ES module": with7("nodenext", "nodenext", "mts"),
      "TypeScript 7 checks the declarations for a bundler": with7("esnext", "bundler", "ts"),
    },
  };
}
