import { systemClock } from "../src/platform/clock.ts";
import { Queries } from "../src/services/payments/queries.ts";
import { MemoryStore } from "../src/store/memory/store.ts";
import { payment } from "../test/support/records.ts";
import { median } from "./measuring.ts";

const smallCount = 1_000;
const largeCount = 1_000_000;
const batchSize = 10_000;
const rounds = 200;
const unsignedCaller = { merchantId: undefined };

/** Queries over that many payments; one in a thousand is captured. */
async function queriesOver(count: number): Promise<Queries> {
  const store = new MemoryStore();
  for (let first = 0; first < count; first += batchSize) {
    await store.atomically(async (unit) => {
      for (let index = first; index < Math.min(first + batchSize, count); index += 1) {
        const own = { id: `p${index}`, trackId: `t${index}`, pageToken: `w${index}`, merchantReference: `r${index}` };
        await unit.save("payment", payment({ ...own, status: index % 1000 === 0 ? "captured" : "pending" }));
      }
    });
  }
  return new Queries(store, systemClock, payment().merchantId);
}

const examples = {
  "the first page": { limit: 100 },
  "one payment of a rare status (one in a thousand)": { limit: 1, status: "captured" },
  "one reference": { limit: 100, merchantReference: "r500" },
  "a time range without payments": { limit: 100, toTime: 0 },
};

const [small, large] = [await queriesOver(smallCount), await queriesOver(largeCount)];
const counts = [smallCount, largeCount].map((count) => count.toLocaleString("en")).join(" and ");
console.log(`Medians of ${rounds} pages, ${counts} payments in memory`);
for (const [name, query] of Object.entries(examples)) {
  const durations = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [size, queries] of [
      ["small", small],
      ["large", large],
    ] as const) {
      const startTime = performance.now();
      await queries.payments(query, unsignedCaller);
      durations[size].push(performance.now() - startTime);
    }
  }
  const [before, after] = [median(durations.small), median(durations.large)];
  console.log(`  ${name}: ${before.toFixed(3)} ms and ${after.toFixed(3)} ms, ratio ${(after / before).toFixed(2)}`);
}
