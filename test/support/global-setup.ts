import { findChromium } from "./chromium.ts";

const remedy = "Install Chromium (Debian: apt-get install chromium) or set CHROME_PATH to a Chromium or Chrome";

/** Says once for a run what becomes of the browser tests where there is no Chromium. */
export function setup(): void {
  if (process.env.SANDBOX_TEST_BROWSER === "off" || findChromium() !== undefined) return;
  if (process.env.CI) throw new Error(`No Chromium was found, and with CI set no test may be skipped. ${remedy}.`);
  console.log(`No Chromium was found: the browser tests are skipped. ${remedy} to run them.`);
}
