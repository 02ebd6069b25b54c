import { type Severity, severities } from "../case.ts";
import { type Hook, hookHelp } from "../plan.ts";
import type { CaseResult, Finding, RehearsalResult } from "../result.ts";
import { reasonsNotJudged } from "../verdict.ts";
import {
  acceptedTexts,
  bySentence,
  counted,
  countSentence,
  countVerdicts,
  durationText,
  missingHooks,
  opensText,
  outcomeSentence,
  outcomeWords,
  reasonWords,
  type ShownVerdict,
  safeLine,
  shownVerdict,
  shownVerdicts,
  verdictWords,
  wireOnly,
} from "./texts.ts";

/** Width of the lines, in columns. */
const columns = 100;
const verdictColumns = 12;

const codes = { bold: 1, quiet: 2, red: 31, green: 32, yellow: 33 } as const;
type Paint = (code: keyof typeof codes, text: string) => string;

const painter =
  (colour: boolean): Paint =>
  (code, text) =>
    colour ? `\u001b[${codes[code]}m${text}\u001b[0m` : text;

const verdictColours: Readonly<Record<ShownVerdict, keyof typeof codes>> = {
  fail: "red",
  warn: "yellow",
  accepted: "yellow",
  not_judged: "quiet",
  pass: "green",
};

/** The result of a case while the rehearsal runs: its verdict and title, and below it what was seen. */
export function caseLine(result: CaseResult, colour: boolean): string {
  const paint = painter(colour);
  const verdict = shownVerdict(result);
  const duration = durationText(result.durationMs).padStart(8);
  const name = cut(
    `${safeLine(result.title)} (${safeLine(result.id)})`,
    columns - verdictColumns - duration.length - 1,
  );
  const gap = " ".repeat(columns - verdictColumns - duration.length - widthOf(name));
  const word = paint(verdictColours[verdict], verdictWords[verdict].padEnd(verdictColumns));
  const line = `${word}${name}${gap}${paint("quiet", duration)}`;
  if (verdict === "pass" || result.reason === "missing_hook" || result.reason === "blocked") return line;
  return [line, ...wrap(result.sentence ?? "", verdictColumns)].join("\n");
}

/** The end of the output: counts, findings, what was not judged, and the outcome as the last line. */
export function summaryLines(result: RehearsalResult, colour: boolean): string[] {
  const paint = painter(colour);
  const { version, seed, durationMs, outcome } = result;
  const outcomeColour = ({ pass: "green", fail: "red", incomplete: "yellow" } as const)[outcome];
  return [
    ...(result.cases.length === 0 ? [] : ["", ...countTable(result.cases, paint)]),
    ...preflightLines(result, paint),
    ...findingLines(result, paint),
    ...notJudgedLines(result, paint),
    "",
    ...(result.seesOrders ? [] : wrap(wireOnly, 0)),
    ...wrap(`Sandbox ${safeLine(version)}, seed ${safeLine(seed)}, ${durationText(durationMs)}.`, 0),
    outcomeSentence(result),
    paint(outcomeColour, `${outcomeWords[outcome].toUpperCase()}: ${countSentence(result)}`),
  ];
}

function countTable(results: readonly CaseResult[], paint: Paint): string[] {
  const total = countVerdicts(results);
  const shown = shownVerdicts.filter((verdict) => verdict !== "accepted" || total.accepted > 0);
  const row = (name: string, of: readonly CaseResult[]) => {
    const counts = countVerdicts(of);
    const cells = shown.map((verdict) => {
      const text = (counts[verdict] === 0 ? "-" : String(counts[verdict])).padStart(verdictColumns);
      return counts[verdict] > 0 && verdict !== "pass" ? paint(verdictColours[verdict], text) : text;
    });
    return `${name.padEnd(verdictColumns)}${cells.join("")}`;
  };
  const heading = shown.map((verdict) => verdictWords[verdict].padStart(verdictColumns)).join("");
  return [
    paint("bold", `${" ".repeat(verdictColumns)}${heading}`),
    ...severities.map((severity) =>
      row(
        severity,
        results.filter((result) => result.severity === severity),
      ),
    ),
    row("all", results),
  ];
}

function preflightLines({ preflight }: RehearsalResult, paint: Paint): string[] {
  if (preflight.length === 0) return [];
  const lines = preflight.flatMap(({ sentence, advice }) => [
    ...wrap(sentence, 0),
    ...wrap(`What to change: ${advice}`, 2),
  ]);
  return ["", paint("red", "An ordinary purchase does not work; everything else is blocked:"), ...lines];
}

function findingLines({ findings, cases }: RehearsalResult, paint: Paint): string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap((finding, index) => {
    const [first = "", ...rest] = wrap(finding.sentence, 4);
    return [
      "",
      `${`${index + 1}.`.padEnd(4)}${paint(colourOf(finding), headingOf(finding))}`,
      first,
      ...rest,
      ...wrap(`What to change: ${finding.advice}`, 4),
      ...acceptedTexts(finding, cases).flatMap((text) => wrap(text, 4)),
      ...paintAll(paint, "quiet", wrap(`${casesWord(finding)}: ${finding.cases.join(", ")}`, 4)),
    ];
  });
  return ["", paint("bold", counted(findings.length, "finding")), ...lines];
}

const casesWord = ({ cases }: Finding) => (cases.length === 1 ? "Case" : "Cases");

function headingOf({ severity, verdict, isAccepted = false }: Finding): string {
  return isAccepted ? `${severity}, accepted` : verdict === "warn" ? `${severity}, a warning` : severity;
}

function colourOf({ verdict, severity, isAccepted = false }: Finding): keyof typeof codes {
  return !isAccepted && verdict === "fail" && isHigh(severity) ? "red" : "yellow";
}

const isHigh = (severity: Severity) => severity !== "minor";

function notJudgedLines({ cases, preflight }: RehearsalResult, paint: Paint): string[] {
  const lines = reasonsNotJudged.flatMap((reason) => {
    const same = cases.filter((result) => result.reason === reason && result.verdict === "not_judged");
    if (same.length === 0) return [];
    const heading = wrap(`${reasonWords[reason]} (${counted(same.length, "case")}):`, 2);
    if (reason === "blocked" && preflight.length > 0) return heading;
    if (reason === "missing_hook" && same.every(({ missing }) => missing !== undefined)) {
      return [...heading, ...missingHooks(same).flatMap((hook) => wrap(hookLine(hook), 4))];
    }
    return [...heading, ...bySentence(same).flatMap(([sentence, ids]) => wrap(`${sentence} (${ids.join(", ")})`, 4))];
  });
  return lines.length === 0 ? [] : ["", paint("bold", "Not judged"), ...lines];
}

function hookLine(opened: ReturnType<typeof missingHooks>[number]): string {
  return `${hookHelp[opened.hook as Hook] ?? opened.hook} (${opensText(opened)})`;
}

function paintAll(paint: Paint, code: keyof typeof codes, lines: readonly string[]): string[] {
  return lines.map((line) => paint(code, line));
}

/** Lines of a text from outside, each with an indent; a word that is too long is broken. */
function wrap(text: string, indent: number): string[] {
  const width = columns - indent;
  const lines: string[] = [];
  let line = "";
  for (const word of safeLine(text)
    .split(" ")
    .flatMap((word) => pieces(word, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((one) => " ".repeat(indent) + one);
}

function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  let rest = word;
  while (widthOf(rest) > width) {
    const part = beginning(rest, width);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return [...parts, rest];
}

function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${beginning(text, width - 1)}…`;
}

function beginning(text: string, width: number): string {
  let part = "";
  for (const character of text) {
    if (widthOf(part + character) > width) break;
    part += character;
  }
  return part;
}

const wide = /[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u;

/** Columns that a terminal needs for a text. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}
