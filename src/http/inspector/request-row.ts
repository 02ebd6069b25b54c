import { html } from "hono/html";
import type { KeptRequest, SignatureVerdict } from "../../domain/logged-request.ts";
import { foreign, type Html } from "../ui/html.ts";
import { curlOf, prettyBody, scenarioInWords } from "./format.ts";
import { copyButton } from "./forms.ts";
import type { TimelineRow } from "./timeline-row.ts";

const verdicts: Readonly<Record<SignatureVerdict, string>> = {
  signed: "signature valid",
  unsigned: "unsigned",
  wrong: "signature wrong",
  ignored: "signature not checked",
};

/** A request and its response as a timeline row. @param count number of equal requests in a row. */
export function requestRow(request: KeptRequest, base: string, key: string, count = 1): TimelineRow {
  const { method, target, status, signature, scenario, durationMs, at } = request;
  const notes = [
    ...(signature === undefined ? [] : [verdicts[signature]]),
    ...(scenario === undefined ? [] : [`scenario ${scenarioInWords(scenario.scenario)}`]),
    `${durationMs} ms`,
  ];
  const repeated = count === 1 ? "" : html` <span class="quiet">×${count}</span>`;
  return {
    key,
    time: at,
    tag: "API",
    title: html`${method} ${foreign(shortTarget(target))} → ${status}${repeated}`,
    notes,
    diagnosis: isUnsignedOnly(request) ? undefined : request.diagnosis,
    wrong: status >= 400,
    more: { name: "Request and response", testid: "call-open", body: callDetails(request, base) },
  };
}

/** A target with shortened ids. The details contain the full ids. */
function shortTarget(target: string): string {
  return target.replace(/^[^?]+/, (path) => path.replace(/[\w-]{20,}/g, (id) => `${id.slice(0, 4)}…${id.slice(-4)}`));
}

/** Whether the diagnosis says only that the request is unsigned. */
function isUnsignedOnly({ diagnosis }: KeptRequest): boolean {
  return diagnosis?.startsWith("unsigned") === true;
}

function callDetails(request: KeptRequest, base: string): Html {
  const { sequence, signature, diagnosis, body, answer, method, target, status } = request;
  const isSigned = signature === "signed" || signature === "wrong";
  const header = isSigned ? "\nX-Signature: redacted" : "";
  const sent = `${method} ${target}${header}${body === "" ? "" : `\n\n${prettyBody(body)}`}`;
  const curl = `curl-${sequence}`;
  return html`<h4>Request</h4>
    <pre tabindex="0" data-testid="request-text">${sent}</pre>
    ${isUnsignedOnly(request) ? html`<p class="note">Without a signature: ${diagnosis}.</p>` : ""}
    <h4>Response</h4>
    <pre tabindex="0" data-testid="answer-text">${status}${answer === "" ? "" : `\n\n${prettyBody(answer)}`}</pre>
    <h4>As a command</h4>
    <pre tabindex="0" id="${curl}" data-testid="curl-text">${curlOf(request, base)}</pre>
    ${copyButton(curl, "Copy as curl", "copy-curl")}`;
}
