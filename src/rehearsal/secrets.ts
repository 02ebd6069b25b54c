import { redactSecrets } from "../security/redaction.ts";
import { SetupError } from "./plan.ts";
import type { CaseResult, PreflightFinding } from "./result.ts";
import type { Run } from "./run.ts";

const redacted = "[redacted]";
/** Length from which a line of a private key is a secret of its own. */
const lineMin = 40;
/** Length from which the beginning of a secret is removed, in characters. */
const cutMin = 8;

/** The secrets of a run. Rotations add to them, and none is removed. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Learns the keys that the world has now. */
  learn({ parts: { world } }: Run): void {
    const { hmacKeys, privateKey = "" } = world.credentials;
    for (const { key } of hmacKeys) this.#values.add(key);
    for (const line of privateKey.split("\n")) if (line.length >= lineMin) this.#values.add(line);
  }

  /** Removes the secrets from a text. */
  removeFrom(text: string): string {
    let rest = text;
    for (const value of this.#values) rest = withoutCutEnd(rest.replaceAll(value, redacted), value);
    return rest;
  }

  /** Removes the secrets from a result: a page of the merchant may show its environment. */
  removeFromResult(result: CaseResult): CaseResult {
    const { sentence, timeline } = result;
    return {
      ...result,
      ...(sentence === undefined ? {} : { sentence: this.removeFrom(sentence) }),
      timeline: timeline.map(({ detail, text, ...entry }) => ({
        ...entry,
        text: this.removeFrom(text),
        ...(detail === undefined ? {} : { detail: this.removeFrom(detail) }),
      })),
    };
  }
}

/** Removes the beginning of a secret from the end of a text: evidence is cut at a maximum length. */
function withoutCutEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= cutMin; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + redacted;
  }
  return text;
}

/** Waits for work of the run. @returns its result; an error of the setup has no secrets: the server may print some. */
export async function withSafeErrors<T>(work: Promise<T>, run: Run): Promise<T> {
  const secrets = new Secrets();
  secrets.learn(run);
  return await work.catch((error: unknown) => {
    secrets.learn(run);
    if (error instanceof SetupError) error.message = redactSecrets(secrets.removeFrom(error.message));
    throw error;
  });
}

/** Findings of the preflight without the secrets of the run. */
export function withoutSecrets(findings: readonly PreflightFinding[], run: Run): PreflightFinding[] {
  const secrets = new Secrets();
  secrets.learn(run);
  return findings.map(({ sentence, ...finding }) => ({ ...finding, sentence: secrets.removeFrom(sentence) }));
}
