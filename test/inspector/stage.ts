import type { BrowserContextOptions, Page } from "playwright-core";
import {
  createSandbox,
  type Sandbox,
  type SandboxOptions,
  type WorldHandle,
  type WorldOptions,
} from "../../src/index.ts";
import { inPage, KeptPages } from "../support/browser.ts";
import { createPayment, type paymentRequest } from "../support/merchant.ts";

export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true };

/** A sandbox on a port with a real browser before it. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly url: string;
  /** A world of a test's own whose clock stands at nine, unless it says otherwise. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Opens a page in a context of its own, hands it to `run`, and closes it whatever happens. */
  inPage<T>(options: BrowserContextOptions, run: (page: Page) => Promise<T>): Promise<T>;
  /** Passes a page to `run` that tests with the same name use in turn. */
  inKeptPage<T>(name: string, options: BrowserContextOptions, run: (page: Page) => Promise<T>): Promise<T>;
}

export async function openStage(options: SandboxOptions = {}): Promise<Stage> {
  const sandbox = await createSandbox(options);
  const url = await sandbox.listen();
  const kept = new KeptPages();
  return {
    sandbox,
    url,
    world: (own) => sandbox.world({ clock: "2026-01-05T09:00:00.000Z", ...own }),
    inPage: (contextOptions, run) => inPage({ baseURL: url, ...contextOptions }, run),
    inKeptPage: (name, contextOptions, run) => kept.use(name, { baseURL: url, ...contextOptions }, run),
    [Symbol.asyncDispose]: async () => {
      await kept[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

/** Creates a payment in a world. @returns its id. */
export async function pay(world: WorldHandle, changes: Parameters<typeof paymentRequest>[0] = {}): Promise<string> {
  const { id } = await createPayment(world, { account: world.processingAccountId, ...changes });
  return id;
}

/** The root of the page's document. */
export const rootOf = (page: Page) => page.locator("html");

/** Opens everything that opens, and tells the `data-testid` of all that can be used then. */
export async function controlsOf(page: Page): Promise<string[]> {
  return rootOf(page).evaluate(({ ownerDocument }) => {
    for (const details of ownerDocument.querySelectorAll("details")) details.open = true;
    const usable = "a, button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const seen = [...ownerDocument.querySelectorAll(usable)].filter((one) => one.checkVisibility());
    return [...new Set(seen.map((one) => one.getAttribute("data-testid") ?? one.outerHTML))].sort() as string[];
  });
}

/**
 * Uses a control by the keyboard, where there is one: opens what it is hidden in, fills in what the row says, and presses it.
 * @param row what is filled in or chosen first, and what is pressed in place of the control; `nothing` only takes the focus.
 */
export async function use(
  page: Page,
  testid: string,
  { fill = {}, press = testid }: { readonly fill?: Readonly<Record<string, string>>; readonly press?: string },
): Promise<void> {
  const drawers = page.getByTestId(testid).first().locator("xpath=ancestor::details[not(@open)]");
  for (const drawer of await drawers.all()) {
    const summary = drawer.locator("> summary");
    if ((await summary.getAttribute("data-testid")) !== testid) await summary.press("Enter");
  }
  for (const [field, value] of Object.entries(fill)) {
    const control = page.getByTestId(field).first();
    const isChoice = (await control.locator("option").count()) > 0;
    await (isChoice ? control.selectOption(value) : control.fill(value));
  }
  const control = page.getByTestId(press === "nothing" ? testid : press).first();
  await (press === "nothing" ? control.focus() : control.press("Enter"));
}
