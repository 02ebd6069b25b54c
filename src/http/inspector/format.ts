import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Scenario } from "../../domain/scenario.ts";
import type { Html } from "../ui/layout.ts";

/** An instant in UTC, to the second: `2026-01-05 09:31:07`. */
export function formatInstant(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** A time of the day in UTC, with the date where it is not that of `near`. */
export function formatTimeNear(time: number, near: number): string {
  const text = formatInstant(time);
  return text.slice(0, 10) === formatInstant(near).slice(0, 10) ? text.slice(11) : text;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A duration in its two largest units: `6 min 53 s`. The script of the inspector writes it in the same way. */
export function durationInWords(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1000)) * 1000;
  const counts = units.map(([unit, length], index) => {
    const above = index === 0 ? Number.POSITIVE_INFINITY : (units[index - 1]?.[1] ?? 1);
    return { unit, count: Math.floor((whole % above) / length) };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  const shown = counts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ unit, count }) => `${count} ${unit}`).join(" ");
}

/** A word for how often. */
export function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

/** A number with its noun. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A name as the wire spells it, in words: `partially_refunded` is "partially refunded". */
export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

/** A scenario by its name, or by what it says. */
export function scenarioInWords({
  name,
  on,
  outcome,
  reason,
  afterMs,
  refunds,
  webhook,
  return: way,
  fault,
}: Scenario): string {
  if (name !== undefined) return name;
  const delay =
    afterMs === undefined ? "" : afterMs === "payer" ? " when the payer pays" : ` after ${durationInWords(afterMs)}`;
  const parts = [
    ...(outcome === undefined ? [] : [`${outcome}${reason === undefined ? "" : ` (${inWords(reason)})`}${delay}`]),
    ...(outcome === undefined && delay !== "" ? [`done${delay}`] : []),
    ...(refunds?.outcome === undefined ? [] : [`refunds ${refunds.outcome}`]),
    ...(refunds?.afterMs === undefined ? [] : [`refunds after ${durationInWords(refunds.afterMs)}`]),
    ...(webhook === undefined ? [] : [`webhook ${inWords(webhook)}`]),
    ...(way === undefined ? [] : [`return ${inWords(way)}`]),
    ...(fault === undefined ? [] : [inWords(fault)]),
  ];
  return `${on === "payment" ? "" : `${on}: `}${parts.join(", ")}`;
}

/** Text that somebody else chose: whatever it says, it changes nothing around it. */
export function foreign(text: string): Html {
  return html`<bdi class="foreign">${text}</bdi>`;
}

/** A URL that somebody else chose, as a link where it is one of the web. */
export function foreignUrl(url: string): Html {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return foreign(url);
  return html`<a class="foreign" href="${url}" rel="noreferrer noopener" data-testid="foreign-link"><bdi>${url}</bdi></a>`;
}

const prettyMax = 64 * 1024;

/** A body as people read it: JSON with its members below one another, anything else as it is. */
export function prettyBody(body: string): string {
  if (body.length > prettyMax) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** A request as a command, without its signature. */
export function curlOf(
  { method, target, body }: Pick<KeptRequest, "method" | "target" | "body">,
  base: string,
): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = [`curl ${method === "GET" ? "" : `-X ${method} `}${quoted(base + target)}`];
  if (body !== "") parts.push("-H 'Content-Type: application/json'", `--data-raw ${quoted(body)}`);
  return parts.join(" \\\n  ");
}
