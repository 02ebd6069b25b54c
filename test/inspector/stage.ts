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

/** A sandbox on a port, and a real browser. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly url: string;
  /** Opens a world. By default its clock is frozen at nine. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Opens a page in a new context, passes it to `run`, and closes it in every case. */
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

/** Root element of the page. */
export const rootOf = (page: Page) => page.locator("html");

/** Opens every drawer. @returns the `data-testid` of all visible controls. */
export async function controlsOf(page: Page): Promise<string[]> {
  return rootOf(page).evaluate(({ ownerDocument }) => {
    for (const details of ownerDocument.querySelectorAll("details")) details.open = true;
    const usable = "a, button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const seen = [...ownerDocument.querySelectorAll(usable)].filter((one) => one.checkVisibility());
    return [...new Set(seen.map((one) => one.getAttribute("data-testid") ?? one.outerHTML))].sort() as string[];
  });
}

/**
 * Uses a control by the keyboard: opens the drawers around it, sets the fields and presses the control.
 * @param row the fields to set first, and the control to press in its place; `nothing` only takes the focus.
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
