import { contractOf, withContract } from "../domain/contract.ts";
import {
  type ContractChanges,
  type ContractRule,
  type ContractRuleName,
  contractRuleNames,
  contractRules,
} from "../domain/contract-rules.ts";
import { readSpelled, writeSpelled } from "../domain/spelling.ts";
import { type Difference, differencesBetween } from "./differences.ts";
import { Examination } from "./examination.ts";
import { Findings, probes } from "./findings.ts";
import { openReference } from "./reference.ts";
import { NotReached, Stop } from "./safety.ts";
import { runScript } from "./script.ts";
import { requireAnswers, type Seen, type Subject } from "./subject.ts";

/** What the comparison says about one rule. Values are as requests spell them. */
export type RuleVerdict =
  | { readonly rule: ContractRuleName; readonly verdict: "same"; readonly theirs: unknown }
  | { readonly rule: ContractRuleName; readonly verdict: "different"; readonly theirs: unknown; readonly ours: unknown }
  | { readonly rule: ContractRuleName; readonly verdict: "undecided"; readonly theirs: unknown; readonly ours: unknown }
  | { readonly rule: ContractRuleName; readonly verdict: "not_reached" | "not_measured"; readonly why: string };

/** What the comparison says about one answer, or one notification: where it differs, no rule decides it. */
export interface AnswerVerdict {
  readonly step: string;
  readonly differences: readonly Difference[];
}

export interface Comparison {
  /** Why nothing or not everything was compared, if the target ended it. */
  readonly stopped: string | undefined;
  readonly rules: readonly RuleVerdict[];
  readonly answers: readonly AnswerVerdict[];
  /** The profile that was found: the rules that were measured, on top of ours. */
  readonly contract: ContractChanges | undefined;
}

export interface ComparisonOptions {
  readonly target: Subject;
  /** The profile that the target is compared with. */
  readonly ours: ContractChanges | undefined;
  /** Part of the references of this run. */
  readonly run: string;
  readonly onStep?: (step: string) => void;
}

/** Examines the target, and then this sandbox under the profile that was found. */
export async function compare({ target, ours, run, onStep }: ComparisonOptions): Promise<Comparison> {
  const examination = new Examination(target, run, onStep);
  let stopped: string | undefined;
  try {
    await requireAnswers(target);
    await runScript(examination);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    stopped = error.message;
  }
  const measured = measure(examination, stopped);
  const contract = withContract(ours, measured.found);
  const rules = contractRuleNames.map((name) => verdictOn(name, measured, ours));
  const answers = await compareAnswers(examination, contract, run);
  return { stopped, rules, answers, contract };
}

interface Measured {
  readonly found: ContractChanges;
  /** Values that are no value of the rule, as the target spells them. */
  readonly foreign: ReadonlyMap<ContractRuleName, unknown>;
  readonly missing: ReadonlyMap<ContractRuleName, string>;
}

const ruleOf = (name: ContractRuleName) => contractRules[name] as ContractRule<unknown>;

function measure(examination: Examination, stopped: string | undefined): Measured {
  const findings = new Findings(examination);
  const found: Record<string, unknown> = {};
  const foreign = new Map<ContractRuleName, unknown>();
  const missing = new Map<ContractRuleName, string>();
  for (const name of contractRuleNames) {
    const probe = probes[name];
    if (probe === "never") continue;
    try {
      const value = probe(findings);
      const inside = readSpelled(name, value, ruleOf(name), "request", () => foreign.set(name, value));
      if (inside !== undefined) found[name] = inside;
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      missing.set(name, stopped ?? error.message);
    }
  }
  return { found, foreign, missing };
}

function verdictOn(name: ContractRuleName, measured: Measured, before: ContractChanges | undefined): RuleVerdict {
  const rule = ruleOf(name);
  if (probes[name] === "never") {
    return { rule: name, verdict: "not_measured", why: "no comparison can find it out" };
  }
  const why = measured.missing.get(name);
  if (why !== undefined) return { rule: name, verdict: "not_reached", why };
  const ours = writeSpelled(rule, contractOf(before)[name]);
  if (measured.foreign.has(name)) {
    return { rule: name, verdict: "undecided", theirs: measured.foreign.get(name), ours };
  }
  const theirs = writeSpelled(rule, measured.found[name]);
  const isSame = JSON.stringify(theirs) === JSON.stringify(ours);
  return isSame ? { rule: name, verdict: "same", theirs } : { rule: name, verdict: "different", theirs, ours };
}

/** Runs the same script against this sandbox, and compares every answer. */
async function compareAnswers(
  theirs: Examination,
  contract: ContractChanges | undefined,
  run: string,
): Promise<AnswerVerdict[]> {
  if (theirs.seen.size === 0) return [];
  const isStrict = theirs.seen.get("read without a signature")?.status !== 404;
  await using reference = await openReference(contract, isStrict ? "require" : "verify", theirs.subject.returnUrl);
  const ours = new Examination(reference.subject, run);
  await runScript(ours);
  return [...theirs.seen].map(([step, their]) => {
    const our = ours.seen.get(step);
    return { step, differences: our === undefined ? [withoutOurs(their)] : differencesBetween(their, our) };
  });
}

/** The difference of an answer or a notification to a step that this sandbox did not reach. */
function withoutOurs({ status }: Seen): Difference {
  const theirs = status === undefined ? "a notification" : `answered with ${status}`;
  return { member: "the step", theirs, ours: "no such step" };
}
