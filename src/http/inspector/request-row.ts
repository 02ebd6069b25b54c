import { html } from "hono/html";
import type { KeptRequest, SignatureVerdict } from "../../domain/logged-request.ts";
import type { World } from "../../domain/world.ts";
import { foreign, type Html, textBetweenTags } from "../ui/html.ts";
import { curlOf, prettyBody, quoted, scenarioInWords } from "./format.ts";
import { copyButton, copyLink } from "./forms.ts";
import { doctorUrl, signedCommandUrl } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import type { TimelineRow } from "./timeline-row.ts";

const verdicts: Readonly<Record<SignatureVerdict, string>> = {
  signed: "signature valid",
  unsigned: "unsigned",
  wrong: "signature wrong",
  ignored: "signature not checked",
};

/** A request and its response as a timeline row. @param count number of equal requests in a row. */
export function requestRow(
  request: KeptRequest,
  { base, world }: Pick<PageData, "base" | "world">,
  key: string,
  count = 1,
): TimelineRow {
  const { method, target, status, signature, scenario, durationMs, at } = request;
  const notes = [
    ...(signature === undefined ? [] : [verdicts[signature]]),
    ...(scenario === undefined ? [] : [`scenario ${scenarioInWords(scenario.scenario)}`]),
    `${durationMs} ms`,
  ];
  const repeated = count === 1 ? "" : html` <span class="quiet">×${count}</span>`;
  const { path, query } = partsOf(target);
  return {
    key,
    time: at,
    tag: "API",
    title: html`${method} <span class="path">${foreign(path)}</span> → ${status}${repeated}`,
    query,
    notes,
    diagnosis: isUnsignedOnly(request) ? undefined : request.diagnosis,
    wrong: status >= 400,
    ...(signature === "wrong" ? { link: html`<p>${doctorLink(request, world)}</p>` } : {}),
    more: { name: "Request and response", testid: "call-open", body: callDetails(request, base, world) },
  };
}

/** The path of a target with shortened ids, and its query string. The details contain the full ids. */
function partsOf(target: string): { readonly path: string; readonly query: string | undefined } {
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  return {
    path: path.replace(/[\w-]{20,}/g, (id) => `${id.slice(0, 4)}…${id.slice(-4)}`),
    query: end < 0 ? undefined : target.slice(end),
  };
}

/** Whether the diagnosis says only that the request is unsigned. */
function isUnsignedOnly({ diagnosis }: KeptRequest): boolean {
  return diagnosis?.startsWith("unsigned") === true;
}

function callDetails(request: KeptRequest, base: string, world: World): Html {
  const { sequence, signature, sentSignature, diagnosis, body, answer, method, target, status } = request;
  const shown = signature === "signed" ? "redacted" : sentSignature;
  const header = shown === undefined ? "" : `\nX-Signature: ${shown}`;
  const sent = `${method} ${target}${header}${body === "" ? "" : `\n\n${prettyBody(body)}`}`;
  const answered = `${status}${answer === "" ? "" : `\n\n${prettyBody(answer)}`}`;
  return html`<h4>Request</h4>
    <pre tabindex="0" data-testid="request-text">${textBetweenTags(sent)}</pre>
    ${
      isUnsignedOnly(request)
        ? html`<p class="note">Without a signature: ${diagnosis}. ${doctorLink(request, world)}</p>`
        : ""
    }
    <h4>Response</h4>
    <pre tabindex="0" data-testid="answer-text">${textBetweenTags(answered)}</pre>
    <h4>As a command</h4>
    ${signature === "signed" ? "" : commandAsSent(request, base)}
    ${copyLink(
      signedCommandUrl(sequence, world.processingAccountId),
      "Copy as curl, with a valid signature",
      "copy-signed",
    )}`;
}

function doctorLink({ sequence }: KeptRequest, { processingAccountId }: World): Html {
  return html`<a href="${doctorUrl(sequence, processingAccountId)}" data-testid="to-doctor">Open in the doctor</a>`;
}

/** The command, unless the log does not have its signature. */
function commandAsSent(request: KeptRequest, base: string): Html {
  const { sequence, sentSignature } = request;
  const curl = `curl-${sequence}`;
  const header = sentSignature === undefined ? undefined : quoted(`X-Signature: ${sentSignature}`);
  const command = textBetweenTags(curlOf(request, base, header));
  return html`<pre tabindex="0" id="${curl}" data-testid="curl-text">${command}</pre>
    ${copyButton(curl, "Copy as curl, as sent", "copy-curl")}`;
}
