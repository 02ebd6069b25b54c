import { html } from "hono/html";
import type { KeptRequest, SignatureVerdict } from "../../domain/logged-request.ts";
import type { Html } from "../ui/layout.ts";
import { curlOf, foreign, prettyBody, scenarioInWords } from "./format.ts";
import { copyButton } from "./forms.ts";
import type { TimelineRow } from "./timeline-row.ts";

const verdicts: Readonly<Record<SignatureVerdict, string>> = {
  signed: "signature valid",
  unsigned: "unsigned",
  wrong: "signature wrong",
  ignored: "signature not looked at",
};

/** A request and what was answered, as one line. @param count how many were alike. */
export function callLine(request: KeptRequest, base: string, key: string, count = 1): TimelineRow {
  const { method, target, status, signature, diagnosis, scenario, durationMs, at } = request;
  const words = [
    ...(signature === undefined ? [] : [verdicts[signature]]),
    ...(scenario === undefined ? [] : [`struck by ${scenarioInWords(scenario.scenario)}`]),
    `${durationMs} ms`,
  ];
  return {
    key,
    time: at,
    tag: "API",
    title: html`${method} ${foreign(shortTarget(target))} → ${status}${count === 1 ? "" : html` <span class="quiet">×${count}</span>`}`,
    words,
    diagnosis: signature === "wrong" ? diagnosis : undefined,
    wrong: status >= 400,
    more: { name: "Request and answer", testid: "call-open", body: callDetails(request, base) },
  };
}

/** A path whose long ids are cut: they stand in the request itself. */
function shortTarget(target: string): string {
  return target.replace(/^[^?]+/, (path) => path.replace(/[\w-]{20,}/g, (id) => `${id.slice(0, 4)}…${id.slice(-4)}`));
}

function callDetails(request: KeptRequest, base: string): Html {
  const { sequence, signature, diagnosis, body, answer, method, target, status } = request;
  const signed = signature === "signed" || signature === "wrong";
  const curl = `curl-${sequence}`;
  return html`<h4>Request</h4>
    <pre tabindex="0" data-testid="request-text">${method} ${target}${signed ? "\nX-Signature: redacted" : ""}${body === "" ? "" : `\n\n${prettyBody(body)}`}</pre>
    ${signature === "unsigned" ? html`<p class="note">Without a signature: ${diagnosis}.</p>` : ""}
    <h4>Answer</h4>
    <pre tabindex="0" data-testid="answer-text">${status}${answer === "" ? "" : `\n\n${prettyBody(answer)}`}</pre>
    <h4>As a command</h4>
    <pre tabindex="0" id="${curl}" data-testid="curl-text">${curlOf(request, base)}</pre>
    ${copyButton(curl, "Copy as curl", "copy-curl")}`;
}
