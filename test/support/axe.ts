import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { isFull } from "./scope.ts";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The only rules whose result depends on the colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** The colours in which pages are analysed; an analysis needs seconds, so `npm test` has those of most users. */
const analyses = [
  ["dark", { colorScheme: "dark" }, { type: "rule", values: colourRules }],
  ["forced colours", { colorScheme: "light", forcedColors: "active" }, { type: "rule", values: colourRules }],
  ["light", { colorScheme: "light", forcedColors: "none" }, { type: "tag", values: tags }],
] as const;
const played = isFull ? analyses : analyses.slice(-1);

/** The same in words, for the names of tests. */
export const axeColours = isFull ? "in light, dark and forced colours" : "in light colours";

/** Returns the axe findings of a page: all rules in light, colour rules in the others. Leaves the page in light. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const [colours, media, runOnly] of played) {
    await page.emulateMedia(media);
    const { violations }: AxeResults = await page
      .locator("html")
      .evaluate((root, only) => root.ownerDocument.defaultView.axe.run({ runOnly: only }), runOnly);
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} in ${colours}: ${html}`)));
  }
  return found;
}
