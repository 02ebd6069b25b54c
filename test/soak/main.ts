import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { runSoak } from "./run.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" }, seed: { type: "string" } } });
const { seed = randomBytes(4).toString("hex") } = values;
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes is ${values.minutes}; expected a number above zero.`);

console.log(`A soak of ${minutes} min with --seed ${seed}`);
const wrong = await runSoak({ minutes, seed, print: (line) => console.log(line) });
for (const sentence of wrong.slice(0, 50)) console.log(`WRONG: ${sentence}`);
console.log(wrong.length === 0 ? "No growth, no loss, no unexplained error." : `${wrong.length} rules are broken.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
