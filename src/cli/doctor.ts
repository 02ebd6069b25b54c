import { ConfigError } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import { ask, jsonOf } from "./any-sandbox.ts";
import { type Command, type Flags, optionFlags, type Positionals } from "./command.ts";
import { bodyFlag, bodyMembers, readBody } from "./offline-sandbox.ts";
import { adminTokenFlag } from "./running-sandbox.ts";
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
  ignoredFlags: ["kid", "key", "world"],
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
  const signature = flags.signature.replace(/^X-Signature:\s*/i, "");
  const request = JSON.stringify({ method, target, ...bodyMembers(readBody(flags)), signature });
  const response = await ask(flags, "/_sandbox/signature/diagnose", { method: "POST", body: request });
  const { ok, sentence, checks } = (await jsonOf(response)) as Diagnosis;
  const lines = checks.map((check) => `${check.verdict.padEnd(8)}${check.name}: ${check.sentence}\n`);
  process.stdout.write(escapeControlCharacters(`${lines.join("")}\n${sentence}\n`));
  if (!ok) process.exitCode = 1;
}
