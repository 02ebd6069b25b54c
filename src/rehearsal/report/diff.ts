import type { CaseResult, RehearsalResult } from "../result.ts";
import { outcomeWords, type ShownVerdict, safeLine, shownVerdict, verdictWords } from "./texts.ts";

interface Change {
  readonly id: string;
  readonly before: CaseResult | undefined;
  readonly after: CaseResult | undefined;
}

/** Kinds of changes, in the order of the output. */
const kinds = [
  ["Newly failing", "fail"],
  ["Newly warned", "warn"],
  ["Mended", "pass"],
  ["Newly accepted", "accepted"],
  ["No longer judged", "not_judged"],
] as const;

/** The changes between two results, in lines for a terminal. */
export function diffLines(before: RehearsalResult, after: RehearsalResult): string[] {
  const changes = changesOf(before, after).filter((change) => stateOf(change.before) !== stateOf(change.after));
  const both = changes.filter((change) => change.before !== undefined && change.after !== undefined);
  const isNewlyJudged = (change: Change) =>
    stateOf(change.before) === "not_judged" && ["pass", "accepted"].includes(stateOf(change.after));
  const lines = [
    ...settingLines(before, after),
    ...preflightLines(before, after),
    ...kinds.flatMap(([heading, state]) =>
      section(
        heading,
        both.filter((change) => stateOf(change.after) === state && !isNewlyJudged(change)),
      ),
    ),
    ...section("Newly judged", both.filter(isNewlyJudged)),
    ...section(
      "New cases",
      changes.filter((change) => change.before === undefined),
    ),
    ...section(
      "Vanished cases",
      changes.filter((change) => change.after === undefined),
    ),
  ];
  return [...(changes.length === 0 ? [...lines, "No case has changed."] : lines), outcomeLine(before, after)];
}

function changesOf(before: RehearsalResult, after: RehearsalResult): Change[] {
  const byId = ({ cases }: RehearsalResult) => new Map(cases.map((result) => [result.id, result]));
  const [old, current] = [byId(before), byId(after)];
  return [...new Set([...current.keys(), ...old.keys()])].map((id) => ({
    id,
    before: old.get(id),
    after: current.get(id),
  }));
}

const stateOf = (result: CaseResult | undefined): ShownVerdict | "absent" =>
  result === undefined ? "absent" : shownVerdict(result);

function section(heading: string, changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  return [`${heading} (${changes.length}):`, ...changes.flatMap(changeLines)];
}

function changeLines({ id, before, after }: Change): string[] {
  const result = after ?? before;
  const states = [before, after].flatMap((one) => (one === undefined ? [] : [verdictWords[shownVerdict(one)]]));
  const sentence = after?.sentence === undefined ? [] : [`      ${safeLine(after.sentence)}`];
  return [`  ${safeLine(id)}: ${safeLine(result?.title ?? "")} (${states.join(", now ")})`, ...sentence];
}

/** Versions and seeds, if they differ. */
function settingLines(before: RehearsalResult, after: RehearsalResult): string[] {
  const differing = (["version", "seed"] as const).filter((name) => before[name] !== after[name]);
  const lines = differing.map((name) => `The ${name} was ${safeLine(before[name])}, and is ${safeLine(after[name])}.`);
  if (before.seesOrders === after.seesOrders) return lines;
  return [...lines, after.seesOrders ? "Orders are judged now." : "Only the wire is judged now."];
}

function preflightLines(before: RehearsalResult, after: RehearsalResult): string[] {
  const isNew = (one: RehearsalResult, other: RehearsalResult) =>
    one.preflight.filter(({ id }) => !other.preflight.some((known) => known.id === id));
  return [
    ...isNew(after, before).map(({ sentence }) => `Everything is blocked now: ${safeLine(sentence)}`),
    ...isNew(before, after).map(({ sentence }) => `No longer blocked by: ${safeLine(sentence)}`),
  ];
}

function outcomeLine(before: RehearsalResult, after: RehearsalResult): string {
  const words = [outcomeWords[before.outcome], outcomeWords[after.outcome]].map((word) => word.toLowerCase());
  return before.outcome === after.outcome ? `Outcome: ${words[1]}, as before.` : `Outcome: ${words.join(", now ")}.`;
}
