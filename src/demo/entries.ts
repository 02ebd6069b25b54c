import { html } from "hono/html";
import type { Html } from "./layout.ts";
import type { Entry } from "./orders.ts";

/** One entry, ready to be shown. */
interface Line {
  readonly tag: string;
  readonly heading: string;
  readonly note: string;
  readonly bad: boolean;
  readonly parts: readonly { readonly title: string; readonly headers: Headers; readonly body: string }[];
}

/** Name and value; under a signature stands what it says. */
type Headers = readonly (readonly [name: string, value: string, explained?: string])[];

/** What the server sent and got, oldest first. Whatever is long is folded. */
export function entryList(entries: readonly Entry[]): Html {
  if (entries.length === 0) return html`<p class="quiet">Nothing yet.</p>`;
  return html`<ol>${entries.map((entry, at) => html`<li>${fold(lineOf(entry), at)}</li>`)}</ol>`;
}

function fold({ tag, heading, note, bad, parts }: Line, at: number): Html {
  const head = html`<span class="tag">${tag}</span><span class="heading">${heading}</span><span class="quiet note">${note}</span>`;
  const look = bad ? "entry bad" : "entry";
  if (parts.length === 0) return html`<div class="${look}" data-testid="entry">${head}</div>`;
  return html`<details class="${look}" id="entry-${at}" data-testid="entry">
    <summary>${head}</summary>
    ${parts.map(
      ({ title, headers, body }) => html`<h3>${title}</h3>
        <dl class="headers">${headers.map(headerRow)}</dl>
        ${body === "" ? "" : html`<pre>${readable(body)}</pre>`}`,
    )}
  </details>`;
}

function headerRow([name, value, explained]: Headers[number]): Html {
  return html`<dt>${name}</dt><dd>${value}${explained === undefined ? "" : html`<br><span class="quiet">${explained}</span>`}</dd>`;
}

function lineOf(entry: Entry): Line {
  switch (entry.kind) {
    case "request":
      return requestLine(entry);
    case "webhook":
      return webhookLine(entry);
    case "return":
      return {
        tag: "Return",
        heading: `${entry.method} ${entry.target}`,
        note: "The payer's browser is back. Nothing in the URL is believed: the shop tracks.",
        ...{ bad: false, parts: [] },
      };
  }
}

function requestLine({ exchange, time, times }: Entry & { kind: "request" }): Line {
  const { method, target, signature, body, answer } = exchange;
  const sent = { title: "Sent", headers: signatureHeader(signature, time), body };
  const heading = `${method} ${target} → ${answer?.status ?? "no answer"}`;
  if (answer === undefined) {
    return { tag: "Request", heading, note: "The connection broke.", bad: true, parts: [sent] };
  }
  const diagnosis: Headers = answer.diagnosis === null ? [] : [["X-Sandbox-Diagnosis", answer.diagnosis]];
  const headers = [...signatureHeader(answer.signature ?? "", time), ...diagnosis];
  const signed = answer.genuine ? "Signed by the provider" : "Not signed by the provider";
  return {
    tag: "Request",
    heading,
    note: times === 1 ? `${signed}.` : `${signed}; the same answer ${times} times.`,
    bad: answer.status >= 400 || !answer.genuine,
    parts: [sent, { title: `Got ${answer.status}`, headers, body: answer.body }],
  };
}

function webhookLine({ headers, signature, body, time, verdict, genuine, status }: Entry & { kind: "webhook" }): Line {
  const others = Object.entries(headers).filter(([name]) => name !== "x-signature");
  return {
    tag: "Webhook",
    heading: `POST /demo/webhooks → ${status ?? "…"}`,
    note: verdict,
    bad: !genuine || status === 500,
    parts: [{ title: "Got", headers: [...others, ...signatureHeader(signature, time)], body }],
  };
}

/** A signature, shortened, and what its header says; both lines where keys are changing. */
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
    return [`alg ${alg}`, `kid ${kid}`, ...(aud === undefined ? [] : [`aud ${aud}`]), `good for ${minutes} min`].join(
      ", ",
    );
  } catch {
    return "cannot be read";
  }
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
