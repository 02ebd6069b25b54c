import { findChromium } from "./chromium.ts";

const remedy = "Install Chromium (Debian: apt-get install chromium) or set CHROME_PATH to a Chromium or Chrome";

/** Reports once per run that the browser tests are skipped. With CI set, a missing Chromium is an error. */
export function setup(): void {
  if (findChromium() !== undefined) return;
  if (process.env.CI) throw new Error(`No Chromium was found, and with CI set no test may be skipped. ${remedy}.`);
  console.log(`No Chromium was found: the browser tests are skipped. ${remedy} to run them.`);
}
