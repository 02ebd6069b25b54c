import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Scenario } from "../../domain/scenario.ts";
import { foreign, type Html } from "../ui/html.ts";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/**
 * Remaining time in words, rounded down: it never shows more time than there is, so its last second is `0 s`.
 * `inspector.js` uses the same format.
 */
export function leftInWords(ms: number): string {
  return durationInWords(Math.max(0, Math.floor(ms / 1000)) * 1000);
}

/** A duration in its two largest units, rounded down: `6 min 53 s`. */
export function durationInWords(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms} ms`;
  const wholeSeconds = Math.floor(ms / 1000) * 1000;
  const counts = units.map(([unit, length], index) => {
    const larger = index === 0 ? Number.POSITIVE_INFINITY : (units[index - 1]?.[1] ?? 1);
    return { unit, count: Math.floor((wholeSeconds % larger) / length) };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  const shown = counts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ unit, count }) => `${count} ${unit}`).join(" ");
}

/** An age in its largest unit, rounded down: `6 min`. `inspector.js` uses the same format. */
export function ageInWords(ms: number): string {
  const [unit, length] = units.find(([, length]) => ms >= length) ?? ["s", 1000];
  return `${Math.floor(Math.max(0, ms) / length)} ${unit}`;
}

/** A number of times in words. */
export function countedTimes(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

/** A number with a noun in the right form. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A wire name in words: `partially_refunded` is "partially refunded". */
export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

/** The name of a scenario, or its effects in words. */
export function scenarioInWords({
  name,
  on,
  outcome,
  reason,
  afterMs,
  paidLateMs,
  failsLateMs,
  refunds,
  webhook,
  return: returnPlan,
  fault,
}: Scenario): string {
  if (name !== undefined) return name;
  const delay =
    afterMs === undefined ? "" : afterMs === "payer" ? " when the payer pays" : ` after ${durationInWords(afterMs)}`;
  const parts = [
    ...(outcome === undefined ? [] : [`${outcome}${reason === undefined ? "" : ` (${inWords(reason)})`}${delay}`]),
    ...(outcome === undefined && delay !== "" ? [`done${delay}`] : []),
    ...(paidLateMs === undefined ? [] : [`paid ${durationInWords(paidLateMs)} after the expiry`]),
    ...(failsLateMs === undefined ? [] : [`fails ${durationInWords(failsLateMs)} after its success`]),
    ...(refunds?.failsLateMs === undefined
      ? []
      : [`refunds fail ${durationInWords(refunds.failsLateMs)} after their success`]),
    ...(refunds?.outcome === undefined ? [] : [`refunds ${refunds.outcome}`]),
    ...(refunds?.afterMs === undefined ? [] : [`refunds after ${durationInWords(refunds.afterMs)}`]),
    ...(webhook === undefined ? [] : [`webhook ${inWords(webhook)}`]),
    ...(returnPlan === undefined ? [] : [`return ${inWords(returnPlan)}`]),
    ...(fault === undefined ? [] : [inWords(fault)]),
  ];
  return `${on === "payment" ? "" : `${on}: `}${parts.join(", ")}`;
}

/** A URL from an outside source: a link if it is an HTTP URL. */
export function foreignUrl(url: string): Html {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return foreign(url);
  return html`<a class="foreign" href="${url}" rel="noreferrer noopener"
    data-testid="foreign-link"><bdi>${url}</bdi></a>`;
}

/** Characters that change the direction of text. */
export const directions = /[\u202a-\u202e\u2066-\u2069]/g;

const prettyMax = 64 * 1024;

/** A body for people: JSON is indented, other content is unchanged. */
export function prettyBody(body: string): string {
  if (body.length > prettyMax) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A request as a curl command. @param signature the word of the command with the header `X-Signature`. */
export function curlOf(
  { method, target, body, scenario }: Pick<KeptRequest, "method" | "target" | "body" | "scenario">,
  base: string,
  signature?: string,
): string {
  const parts = [`curl ${method === "GET" ? "" : `-X ${method} `}${quoted(base + target)}`];
  if (signature !== undefined) parts.push(`-H ${signature}`);
  if (scenario?.trigger === "header" && scenario.scenario.name !== undefined) {
    parts.push(`-H ${quoted(`X-Sandbox-Scenario: ${scenario.scenario.name}`)}`);
  }
  if (body !== "") parts.push("-H 'Content-Type: application/json'", `--data-raw ${quoted(body)}`);
  return parts.join(" \\\n  ");
}
