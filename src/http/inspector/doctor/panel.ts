import { html, raw } from "hono/html";
import { foreign, type Html } from "../../ui/html.ts";
import { formatInstant } from "../format.ts";
import { addressOf, doctorPath, doctorUrl } from "../page-address.ts";
import type { PageData } from "../page-data.ts";
import type { DoctorView } from "./examination.ts";
import { examinationResult } from "./result.ts";
import { worldField } from "./world-field.ts";

/** The doctor: the diagnosis of a signature, and boxes to paste requests and messages into. */
export function doctorPanel(data: PageData): Html {
  const { address, doctor } = data;
  if (doctor === undefined) throw new Error("the page of the doctor has no data");
  const { examination, problem } = doctor;
  return html`<article class="doctor-page" data-testid="doctor">
    <a class="back" href="${addressOf(address, { place: "home" })}" data-testid="back">All payments</a>
    <h2>Doctor</h2>
    <p class="quiet">Says why a signature is refused, and what to change. Nothing that you paste here is stored.</p>
    ${problem !== undefined && problem.form === undefined ? problemNote(problem.text) : ""}
    ${examination === undefined ? wrongCalls(data) : examinationResult(examination, data)}
    ${requestForm(doctor, data)} ${messageForm(doctor, data)}
  </article>`;
}

/** Maximum number of listed calls. */
const callsMax = 5;

/** The latest calls with a wrong signature. */
function wrongCalls({ requests, address, world }: PageData): Html {
  const calls = requests.filter(({ signature }) => signature === "wrong");
  if (calls.length === 0) return html``;
  const all = addressOf(address, { place: "requests", requests: "wrong", request: undefined });
  return html`<section aria-labelledby="calls-heading">
    <h3 id="calls-heading">Calls with a wrong signature</h3>
    <ul class="things">${calls.slice(0, callsMax).map(({ sequence, method, target, at, diagnosis = "" }) => {
      const url = doctorUrl(sequence, world.processingAccountId);
      return html`<li><a href="${url}" data-testid="doctor-call">${foreign(`${method} ${target}`)}</a>
        <span class="quiet">${formatInstant(at)}</span> <p class="note">${foreign(diagnosis)}</p></li>`;
    })}</ul>
    ${calls.length > callsMax ? html`<p><a href="${all}" data-testid="doctor-calls">All ${calls.length}</a></p>` : ""}
  </section>`;
}

function problemNote(text: string): Html {
  return html`<p class="why wrong" role="alert" id="doctor-problem" data-testid="doctor-problem">${foreign(text)}</p>`;
}

/** Attributes of a form's main field: its problem describes it. */
function invalid({ problem }: DoctorView, form: "request" | "message"): Html | "" {
  return problem?.form === form ? html`aria-invalid="true" aria-describedby="doctor-problem"` : "";
}

function requestForm(doctor: DoctorView, data: PageData): Html {
  const { problem, examination, request } = doctor;
  const isOpen = examination?.subject === "request" || problem?.form === "request" || isUntouched(doctor);
  return html`<details class="panel" ${isOpen ? "open" : ""}>
    <summary data-testid="doctor-request-open">Paste a request that the sandbox refuses</summary>
    <form class="stack" method="post" action="${doctorPath}" id="doctor-request">
      ${worldField(data)}<input type="hidden" name="about" value="request">
      ${problem?.form === "request" ? problemNote(problem.text) : ""}
      <label for="doctor-request-text">A curl command, or the raw request: method and URL, headers, an empty line, and
        the exact body</label>
      <textarea id="doctor-request-text" name="text" rows="9" spellcheck="false" autocomplete="off" required
        placeholder="${requestExample}" data-testid="doctor-request-text" ${invalid(doctor, "request")}>
${textIn(request)}</textarea>
      <div class="buttons"><button class="primary" data-testid="doctor-request-go">Examine the request</button></div>
    </form>
  </details>`;
}

const requestExample = `POST /v1/payments?idempotencyKey=1001 HTTP/1.1
X-Signature: eyJhbGciOiJFUzI1NiIs…..kXy1…

{"merchantReference":"order-1001", …}`;

const messageExample = `X-Signature: eyJhbGciOiJIUzI1NiIs…..q83v…

{"id":"…", …}`;

function messageForm(doctor: DoctorView, data: PageData): Html {
  const { problem, examination, message } = doctor;
  const isOpen = examination?.subject === "message" || problem?.form === "message";
  const option = (kind: "webhook" | "response", label: string) =>
    html`<option value="${kind}" ${kind === message.kind ? "selected" : ""}>${label}</option>`;
  const input = (name: "url" | "hmacKey" | "computed", id: string, type: string, label: string) => html`<div>
        <label for="${id}">${label}</label>
        <input id="${id}" name="${name}" type="${type}" value="${message[name]}" autocomplete="off" spellcheck="false"
          data-testid="${id}"></div>`;
  return html`<details class="panel" ${isOpen ? "open" : ""}>
    <summary data-testid="doctor-message-open">Paste a webhook or response that your program refuses</summary>
    <form class="stack" method="post" action="${doctorPath}">
      ${worldField(data)}<input type="hidden" name="about" value="message">
      ${problem?.form === "message" ? problemNote(problem.text) : ""}
      <div class="pair">
        <div><label for="doctor-kind">What your program received</label>
          <select id="doctor-kind" name="kind" data-testid="doctor-kind">
            ${option("webhook", "A webhook")}${option("response", "A response of the API")}</select></div>
        ${input("url", "doctor-url", "text", "For a webhook: the URL that your program compares with aud")}
      </div>
      <label for="doctor-message-text">The headers with X-Signature, an empty line, and the body that your program
        verifies</label>
      <textarea id="doctor-message-text" name="text" rows="9" spellcheck="false" autocomplete="off" required
        placeholder="${messageExample}" data-testid="doctor-message-text" ${invalid(doctor, "message")}>
${textIn(message.text)}</textarea>
      <div class="pair">
        ${input("hmacKey", "doctor-hmac-key", "password", "Optional: the shared secret that your program uses")}
        ${input("computed", "doctor-computed", "text", "Optional: the signature that your program computes")}
      </div>
      <div class="buttons"><button class="primary" data-testid="doctor-message-go">Examine the message</button></div>
    </form>
  </details>`;
}

function isUntouched({ problem, examination }: DoctorView): boolean {
  return problem?.form === undefined && examination === undefined;
}

/** A text in a `textarea`, where only these two characters have a meaning: quotation marks stay short. */
function textIn(text: string): Html {
  return raw(text.replace(/[&<]/g, (character) => (character === "&" ? "&amp;" : "&lt;")));
}
