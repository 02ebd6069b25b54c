import { contractSpelling } from "../domain/contract.ts";
import { redactSecrets } from "../security/redaction.ts";
import type { AnswerVerdict, Comparison, RuleVerdict } from "./compare.ts";
import type { MerchantKeys } from "./subject.ts";

const labels: Readonly<Record<RuleVerdict["verdict"], string>> = {
  same: "same",
  different: "different",
  undecided: "not decided",
  not_reached: "not reached",
  not_measured: "not measured",
};
const labelWidth = 14;

const line = (label: string, text: string) => `${label.padEnd(labelWidth)}${text}`;
const shown = (value: unknown) => JSON.stringify(value) ?? "absent";

/** One line for each rule, and one for each answer that differs in something that no rule decides. */
export function reportLines(comparison: Comparison): string[] {
  const { stopped, rules, answers } = comparison;
  const differing = answers.filter(({ differences }) => differences.length > 0);
  const isEmpty = stopped !== undefined && answers.length === 0;
  const same = answers.length - differing.length;
  return [
    ...(isEmpty ? [] : rules.map(ruleLine)),
    ...differing.map(answerLine),
    ...(same === 0 ? [] : [line("same", `${same} of ${answers.length} answers and notifications`)]),
    ...(stopped === undefined ? [] : [line("not reached", `${isEmpty ? "" : "the rest: "}${stopped}`)]),
  ];
}

function ruleLine(verdict: RuleVerdict): string {
  const { rule } = verdict;
  const label = labels[verdict.verdict];
  if (verdict.verdict === "same") return line(label, `${rule}: ${shown(verdict.theirs)}`);
  if ("why" in verdict) return line(label, `${rule}: ${verdict.why}`);
  const values = `${rule}: theirs ${shown(verdict.theirs)}, ours ${shown(verdict.ours)}`;
  if (verdict.verdict === "undecided") return line(label, `${values}; contract.${rule} has no such value`);
  return line(label, `${values}; set contract.${rule} to ${shown(verdict.theirs)}`);
}

function answerLine({ step, differences }: AnswerVerdict): string {
  const parts = differences.map(({ member, theirs, ours }) => `${member}: theirs ${theirs}, ours ${ours}`);
  return line(labels.undecided, `${step}: ${parts.join("; ")}`);
}

/** 0: the same. 1: something differs, also if the target then ended it. 2: nothing differs, but not all was reached. */
export function exitCodeOf({ stopped, rules, answers }: Comparison): 0 | 1 | 2 {
  const isDifferent = ({ verdict }: RuleVerdict) => verdict === "different" || verdict === "undecided";
  if (rules.some(isDifferent) || answers.some(({ differences }) => differences.length > 0)) return 1;
  return stopped !== undefined || rules.some(({ verdict }) => verdict === "not_reached") ? 2 : 0;
}

/** The comparison as a JSON object. */
export function reportObject(target: string, comparison: Comparison): object {
  const verdict = (["same", "different", "not_reached"] as const)[exitCodeOf(comparison)];
  const { stopped, rules, answers } = comparison;
  return { target, verdict, ...(stopped === undefined ? {} : { stopped }), rules, answers, ...fileContent(comparison) };
}

/** The profile that was found, as `--config` takes it. */
export function fileContent({ contract = {} }: Comparison): object {
  return { settings: { contract: contractSpelling.write?.(contract) ?? contract } };
}

/** Returns a function that removes the merchant's secrets from a text. */
export function redactor({ privateKey, hmacKey }: MerchantKeys): (text: string) => string {
  const lines = privateKey.split("\n").filter((text) => text.length > 8 && !text.startsWith("-----"));
  const secrets = [privateKey.trim(), ...lines, hmacKey];
  return (text) => redactSecrets(secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text));
}
