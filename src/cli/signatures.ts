import { readFileSync } from "node:fs";
import type { Sandbox } from "../client/handle.ts";
import { signRequest } from "../client/signing.ts";
import { ConfigError, configFromCommandLine } from "../config/config.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import type { Flags, Positionals } from "./command.ts";
import { send, serverFlags, serverOf } from "./server.ts";

export const signatureFlags: readonly string[] = ["body", "signature", "kid", "key", "seed", "config", ...serverFlags];

/** The sandbox whose keys `sign` and `doctor` know: that of the same seed and file. */
function quietSandbox({ seed, config }: Flags): Promise<Sandbox> {
  return composeSandbox({ ...configFromCommandLine({ seed, config, log: "silent" }), store: "memory" });
}

export async function sign(flags: Flags, [method = "", target = ""]: Positionals): Promise<void> {
  const { credentials } = await quietSandbox(flags);
  const kid = flags.kid ?? credentials.kid;
  const privateKey = flags.key === undefined ? credentials.privateKey : readFile("--key", flags.key);
  const body = flags.body === undefined ? "" : readFile("--body", flags.body);
  if (!/^[A-Z]+$/.test(method)) {
    throw new ConfigError(`METHOD is ${JSON.stringify(method)}: allowed are upper-case letters, like POST.`);
  }
  if ((flags.kid === undefined) !== (flags.key === undefined)) {
    throw new ConfigError("--kid and --key go together: a key of your own, and the kid that it was registered with.");
  }
  if (!target.startsWith("/"))
    throw new ConfigError(`TARGET is ${JSON.stringify(target)}: allowed is a path like /v1/payments.`);
  try {
    process.stdout.write(`X-Signature: ${signRequest({ method, target, body, kid, privateKey })}\n`);
  } catch {
    throw new ConfigError(
      `--key is ${JSON.stringify(flags.key)}: allowed is a file with a private P-256 key, PEM (PKCS #8).`,
    );
  }
}

/** What the doctor answers. */
interface Told {
  readonly ok: boolean;
  readonly sentence: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly sentence: string }[];
}

export async function doctor(flags: Flags, [method, target]: Positionals): Promise<void> {
  if (flags.signature === undefined) throw new ConfigError("--signature is missing: give the value of X-Signature.");
  const body = flags.body === undefined ? "" : readFile("--body", flags.body);
  const signature = flags.signature.replace(/^X-Signature:\s*/i, "");
  const answer = await askDoctor(flags, JSON.stringify({ method, target, body, signature }));
  if (!answer.ok) throw new ConfigError(`The sandbox answers ${answer.status}: ${await answer.text()}`);
  const { ok, sentence, checks } = (await answer.json()) as Told;
  for (const check of checks) process.stdout.write(`${check.verdict.padEnd(8)}${check.name}: ${check.sentence}\n`);
  process.stdout.write(`\n${sentence}\n`);
  if (!ok) process.exitCode = 1;
}

/** Asks a running sandbox, or one that knows the same keys. */
async function askDoctor(flags: Flags, body: string): Promise<Response> {
  const path = "/_sandbox/signature/diagnose";
  const request = { method: "POST", body };
  if (flags.url === undefined) return (await quietSandbox(flags)).fetch(path, request);
  return send(serverOf(flags), path, request).catch(() => {
    throw new ConfigError(`--url is ${JSON.stringify(flags.url)}: no sandbox answers there.`);
  });
}

function readFile(flag: string, path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new ConfigError(`${flag} is ${JSON.stringify(path)}, which cannot be read: ${(error as Error).message}.`);
  }
}
