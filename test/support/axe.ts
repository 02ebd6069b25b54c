import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The only rules whose result depends on the colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * Returns the axe findings of a page: all rules in light, colour rules in dark and in forced colours. Leaves the page
 * in light.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const [colours, media, runOnly] of [
    ["dark", { colorScheme: "dark" }, { type: "rule", values: colourRules }],
    ["forced colours", { colorScheme: "light", forcedColors: "active" }, { type: "rule", values: colourRules }],
    ["light", { colorScheme: "light", forcedColors: "none" }, { type: "tag", values: tags }],
  ] as const) {
    await page.emulateMedia(media);
    const { violations }: AxeResults = await page
      .locator("html")
      .evaluate((root, only) => root.ownerDocument.defaultView.axe.run({ runOnly: only }), runOnly);
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} in ${colours}: ${html}`)));
  }
  return found;
}
