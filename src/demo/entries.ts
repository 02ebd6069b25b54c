import { html } from "hono/html";
import type { Html } from "./html.ts";
import type { Entry } from "./orders.ts";

/** An entry, formatted for the page. */
interface Row {
  readonly tag: string;
  readonly heading: string;
  readonly note: string;
  readonly bad: boolean;
  readonly parts: readonly { readonly title: string; readonly headers: Headers; readonly body: string }[];
}

/** Name, value, and for a signature its decoded claims. */
type Headers = readonly (readonly [name: string, value: string, explained?: string])[];

/** The server's requests and responses, oldest first. Long content is folded. */
export function entryList(entries: readonly Entry[]): Html {
  if (entries.length === 0) return html`<p class="quiet">Nothing yet.</p>`;
  return html`<ol>${entries.map((entry, index) => html`<li>${fold(rowOf(entry), index)}</li>`)}</ol>`;
}

function fold({ tag, heading, note, bad, parts }: Row, index: number): Html {
  const title = html`<span class="tag">${tag}</span><span class="heading">${heading}</span>`;
  const head = html`${title}<span class="quiet note">${note}</span>`;
  const style = bad ? "entry bad" : "entry";
  if (parts.length === 0) return html`<div class="${style}" data-testid="entry">${head}</div>`;
  return html`<details class="${style}" id="entry-${index}" data-testid="entry">
    <summary>${head}</summary>
    ${parts.map(
      ({ title, headers, body }) => html`<h3>${title}</h3>
        <dl class="headers">${headers.map(headerRow)}</dl>
        ${body === "" ? "" : html`<pre>${readable(body)}</pre>`}`,
    )}
  </details>`;
}

function headerRow([name, value, explained]: Headers[number]): Html {
  const explanation = explained === undefined ? "" : html`<br><span class="quiet">${explained}</span>`;
  return html`<dt>${name}</dt><dd>${value}${explanation}</dd>`;
}

function rowOf(entry: Entry): Row {
  switch (entry.kind) {
    case "request":
      return requestRow(entry);
    case "webhook":
      return webhookRow(entry);
    case "return":
      return {
        tag: "Return",
        heading: `${entry.method} ${entry.target}`,
        note: "The payer's browser returned. The shop ignores the URL's content and tracks the payment.",
        bad: false,
        parts: [],
      };
  }
}

function requestRow({ exchange, time, times }: Entry & { kind: "request" }): Row {
  const { method, target, signature, body, answer } = exchange;
  const sent = { title: "Sent", headers: signatureHeader(signature, time), body };
  const heading = `${method} ${target} → ${answer?.status ?? "no response"}`;
  if (answer === undefined) {
    return { tag: "Request", heading, note: "The connection failed.", bad: true, parts: [sent] };
  }
  const diagnosis: Headers = answer.diagnosis === null ? [] : [["X-Sandbox-Diagnosis", answer.diagnosis]];
  const headers = [...signatureHeader(answer.signature ?? "", time), ...diagnosis];
  const signed = answer.genuine ? "Signed by the provider" : "Not signed by the provider";
  return {
    tag: "Request",
    heading,
    note: times === 1 ? `${signed}.` : `${signed}; the same response ${times} times.`,
    bad: answer.status >= 400 || !answer.genuine,
    parts: [sent, { title: `Received ${answer.status}`, headers, body: answer.body }],
  };
}

function webhookRow({ headers, signature, body, time, verdict, genuine, status }: Entry & { kind: "webhook" }): Row {
  const others = Object.entries(headers).filter(([name]) => name !== "x-signature");
  return {
    tag: "Webhook",
    heading: `POST /demo/webhooks → ${status ?? "…"}`,
    note: verdict,
    bad: !genuine || status === 500,
    parts: [{ title: "Received", headers: [...others, ...signatureHeader(signature, time)], body }],
  };
}

/** Shortened signatures with their claims. During a key rotation there are two. */
function signatureHeader(signatures: string, time: number): Headers {
  return signatures.split(/,\s*/).map((signature) => {
    const short = signature.length > 32 ? `${signature.slice(0, 32)}…` : signature;
    return ["X-Signature", short || "missing", claimsOf(signature, time)];
  });
}

function claimsOf(signature: string, time: number): string {
  try {
    const [header = ""] = signature.split(".");
    const { alg, kid, aud, exp } = JSON.parse(Buffer.from(header, "base64url").toString());
    const minutes = Math.round((exp - time / 1000) / 60);
    return [`alg ${alg}`, `kid ${kid}`, ...(aud === undefined ? [] : [`aud ${aud}`]), `valid for ${minutes} min`].join(
      ", ",
    );
  } catch {
    return "unreadable";
  }
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
