import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPrograms } from "./build.ts";
import type { Bench } from "./figures/figure.ts";
import { fullScale, quickScale } from "./figures/scale.ts";
import { figures } from "./figures/table.ts";
import { generatorOf, LoadGenerator } from "./load/load.ts";
import { benchFolder, root } from "./paths.ts";
import { run } from "./processes.ts";
import { chartOf } from "./report/chart.ts";
import { ratiosText, resultText } from "./report/console.ts";
import { markdownOf } from "./report/markdown.ts";
import type { Result } from "./report/result.ts";
import { describeMachine } from "./report/run.ts";
import { emulate } from "./targets/emulate.ts";
import { areGenericMocksInstalled, genericMocks } from "./targets/generic-mocks.ts";
import { demoKeys } from "./targets/sandbox.ts";
import { stripeStatefulMock } from "./targets/stripe-stateful-mock.ts";

const help = `npm run bench -- [options]

  --quick            fewer and shorter turns, about two minutes; the console only
  --only NAME,...    only some of the figures: ${Object.keys(figures).join(", ")}
  --all              also the generic mocks: prism and mockoon
  --load NAME        the load generator: wrk or autocannon; by default wrk where it is installed
  --write            write docs/benchmarks.md and its picture, which a run of all figures does by itself
`;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      all: { type: "boolean", default: false },
      load: { type: "string" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const names = namesOf(values.only);
  const generator = new LoadGenerator(generatorOf(values.load));
  const scale = values.quick ? quickScale : fullScale;
  const date = new Date().toISOString().slice(0, 10);
  const machine = describeMachine();
  process.stdout.write(`${machine.model}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadAverage}\n`);
  process.stdout.write(`Load generator: ${generator.name}\n\n`);
  await installPeers(values.all);
  await buildPrograms();
  const peers = [emulate, stripeStatefulMock, ...(values.all ? await genericMocks() : [])];
  const results = await measure(names, { scale, generator, keys: await demoKeys(), peers });
  process.stdout.write(ratiosText(results));
  if (!values.write && (values.quick || values.only !== undefined)) return;
  const { turns, startTurns } = scale;
  const page = markdownOf({ date, turns, startTurns, generator: generator.name, machine }, results);
  writeFileSync(join(root, "docs/benchmarks.md"), page);
  writeFileSync(join(root, "docs/pictures/benchmarks.svg"), chartOf(results));
}

function namesOf(only: string | undefined): readonly string[] {
  const names = only?.split(",") ?? Object.keys(figures);
  const unknown = names.find((name) => !Object.hasOwn(figures, name));
  if (unknown === undefined) return names;
  throw new Error(`--only names ${JSON.stringify(unknown)}: allowed are ${Object.keys(figures).join(", ")}.`);
}

async function measure(names: readonly string[], bench: Bench): Promise<Result[]> {
  const all: Result[] = [];
  for (const name of names) {
    const began = performance.now();
    const results = (await figures[name]?.(bench)) ?? [];
    all.push(...results);
    process.stdout.write(results.map((result) => `${resultText(result)}\n`).join(""));
    process.stderr.write(`${name}: ${Math.round((performance.now() - began) / 1000)} s\n\n`);
  }
  return all;
}

/** Installs the peers into the folder of the benchmark, never into that of the product. */
async function installPeers(isAll: boolean): Promise<void> {
  const isInstalled = existsSync(join(benchFolder, "node_modules/emulate"));
  if (isInstalled && (!isAll || areGenericMocksInstalled())) return;
  const omitted = isAll ? [] : ["--omit=optional"];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run(["npm", "ci", "--prefix", benchFolder, ...omitted, ...quiet], benchFolder);
}

await main(process.argv.slice(2));
