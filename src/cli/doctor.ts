import { SandboxError } from "../client/handle.ts";
import { ConfigError } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import { type Command, type Flags, optionFlags, type Positionals } from "./command.ts";
import { bodyFlag, offlineSandbox, readBody } from "./offline-sandbox.ts";
import { adminTokenFlag, send, serverOf } from "./running-sandbox.ts";
import { sign } from "./sign.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "explains what is wrong with an X-Signature; exits with 1 if something is",
  parameters: sign.parameters,
  flags: [
    { name: "signature", placeholder: "SIGNATURE", help: "value of X-Signature" },
    bodyFlag,
    { name: "url", placeholder: "URL", help: "asks a running sandbox, which knows the keys that you registered there" },
    adminTokenFlag,
    ...optionFlags(["seed", "config"]),
  ],
  ignoredFlags: ["kid", "key"],
  run,
};

/** Response of `/_sandbox/signature/diagnose`. */
interface Diagnosis {
  readonly ok: boolean;
  readonly sentence: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly sentence: string }[];
}

async function run(flags: Flags, [method, target]: Positionals): Promise<void> {
  if (flags.signature === undefined) {
    throw new ConfigError("--signature is missing; expected the value of X-Signature.");
  }
  const body = readBody(flags);
  const signature = flags.signature.replace(/^X-Signature:\s*/i, "");
  const response = await requestDiagnosis(flags, JSON.stringify({ method, target, body, signature }));
  if (!response.ok) {
    const code = response.status === 400 ? "invalid_request" : "refused";
    throw new SandboxError(code, `The sandbox answers ${response.status}: ${await response.text()}`);
  }
  const { ok, sentence, checks } = (await response.json()) as Diagnosis;
  const lines = checks.map((check) => `${check.verdict.padEnd(8)}${check.name}: ${check.sentence}\n`);
  process.stdout.write(escapeControlCharacters(`${lines.join("")}\n${sentence}\n`));
  if (!ok) process.exitCode = 1;
}

/** Asks a running sandbox, or one in this process with the same keys. */
async function requestDiagnosis(flags: Flags, body: string): Promise<Response> {
  const path = "/_sandbox/signature/diagnose";
  const request = { method: "POST", body };
  if (flags.url === undefined) return (await offlineSandbox(flags)).fetch(path, request);
  return send(serverOf(flags), path, request);
}
