import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { allowedLogos, dataUrlOf, logoMaxBytes, logoParts } from "../domain/logo.ts";
import { ConfigError } from "./config-error.ts";

/**
 * Reads the image that `merchantLogo` in a configuration file names: a path, relative to that file. A data URL, and a
 * value that is no text, stay as they are. Throws `ConfigError`.
 * @param name where the member is in the file, for the error.
 */
export function withLogoFile<T extends object>(members: T, file: string, name: string): T {
  const { merchantLogo } = members as { readonly merchantLogo?: unknown };
  if (typeof merchantLogo !== "string" || merchantLogo === "" || merchantLogo.startsWith("data:")) return members;
  const fail = (problem: string): never => {
    const expected = `expected ${allowedLogos}, or the path of such an image`;
    throw new ConfigError(
      `${name}.merchantLogo in ${file} is ${JSON.stringify(merchantLogo)}, ${problem}; ${expected}.`,
    );
  };
  const path = resolve(dirname(file), merchantLogo);
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > logoMaxBytes) return fail(`a file of ${size} bytes`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return fail(`a file that cannot be read: ${(error as Error).message}`);
  }
  const dataUrl = dataUrlOf(bytes);
  if (logoParts(dataUrl) === undefined) return fail("a file that is no PNG or JPEG image");
  return { ...members, merchantLogo: dataUrl };
}
