import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** A real Chromium, which asks nobody but the pages that it is shown. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no Chromium");
  return chromium.launch({ executablePath, args: quiet });
}

/**
 * The elements on a page that a finger would miss: less than 44 pixels wide or high.
 * @param options.exempt a selector of those, or of what they are in, that may be smaller.
 * @param options.leastHeight less than 44, where a height is no whole number.
 */
export function smallTargets(page: Page, selector: string, { exempt = "", leastHeight = 44 } = {}): Promise<string[]> {
  return page.locator(selector).evaluateAll(
    (all, { exempt, leastHeight }) =>
      all
        .filter((one) => exempt === "" || (one.checkVisibility() && !one.closest(exempt)))
        .filter((one) => one.getBoundingClientRect().width < 44 || one.getBoundingClientRect().height < leastHeight)
        .map((one) => one.outerHTML),
    { exempt, leastHeight },
  );
}
