import { createSandbox, type Sandbox } from "../../src/index.ts";
import { merchants, seed, worldTime } from "./keys.ts";

/** What the doctor of the sandbox says about a message. */
export interface Judgement {
  readonly ok: boolean;
  /** Name of the first check that is wrong. */
  readonly reason: string | undefined;
  /** What is wrong, and what to change. */
  readonly diagnosis: string;
  /** Every sentence of the doctor about this message. */
  readonly sentences: readonly string[];
}

/** The members of `POST /_sandbox/signature/diagnose`. */
export type Question = Readonly<Record<string, unknown>>;

interface Answer {
  readonly ok: boolean;
  readonly sentence: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly sentence: string }[];
  readonly mistakes?: readonly { readonly cause: string }[];
}

/** The sandbox that knows the keys of the vectors. Its real time is that of this process. */
export function openJudge(): Promise<Sandbox> {
  return createSandbox({ seed, merchants, auth: "require", clock: new Date(worldTime * 1000).toISOString() });
}

/** Asks the doctor. */
export async function judge(sandbox: Pick<Sandbox, "fetch">, question: Question): Promise<Judgement> {
  const init = { method: "POST", body: JSON.stringify(question) };
  const response = await sandbox.fetch("/_sandbox/signature/diagnose", init);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { ok, sentence, checks, mistakes = [] } = (await response.json()) as Answer;
  const reason = checks.find(({ verdict }) => verdict === "wrong")?.name;
  const sentences = [sentence, ...checks.map((check) => check.sentence), ...mistakes.map(({ cause }) => cause)];
  return { ok, reason, diagnosis: sentence, sentences };
}
