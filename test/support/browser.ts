import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--in-process-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

let launched: Promise<Browser> | undefined;

/** The Chromium of this process: all test files of a worker share it, and it ends with the worker. */
export function sharedBrowser(): Promise<Browser> {
  launched ??= launch();
  return launched;
}

async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no Chromium");
  return chromium.launch({ executablePath, args: quiet });
}

const actionTimeoutMs = 60_000;

/** Opens a page in a new context, passes it to `run`, and closes it in every case. */
export async function inPage<T>(
  options: BrowserContextOptions,
  run: (page: Page, context: BrowserContext) => Promise<T>,
): Promise<T> {
  const page = await openPage(options);
  try {
    const result = await run(page, page.context());
    // Chromium does not always close a context while its page navigates.
    await page.goto("about:blank");
    return result;
  } finally {
    await page.context().close();
  }
}

async function openPage(options: BrowserContextOptions): Promise<Page> {
  const browser = await sharedBrowser();
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(actionTimeoutMs);
  return context.newPage();
}

/** Pages that several tests use in turn: a new context costs more than loading a page. */
export class KeptPages implements AsyncDisposable {
  readonly #pages = new Map<string, Page>();

  /** Passes the page of that name to `run`, without cookies. A page whose test failed is not used again. */
  async use<T>(name: string, options: BrowserContextOptions, run: (page: Page) => Promise<T>): Promise<T> {
    const page = this.#pages.get(name) ?? (await openPage(options));
    this.#pages.delete(name);
    try {
      const result = await run(page);
      await page.context().clearCookies();
      this.#pages.set(name, page);
      return result;
    } catch (error) {
      await page.context().close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pages.values()].map((page) => page.context().close()));
  }
}

/**
 * Returns the elements of a page that are too small for touch: less than 44 pixels wide or high.
 * @param options.exempt selector of elements, or of their ancestors, that may be smaller.
 * @param options.leastHeight minimum height in pixels, less than 44 for heights that are not whole numbers.
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
