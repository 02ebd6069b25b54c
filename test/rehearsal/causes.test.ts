import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adviceByCause } from "../../src/rehearsal/advice.ts";

const source = join(import.meta.dirname, "../../src/rehearsal");
const isCode = (file: string) => /^(cases\/.*|stage|customer-stage|play)\.ts$/.test(file.replaceAll("\\", "/"));

/** A root cause: the last argument of a call, or the value of `cause` or `lost`. */
const causePattern = /[,:]\s*"([a-z]+(?:_[a-z]+)+)",?\s*\);|\b(?:cause|lost)(?:: | = )"([a-z]+(?:_[a-z]+)+)"/g;

/** The places that name each cause. What comes before the first case of a file, or has no case, serves several. */
function placesOfCauses(): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" }).filter(isCode)) {
    const text = readFileSync(join(source, file), "utf8");
    const parts = text.split("defineCase(");
    const [helpers, ...cases] = parts.length === 2 ? ["", text] : parts;
    for (const [position, part] of [helpers ?? "", ...cases].entries()) {
      for (const [, last, named] of part.matchAll(causePattern)) {
        const cause = (last ?? named) as string;
        const found = places.get(cause) ?? new Set();
        found.add(`${file} ${position}`);
        if (position === 0) found.add(`${file}, for several cases`);
        places.set(cause, found);
      }
    }
  }
  return places;
}

test("a root cause that more than one case can find has an advice that fits them all", () => {
  const places = placesOfCauses();
  const shared = [...places].filter(([, found]) => found.size > 1).map(([cause]) => cause);
  expect(shared).toEqual(expect.arrayContaining(["fulfils_twice", "loses_payment", "no_payment", "error_at_return"]));
  expect(shared.filter((cause) => !Object.hasOwn(adviceByCause, cause))).toEqual([]);
});
