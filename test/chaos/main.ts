import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startPostgres } from "../../scripts/postgres.ts";
import { runChaos } from "./run.ts";

const { values } = parseArgs({ options: { seed: { type: "string" }, seconds: { type: "string", default: "60" } } });
const { seed = randomBytes(4).toString("hex") } = values;
const seconds = Number(values.seconds);
const secondsPerKill = 4;
const downMs = 1_000;

const beginTime = Date.now();
const print = (line: string) => console.log(`${((Date.now() - beginTime) / 1000).toFixed(1).padStart(6)} s  ${line}`);

console.log(
  `Chaos for ${seconds} s with --seed ${seed}: three replicas on one PostgreSQL, one kill every ${secondsPerKill} s`,
);
const postgres = await startPostgres();
print("PostgreSQL serves");
try {
  const findings = await runChaos({
    url: postgres.url,
    schema: "chaos",
    seed,
    loadMs: seconds * 1000,
    clients: 12,
    kills: Math.floor(seconds / secondsPerKill),
    crashDatabase: () => postgres.crash(downMs),
    print,
  });
  for (const { what, count, wrong } of findings) {
    console.log(`${String(count).padStart(7)}  ${what}${wrong.length === 0 ? "" : `: ${wrong.length} WRONG`}`);
    for (const one of wrong.slice(0, 20)) console.log(`           ${one}`);
  }
  const broken = findings.filter(({ wrong }) => wrong.length > 0);
  console.log(broken.length === 0 ? "All rules hold." : `${broken.length} of ${findings.length} rules are broken.`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await postgres.stop();
}
