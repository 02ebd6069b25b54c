import { systemClock } from "../src/platform/clock.ts";
import { Queries } from "../src/services/payments/queries.ts";
import { MemoryStore } from "../src/store/memory/store.ts";
import { payment } from "../test/support/records.ts";
import { median } from "./measuring.ts";

const few = 1_000;
const many = 1_000_000;
const batch = 10_000;
const rounds = 200;
const nobody = { merchantId: undefined };

/** Lists over that many payments, one in a thousand of them captured. */
async function listsOver(count: number): Promise<Queries> {
  const store = new MemoryStore();
  for (let first = 0; first < count; first += batch) {
    await store.atomically(async (unit) => {
      for (let index = first; index < Math.min(first + batch, count); index += 1) {
        const own = { id: `p${index}`, trackId: `t${index}`, pageToken: `w${index}`, merchantReference: `r${index}` };
        await unit.save("payment", payment({ ...own, status: index % 1000 === 0 ? "captured" : "pending" }));
      }
    });
  }
  return new Queries(store, systemClock, payment().merchantId);
}

const queries = {
  "the first page": { limit: 100 },
  "one of a status that one in a thousand has": { limit: 1, status: "captured" },
  "one reference": { limit: 100, merchantReference: "r500" },
  "a time in which nothing happened": { limit: 100, toTime: 0 },
};

const [small, large] = [await listsOver(few), await listsOver(many)];
console.log(
  `Medians of ${rounds} pages, ${few.toLocaleString("en")} and ${many.toLocaleString("en")} payments in memory`,
);
for (const [name, query] of Object.entries(queries)) {
  const took = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [size, lists] of [
      ["small", small],
      ["large", large],
    ] as const) {
      const began = performance.now();
      await lists.payments(query, nobody);
      took[size].push(performance.now() - began);
    }
  }
  const [before, after] = [median(took.small), median(took.large)];
  console.log(`  ${name}: ${before.toFixed(3)} ms and ${after.toFixed(3)} ms, ratio ${(after / before).toFixed(2)}`);
}
