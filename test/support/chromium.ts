import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

// The headless shell is first, because it needs the fewest resources.
const commands = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macApplications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of Chromium on this machine: CHROME_PATH, else the first on PATH, else the default path on macOS. */
export function findChromium(): string | undefined {
  const { CHROME_PATH, PATH = "" } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...(CHROME_PATH ? [CHROME_PATH] : []), ...onPath, ...macApplications].find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
