import { SandboxError } from "./handle.ts";

/**
 * Checks that an object has known members only. Throws `SandboxError` `invalid_request` with the unknown member and the
 * allowed ones.
 * @param subject what has the options, such as `world()`.
 */
export function checkOptions(subject: string, options: unknown, allowed: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new SandboxError("invalid_request", `The options of ${subject} are no object: ${JSON.stringify(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  const expected = `expected one of ${allowed.join(", ")}`;
  throw new SandboxError("invalid_request", `The option ${unknown} of ${subject} is unknown; ${expected}.`);
}
