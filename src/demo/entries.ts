import { html } from "hono/html";
import type { Html } from "./html.ts";
import type { Entry } from "./orders.ts";
import type { Reader } from "./reader.ts";
import type { Texts } from "./texts/shape.ts";

/** An entry, formatted for the page. */
interface Row {
  readonly tag: string;
  /** The request line. */
  readonly heading: string;
  /** The status of the response; absent if the entry has none. */
  readonly result?: string | number;
  readonly note: string;
  readonly bad: boolean;
  readonly parts: readonly { readonly title: string; readonly headers: Headers; readonly body: string }[];
}

/** Name, value, and for a signature its decoded claims and a remark on it. */
type Headers = readonly (readonly [name: string, value: string, claims?: string, remark?: string])[];

/** The server's requests and responses, oldest first. Long content is folded. */
export function entryList(reader: Reader, entries: readonly Entry[]): Html {
  const { texts } = reader;
  if (entries.length === 0) return html`<p class="quiet">${texts.nothingYet}</p>`;
  return html`<ol>${entries.map((entry, index) => html`<li>${fold(rowOf(texts, entry), index)}</li>`)}</ol>`;
}

function fold({ tag, heading, result, note, bad, parts }: Row, index: number): Html {
  const response = result === undefined ? "" : ` → ${result}`;
  const line = html`<span class="heading"><span lang="en">${heading}</span>${response}</span>`;
  const head = html`<span class="tag">${tag}</span>${line}<span class="quiet note">${note}</span>`;
  const style = bad ? "entry bad" : "entry";
  if (parts.length === 0) return html`<div class="${style}" data-testid="entry">${head}</div>`;
  return html`<details class="${style}" id="entry-${index}" data-testid="entry">
    <summary>${head}</summary>
    ${parts.map(
      ({ title, headers, body }) => html`<h3>${title}</h3>
        <dl class="headers">${headers.map(headerRow)}</dl>
        ${body === "" ? "" : html`<pre lang="en">${readable(body)}</pre>`}`,
    )}
  </details>`;
}

function headerRow([name, value, claims = "", remark]: Headers[number]): Html {
  const explained = html`<br><span class="quiet"><span lang="en">${claims}</span>${remark}</span>`;
  const explanation = remark === undefined ? "" : explained;
  return html`<dt>${name}</dt><dd><span lang="en">${value}</span>${explanation}</dd>`;
}

function rowOf(texts: Texts, entry: Entry): Row {
  switch (entry.kind) {
    case "request":
      return requestRow(texts, entry);
    case "webhook":
      return webhookRow(texts, entry);
    case "return":
      return {
        tag: texts.return,
        heading: `${entry.method} ${entry.target}`,
        note: texts.returned,
        bad: false,
        parts: [],
      };
  }
}

function requestRow(texts: Texts, { exchange, time, times }: Entry & { kind: "request" }): Row {
  const { method, target, signature, body, answer } = exchange;
  const tag = texts.request;
  const sent = { title: texts.sent, headers: signatureHeader(texts, signature, time), body };
  const heading = `${method} ${target}`;
  if (answer === undefined) {
    return { tag, heading, result: texts.noResponse, note: texts.connectionFailed, bad: true, parts: [sent] };
  }
  const { status, genuine, diagnosis } = answer;
  const diagnosed: Headers = diagnosis === null ? [] : [["X-Sandbox-Diagnosis", diagnosis]];
  const headers = [...signatureHeader(texts, answer.signature ?? "", time), ...diagnosed];
  return {
    tag,
    heading,
    result: status,
    note: texts.signed(genuine, times),
    bad: status >= 400 || !genuine,
    parts: [sent, { title: `${texts.received} ${status}`, headers, body: answer.body }],
  };
}

function webhookRow(texts: Texts, entry: Entry & { kind: "webhook" }): Row {
  const { headers, signature, body, time, verdict, genuine, status } = entry;
  const others = Object.entries(headers).filter(([name]) => name !== "x-signature");
  return {
    tag: texts.webhook,
    heading: "POST /demo/webhooks",
    result: status ?? "…",
    note: texts.verdicts[verdict],
    bad: !genuine || status === 500 || verdict === "other_amount" || verdict === "other_payment",
    parts: [{ title: texts.received, headers: [...others, ...signatureHeader(texts, signature, time)], body }],
  };
}

/** Shortened signatures with their claims. During a key rotation there are two. */
function signatureHeader(texts: Texts, signatures: string, time: number): Headers {
  return signatures.split(/,\s*/).map((signature) => {
    const short = signature.length > 32 ? `${signature.slice(0, 32)}…` : signature;
    const [claims, remark] = signature === "" ? ["", texts.missing] : claimsOf(texts, signature, time);
    return ["X-Signature", short, claims, remark];
  });
}

function claimsOf(texts: Texts, signature: string, time: number): [claims: string, remark: string] {
  try {
    const [header = ""] = signature.split(".");
    const { alg, kid, aud, exp } = JSON.parse(Buffer.from(header, "base64url").toString());
    const minutes = Math.round((exp - time / 1000) / 60);
    const claims = [`alg ${alg}`, `kid ${kid}`, ...(aud === undefined ? [] : [`aud ${aud}`])];
    return [`${claims.join(", ")}, `, texts.validFor(minutes)];
  } catch {
    return ["", texts.unreadable];
  }
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
