import { html } from "hono/html";
import type { Severity } from "../case.ts";
import { type ShownVerdict, safeText, verdictWords } from "./texts.ts";

export type Html = ReturnType<typeof html>;

/** A text from outside. Its writing direction does not affect the text around it. */
export function foreign(text: string): Html {
  return html`<bdi class="foreign">${safeText(text)}</bdi>`;
}

const shades: Readonly<Record<ShownVerdict, string>> = {
  fail: "bad",
  warn: "warn",
  accepted: "warn",
  not_judged: "calm",
  pass: "good",
};

/** The word of a verdict, in its colour. */
export function verdictPill(verdict: ShownVerdict): Html {
  return html`<span class="pill ${shades[verdict]}">${verdictWords[verdict]}</span>`;
}

const severityShades: Readonly<Record<Severity, string>> = { critical: "bad", serious: "warn", minor: "calm" };

/** The word of a severity, in its colour. */
export function severityPill(severity: Severity): Html {
  return html`<span class="pill ${severityShades[severity]}">${severity}</span>`;
}

/** The address of a case in the document. */
export function anchorOf(id: string): string {
  return `case-${id}`;
}

/** A link to a case in the document. */
export function caseLink(id: string): Html {
  return html`<a class="id" href="#${anchorOf(id)}">${safeText(id)}</a>`;
}
