import { ConfigError } from "../config/config.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import { ask, jsonOf } from "./any-sandbox.ts";
import { type Command, type Flags, optionFlags, type Positionals } from "./command.ts";
import { bodyFlag, bodyMembers, readBody } from "./offline-sandbox.ts";
import { adminTokenFlag, caFlag } from "./running-sandbox.ts";
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
    caFlag,
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
  readonly comparisons?: readonly Comparison[];
  readonly mistakes?: readonly { readonly cause: string; readonly computed?: string }[];
}

/** A part of the signed content, as expected and as given. Both texts begin at the same offset. */
interface Comparison {
  readonly part: string;
  readonly expected: { readonly text: string };
  readonly given?: { readonly text: string };
  readonly differsAt?: number;
}

function run(flags: Flags, [method, target]: Positionals): Promise<void> {
  const signature = signatureOf(flags).replace(/^X-Signature:\s*/i, "");
  return diagnose(flags, { method, target, ...bodyMembers(readBody(flags)), signature });
}

/** The value of `--signature`. Throws `ConfigError` without one. */
export function signatureOf({ signature }: Flags): string {
  if (signature !== undefined) return signature;
  throw new ConfigError("--signature is missing; expected the value of X-Signature.");
}

/** Asks for a diagnosis and prints it. The exit code is 1 if something is wrong. */
export async function diagnose(flags: Flags, input: object, urlFlag?: string): Promise<void> {
  const request = { method: "POST", body: JSON.stringify(input) };
  const response = await ask(flags, "/_sandbox/signature/diagnose", request, urlFlag);
  const { ok, sentence, checks, comparisons = [], mistakes = [] } = (await jsonOf(response)) as Diagnosis;
  const lines = [
    ...checks.map((check) => `${check.verdict.padEnd(8)}${check.name}: ${check.sentence}`),
    ...comparisons.flatMap(differenceIn),
    "",
    sentence,
    ...(mistakes.length === 0 ? [] : ["", "Usual mistakes, likeliest first. Your program:"]),
    ...mistakes.map(({ cause, computed }) => `- ${cause}${computed === undefined ? "" : ` (computes ${computed})`}`),
  ];
  process.stdout.write(escapeControlCharacters(`${lines.join("\n")}\n`));
  if (!ok) process.exitCode = 1;
}

/** Maximum length of a shown text, in characters. */
const shownMax = 40;

/** The first difference of a part as a line. A signing input differs with its body. */
function differenceIn(
  { part, expected, given, differsAt }: Comparison,
  _: number,
  all: readonly Comparison[],
): string[] {
  if (given === undefined || differsAt === undefined) return [];
  if (part === "signing_input" && all.some((other) => other.part === "body" && other.differsAt !== undefined))
    return [];
  let start = 0;
  while (start < expected.text.length && expected.text[start] === given.text[start]) start += 1;
  const from = (text: string) => JSON.stringify(text.slice(start, start + shownMax));
  return [`differs ${part} from byte ${differsAt + 1} on: expected ${from(expected.text)}, given ${from(given.text)}`];
}
