import { SandboxError } from "../client/handle.ts";
import type { Flags } from "./command.ts";
import { offlineSandbox } from "./offline-sandbox.ts";
import { send, serverOf } from "./running-sandbox.ts";

/**
 * Asks the running sandbox at `--url`, or one in this process with the same keys.
 * @param urlFlag name of the flag, where another one names the sandbox.
 */
export async function ask(flags: Flags, path: string, init: RequestInit = {}, urlFlag = "url"): Promise<Response> {
  const url = flags[urlFlag];
  if (url === undefined) return (await offlineSandbox(flags)).fetch(path, init);
  return send(serverOf(flags, urlFlag), path, init);
}

/** The JSON of an answer. Throws `SandboxError` if the sandbox refuses. */
export async function jsonOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const code = response.status === 400 ? "invalid_request" : "refused";
  throw new SandboxError(code, `The sandbox answers ${response.status}: ${await response.text()}`);
}
