import { isLoopback } from "./addresses.ts";

/** Minimum length of an admin token where other machines reach the sandbox. */
const adminTokenMinLength = 16;

/** Where a sandbox can be reached. */
export interface Reach {
  readonly host: string;
  readonly publicUrl: string | undefined;
}

/** Whether other machines can reach a sandbox: at its host, or through a proxy at its public URL. */
export function isExposed({ host, publicUrl }: Reach): boolean {
  return !isLoopback(host) || (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname));
}

/** The option by which other machines can reach a sandbox, and its value: the start of a sentence. */
export function describeExposure({ host, publicUrl }: Reach): string {
  const [what, value] = isLoopback(host) ? ["public URL", publicUrl] : ["host", host];
  return `The ${what} is ${JSON.stringify(value)}, which other machines can reach`;
}

/** Why a sandbox must not listen there; `undefined` if it may. */
export function exposureFault(reach: Reach, adminToken: string | undefined): string | undefined {
  if (!isExposed(reach)) return undefined;
  if (adminToken === undefined && !isLoopback(reach.host)) {
    return (
      `${describeExposure(reach)}: then --admin-token must be a secret, ` +
      "or none to let everybody control the sandbox."
    );
  }
  if (adminToken === undefined || adminToken === "none" || adminToken.length >= adminTokenMinLength) return undefined;
  return (
    `${describeExposure(reach)}: then --admin-token must have at least ${adminTokenMinLength} characters, ` +
    `but it has ${adminToken.length}.`
  );
}
