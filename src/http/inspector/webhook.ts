import { html } from "hono/html";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import type { SentSignature } from "../../services/scheduling/deliveries.ts";
import { foreign, type Html } from "../ui/html.ts";
import { entryOf } from "./done.ts";
import { counted, foreignUrl, inWords, prettyBody } from "./format.ts";
import { copyButton, copyLink, hiddenFields } from "./forms.ts";
import { addressOf, webhookCommandUrl } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { deliveryTones, explanationCard } from "./payment.ts";
import { explanationsOf } from "./pending-reason.ts";
import { attemptRow, linesOf } from "./timeline.ts";
import { rowItems } from "./timeline-row.ts";
import type { Times } from "./times.ts";
import { webhookSubject } from "./webhook-body.ts";
import type { OpenedWebhook } from "./webhooks-data.ts";

/** Maximum number of attempts on the page. */
const attemptsMax = 40;

/** The state of a delivery in words, with its colour. */
export function deliveryPill(state: NotificationState): Html {
  return html`<span class="pill ${deliveryTones[state]}" data-testid="webhook-state">${inWords(state)}</span>`;
}

/** One webhook: its request, its signatures and its attempts. */
export function webhookPanel(opened: OpenedWebhook, data: PageData): Html {
  const { notification, whole } = opened;
  const { id, state } = notification;
  const why = explanationsOf(whole, data.times).filter((one) => one.id === `webhook-${id}`);
  const list = addressOf(data.address, { notificationId: undefined });
  return html`<article class="webhook" data-testid="webhook" data-state="${state}">
    <p><a class="to-list" href="${list}" data-testid="to-webhooks">All webhooks</a></p>
    <header>
      <p class="id"><span id="webhook-id">${id}</span>
        ${copyButton("webhook-id", "Copy the webhook's id", "copy-webhook-id", true)}</p>
      <h2><span>Webhook of the ${foreign(webhookSubject(notification).report)}</span> ${deliveryPill(state)}</h2>
    </header>
    ${why.map((one) => explanationCard(one, whole, data))}
    ${facts(opened, data)}
    ${actions(opened, why.length > 0, data)}
    ${attemptsSection(opened, data)}
    ${requestSection(opened, data.times)}
  </article>`;
}

function facts({ notification, whole }: OpenedWebhook, { address, times }: PageData): Html {
  const { createTime, paymentId, attempts, nextAttemptTime, plan, queue } = notification;
  const payment = addressOf(address, { place: "payment", paymentId });
  const link = html`<a href="${payment}" data-testid="webhook-payment">${foreign(whole.payment.merchantReference)}</a>`;
  const { webhookUrl } = whole.world.settings;
  const row = (name: string, value: Html | string, testid?: string) =>
    html`<div><dt>${name}</dt><dd ${testid === undefined ? "" : html`data-testid="${testid}"`}>${value}</dd></div>`;
  return html`<dl class="facts">
    ${row("Payment", link)}
    ${row("Endpoint now", webhookUrl === undefined ? "none" : foreignUrl(webhookUrl))}
    ${row("Created", `${times.instant(createTime)} ${times.zone}`)} ${row("Attempts", String(attempts.length))}
    ${
      nextAttemptTime === undefined || queue === "waiting"
        ? ""
        : row("Next attempt", `${times.near(nextAttemptTime, whole.now)} ${times.zone}`, "next-attempt")
    }
    ${plan === undefined ? "" : row("Scenario", inWords(plan))}
  </dl>`;
}

/** @param hasRemedies whether the explanation above has the button that sends it. */
function actions({ notification: { id } }: OpenedWebhook, hasRemedies: boolean, data: PageData): Html {
  if (data.world.settings.webhookUrl === undefined) return html``;
  return html`<div class="buttons">
      ${hasRemedies ? "" : resendForm(id, data)}
      ${copyLink(webhookCommandUrl(id), "Copy as curl, signed now", "copy-webhook-now")}
    </div>`;
}

function resendForm(id: string, data: PageData): Html {
  return html`<form method="post" action="/inspector/notifications/${id}/resend">${hiddenFields(data)}
        <button data-testid="resend">Send again</button></form>`;
}

function requestSection({ notification, request, signatures, whole }: OpenedWebhook, times: Times): Html {
  const { body, attempts } = notification;
  const last = attempts.at(-1);
  const when =
    last === undefined
      ? "as it would be sent now"
      : `as last sent, at ${times.near(last.startedAt, whole.now)} ${times.zone}`;
  const size = new TextEncoder().encode(body).length;
  return html`<section aria-labelledby="request-heading">
    <h3 id="request-heading">Request <span class="quiet">${request === undefined ? "" : when}</span></h3>
    ${
      request === undefined
        ? html`<p class="note" data-testid="no-request">Without an endpoint it has no URL, headers and signature.</p>`
        : html`<pre tabindex="0" data-testid="webhook-headers">POST ${request.url}\n${linesOf(request.headers).join(
            "\n",
          )}</pre>`
    }
    <h4>Body</h4>
    <pre tabindex="0" data-testid="webhook-body">${prettyBody(body)}</pre>
    <details class="panel" id="exact-details">
      <summary data-testid="exact-open">Exact body, ${counted(size, "byte")}</summary>
      <pre tabindex="0" id="exact-body" data-testid="exact-body">${body}</pre>
      ${copyButton("exact-body", "Copy the exact body", "copy-exact-body")}
    </details>
    ${signatures.length === 0 ? "" : html`<h4>Signature</h4>${signatures.map(signatureDetails)} ${detachedNote()}`}
  </section>`;
}

const verdicts: Readonly<Record<SentSignature["verdict"], { readonly tone: string; readonly sentence: string }>> = {
  valid: { tone: "good", sentence: "It is the HMAC-SHA256 of this header and the exact body." },
  wrong: { tone: "bad", sentence: "It is not the signature of this header and the exact body." },
  unknown_key: { tone: "warn", sentence: "The merchant does not have this key any more: it cannot be verified." },
  unreadable: { tone: "bad", sentence: "It is not a detached JWS." },
};

function signatureDetails({ header, verdict, isExpired }: SentSignature): Html {
  const { tone, sentence } = verdicts[verdict];
  const expiry = expiryOf(header?.exp, isExpired);
  const kid = typeof header?.kid === "string" ? html` Key <code>${header.kid}</code>.` : "";
  return html`${
    header === undefined
      ? ""
      : html`<pre tabindex="0" data-testid="signature-header">${JSON.stringify(header, null, 2)}</pre>`
  }
    <p class="verdict" data-testid="signature-verdict"><span class="pill ${tone}">${inWords(verdict)}</span>
      <span>${sentence}${kid}${expiry}</span></p>`;
}

/** Beyond it, an instant has no date. */
const secondsMax = 8.64e12;

/** When a signature expires, as a sentence. */
function expiryOf(exp: unknown, isExpired: boolean): string {
  if (typeof exp !== "number" || Math.abs(exp) > secondsMax) return "";
  const time = new Date(exp * 1000).toISOString();
  return isExpired ? ` It expired at ${time}: a program that checks exp refuses it now.` : ` It expires at ${time}.`;
}

function detachedNote(): Html {
  return html`<p class="note">The payload is detached: between the two dots of <code>X-Signature</code> is nothing. To
    verify, put the base64url of the exact body there. <code>exp</code> is real time, whatever the world's clock
    says.</p>`;
}

function attemptsSection({ notification, whole }: OpenedWebhook, data: PageData): Html {
  const { attempts } = notification;
  if (attempts.length === 0) return html``;
  const shown = attempts.toReversed().slice(0, attemptsMax);
  const rows = shown.map((attempt) => attemptRow({ time: attempt.startedAt, notification, attempt }, whole, data));
  const omitted = attempts.length - shown.length;
  const options = { testid: "attempt", times: data.times, openKey: entryOf(data.done) };
  return html`<section aria-labelledby="attempts-heading">
    <h3 id="attempts-heading">Attempts <span class="quiet">${data.times.zone}, newest first</span></h3>
    <ol class="timeline" data-testid="attempts">${rowItems(rows, options)}
      ${omitted === 0 ? "" : omittedNote(omitted, notification)}</ol>
  </section>`;
}

function omittedNote(count: number, { id }: Notification): Html {
  return html`<li class="note">${counted(count, "earlier attempt")} not shown: GET
    /_sandbox/notifications/${id} returns all.</li>`;
}
