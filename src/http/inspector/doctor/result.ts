import { html } from "hono/html";
import { foreign, type Html } from "../../ui/html.ts";
import { counted } from "../format.ts";
import { copyButton } from "../forms.ts";
import { addressOf, doctorPath, signedCommandUrl } from "../page-address.ts";
import type { PageData } from "../page-data.ts";
import { comparisonSection } from "./comparison.ts";
import type { Examination, HeaderMember } from "./examination.ts";
import { worldField } from "./world-field.ts";

/** The result of an examination. */
export function examinationResult(examination: Examination, data: PageData): Html {
  const { title, ok, sentence, notes, header, comparisons, subject } = examination;
  const style = ok === undefined ? "" : ok ? "right" : "wrong";
  return html`<section class="result" aria-labelledby="result-heading" data-testid="doctor-result">
    <h3 id="result-heading">${foreign(title)}</h3>
    ${callLinks(examination, data)}
    <p class="why ${style}" data-testid="doctor-sentence">${foreign(sentence)}</p>
    ${notes.map((note) => html`<p class="note" data-testid="doctor-note">${foreign(note)}</p>`)}
    ${header === undefined ? "" : headerSection(header)}
    ${comparisons.map((comparison) => comparisonSection(comparison, comparisons, subject === "message"))}
    ${signatureSection(examination, data)}
    ${mistakeSection(examination)} ${checkSection(examination)}
  </section>`;
}

function callLinks({ call }: Examination, { address, world }: PageData): Html {
  if (call === undefined) return html``;
  const { paymentId, sequence } = call;
  const payment = paymentId && addressOf(address, { place: "payment", paymentId, request: undefined });
  const command = signedCommandUrl(sequence, world.processingAccountId);
  return html`<p>${payment ? html`<a href="${payment}" data-testid="request-payment">Its payment</a> · ` : ""}<a
      href="${command}" data-testid="doctor-command">As a curl command with a valid signature</a></p>`;
}

const verdicts: Readonly<Record<HeaderMember["verdict"], { readonly label: string; readonly style: string }>> = {
  ok: { label: "Right", style: "good" },
  wrong: { label: "Wrong", style: "bad" },
  unknown: { label: "Not checked", style: "warn" },
  ignored: { label: "Ignored", style: "" },
};

function headerSection(header: readonly HeaderMember[]): Html {
  return html`<h4>Protected header, decoded</h4>
    <ul class="members" data-testid="doctor-header">
      ${header.map(({ name, given, expected, verdict }) => {
        const { label, style } = verdicts[verdict];
        const value = given === undefined ? html`<span class="quiet">(missing)</span>` : given;
        const wanted =
          expected === undefined || expected === given
            ? ""
            : html`<p class="quiet">Expected: <code>${foreign(expected)}</code></p>`;
        return html`<li data-testid="doctor-member">
        <code>${foreign(JSON.stringify(name))}: ${typeof value === "string" ? foreign(value) : value}</code>
        <span class="pill ${style}">${label}</span>
        ${wanted}</li>`;
      })}
    </ul>`;
}

function signatureSection(examination: Examination, data: PageData): Html {
  const { signature, header, canSign, subject, call } = examination;
  if (signature === undefined && !canSign) return html``;
  const name = subject === "message" ? "X-Signature, as received" : "X-Signature, as sent";
  const none =
    call?.signature === "wrong" && call.sentSignature !== undefined ? "The log did not keep it." : "There is none.";
  const given =
    signature === undefined || header === undefined
      ? html`<p class="note">${signature === undefined ? none : "It is unreadable, so it may be a secret."}</p>`
      : html`<pre id="given-signature" tabindex="0" data-testid="doctor-signature">${signature}</pre>
        ${copyButton("given-signature", "Copy", "copy-given-signature")}`;
  return html`<div class="sides">
      <div><h4>${name}</h4>${given}</div>
      ${canSign ? html`<div><h4>A valid X-Signature for it</h4>${madeSignature(examination, data)}</div>` : ""}
    </div>`;
}

function madeSignature(examination: Examination, data: PageData): Html {
  const { made } = examination;
  if (made === undefined) return signButton(examination, data);
  const [text, note] =
    "signature" in made
      ? [made.signature, "Made now with the key of this world. It is valid for almost five minutes."]
      : [made.command, "The sandbox has only your public key: the command signs with your own in private-key.pem."];
  return html`<pre id="valid-signature" tabindex="0" data-testid="doctor-valid-signature">${text}</pre>
    ${copyButton("valid-signature", "Copy", "copy-valid-signature")}
    <p class="note">${note}</p>`;
}

function signButton({ call }: Examination, data: PageData): Html {
  const label = "Sign this for me";
  if (call === undefined) {
    return html`<button form="doctor-request" name="sign" value="yes" data-testid="doctor-sign">${label}</button>`;
  }
  return html`<form method="post" action="${doctorPath}">${worldField(data)}
      <input type="hidden" name="request" value="${call.sequence}">
      <button name="sign" value="yes" data-testid="doctor-sign">${label}</button></form>`;
}

function mistakeSection({ mistakes = [] }: Examination): Html {
  if (mistakes.length === 0) return html``;
  return html`<h4>Usual mistakes of a program that refuses it, likeliest first</h4>
    <ul class="mistakes" data-testid="doctor-mistakes">${mistakes.map(
      ({ cause, computed }) => html`<li>Your program ${foreign(cause)}.
        ${computed === undefined ? "" : html`<span class="quiet">It computes <code>${computed}</code></span>`}</li>`,
    )}</ul>`;
}

function checkSection({ checks }: Examination): Html {
  if (checks.length === 0) return html``;
  return html`<details class="panel">
    <summary data-testid="doctor-checks-open">${counted(checks.length, "check")}</summary>
    <ul class="members" data-testid="doctor-checks">${checks.map(({ name, verdict, sentence }) => {
      const { label, style } = verdicts[verdict];
      return html`<li><code>${name}</code> <span class="pill ${style}">${label}</span>
        <p>${foreign(sentence)}</p></li>`;
    })}</ul>
  </details>`;
}
