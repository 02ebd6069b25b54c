import { type Hook, hookHelp } from "./plan.ts";

/** Why a case was not judged. `sandbox_fault` is an error of the sandbox itself. */
export const reasonsNotJudged = [
  "missing_hook",
  "does_not_apply",
  "blocked",
  "not_seen",
  "unclear",
  "sandbox_fault",
] as const;
export type ReasonNotJudged = (typeof reasonsNotJudged)[number];

/** The verdicts of a case. Only a failure fails the run. */
export type VerdictKind = "pass" | "warn" | "fail" | "not_judged";

/** Ends a case with another verdict than a pass. */
export class Verdict extends Error {
  override readonly name = "Verdict";
  readonly kind: Exclude<VerdictKind, "pass">;
  readonly reason: ReasonNotJudged | undefined;
  /** Root cause, if several cases can fail by it: they become one finding. */
  readonly rootCause: string | undefined;
  /** The hooks that the plan lacks, if that is the reason. */
  readonly missing: readonly Hook[] | undefined;

  constructor(
    kind: Exclude<VerdictKind, "pass">,
    sentence: string,
    details: { readonly reason?: ReasonNotJudged; readonly cause?: string; readonly missing?: readonly Hook[] } = {},
  ) {
    super(sentence);
    this.kind = kind;
    this.reason = details.reason;
    this.rootCause = details.cause;
    this.missing = details.missing;
  }
}

/** Fails the case. @param cause root cause that it may share with other cases, such as `fulfils_twice`. */
export function fail(sentence: string, cause?: string): never {
  throw new Verdict("fail", sentence, cause === undefined ? {} : { cause });
}

/** Ends the case with a warning. */
export function warn(sentence: string, cause?: string): never {
  throw new Verdict("warn", sentence, cause === undefined ? {} : { cause });
}

/** The end of a case whose plan lacks hooks. */
export function lackOf(missing: readonly Hook[]): Verdict {
  const sentence = `The plan has no ${missing.map((hook) => hookHelp[hook]).join("; ")}.`;
  return new Verdict("not_judged", sentence, { reason: "missing_hook", missing });
}

/** Ends the case without a judgement, because the plan lacks a hook. */
export function lacks(hook: Hook): never {
  throw lackOf([hook]);
}

/** Ends the case without a judgement. */
export function notJudged(reason: Exclude<ReasonNotJudged, "missing_hook">, sentence: string): never {
  throw new Verdict("not_judged", sentence, { reason });
}
