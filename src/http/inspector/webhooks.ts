import { html } from "hono/html";
import type { Notification } from "../../domain/notification.ts";
import { foreign, type Html } from "../ui/html.ts";
import { counted, durationInWords } from "./format.ts";
import { hiddenFields } from "./forms.ts";
import { addressOf, type DeliveryFilter } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import type { Times } from "./times.ts";
import { deliveryPill, webhookPanel } from "./webhook.ts";
import { webhookSubject } from "./webhook-body.ts";
import { deliveryGroups, resentMax, type WebhookList } from "./webhooks-data.ts";

/** The webhooks of the world, or one of them. */
export function webhooksPanel(data: PageData): Html {
  const { webhooks } = data;
  if (webhooks === undefined) throw new Error("the page has no webhooks");
  return "opened" in webhooks ? webhookPanel(webhooks.opened, data) : listPanel(webhooks.list, data);
}

function listPanel(list: WebhookList, data: PageData): Html {
  const { address, world } = data;
  const { data: notifications } = list.page;
  const total = list.countOf(deliveryGroups.all.states);
  return html`<article class="webhooks">
    <a class="back" href="${addressOf(address, { place: "home" })}" data-testid="back">All payments</a>
    <h2>Webhooks</h2>
    ${total === 0 ? "" : html`<p class="quiet">The webhooks of this world, newest first.</p>`}
    ${world.settings.webhookUrl === undefined ? endpointNote(data) : ""}
    ${total === 0 ? firstWebhook(data) : html`${filterLinks(list, data)} ${resendForm(list, data)}`}
    ${
      total > 0 && notifications.length === 0
        ? html`<p class="empty" data-testid="no-webhooks">${noMatch(list)}</p>`
        : html`<ul class="webhook-rows" data-testid="webhooks">${notifications.map((one) => rowOf(one, data))}</ul>`
    }
    ${paging(list, data)}
  </article>`;
}

function endpointNote({ address }: PageData): Html {
  const form = addressOf({ place: "controls", world: address.world });
  return html`<p class="why waiting" data-testid="no-endpoint">
    <span><strong>This world has no webhook endpoint:</strong> nothing is sent. Set it in the
      <a href="${form}#endpoint-url" data-testid="to-endpoint">form for the endpoint</a>, or start the sandbox with
      <code>--webhook-url http://localhost:3000/webhooks</code>.</span></p>`;
}

function firstWebhook(data: PageData): Html {
  return html`<div class="stack" data-testid="first-webhook">
    <h3>No webhook yet</h3>
    <p>The sandbox makes a webhook when a payment is paid, declined or cancelled, fails or expires, and when a refund
      ends. Create a payment, then pay it:</p>
    <form method="post" action="/inspector/payments" class="buttons">
      ${hiddenFields(data)}<button class="primary" data-testid="test-payment">Create a test payment</button>
    </form>
  </div>`;
}

function noMatch({ nextCursor }: WebhookList): string {
  return nextCursor === undefined ? "No webhook matches." : "No match among the last 1,000 webhooks.";
}

function filterLinks({ filter, countOf, isPartial }: WebhookList, { address }: PageData): Html {
  const links = Object.entries(deliveryGroups).map(([name, { label, states }]) => {
    const deliveries = name === "all" ? undefined : (name as DeliveryFilter);
    const url = addressOf(address, { deliveries, deliveryCursor: undefined });
    const current = name === filter ? html`aria-current="page"` : "";
    const count = html`<span class="quiet">${countOf(states).toLocaleString("en")}</span>`;
    return html`<a href="${url}" ${current} data-testid="webhooks-${name}">${label} ${count}</a>`;
  });
  return html`<nav class="filters" aria-label="Which webhooks">${links}</nav>
    ${isPartial ? html`<p class="note">The numbers are those of the newest 1,000 webhooks.</p>` : ""}`;
}

/** The form that resends all webhooks of the filter that failed. */
function resendForm({ filter, countOf }: WebhookList, data: PageData): Html {
  const count = countOf(deliveryGroups[filter].resends);
  if (count === 0 || data.world.settings.webhookUrl === undefined) return html``;
  const which = count > resentMax ? `the newest ${resentMax} of ${count.toLocaleString("en")}` : String(count);
  const label = filter === "unsent" ? `Send ${which} that had no endpoint` : `Resend ${which} that failed`;
  return html`<form method="post" action="/inspector/notifications/resend-failed" class="buttons">
      ${hiddenFields(data)}<input type="hidden" name="deliveries" value="${filter}">
      <button class="primary" data-testid="resend-failed">${label}</button>
    </form>`;
}

function rowOf(notification: Notification, { address, clock, times }: PageData): Html {
  const { id, state, createTime } = notification;
  const { report, merchantReference } = webhookSubject(notification);
  const url = addressOf(address, { notificationId: id });
  return html`<li id="webhook-${id}">
    <a href="${url}" data-testid="webhook-row" data-state="${state}">
      <time datetime="${new Date(createTime).toISOString()}">${times.instant(createTime)}</time>
      <span class="what"><strong>${foreign(report)}</strong>
        <span class="reference">${foreign(merchantReference)}</span></span>
      ${deliveryPill(state)}
      <span class="quiet ${state === "exhausted" ? "wrong" : ""}" data-testid="webhook-note">${notesOf(
        notification,
        clock.now,
        times,
      ).join(" · ")}</span>
    </a>
  </li>`;
}

/** The last attempt, and the next one. */
function notesOf({ attempts, nextAttemptTime, queue }: Notification, now: number, times: Times): string[] {
  const last = attempts.at(-1);
  const waits = queue === "waiting" ? ["waits for another webhook"] : [];
  if (last === undefined) return ["no attempt", ...waits];
  if (queue === "waiting") return [counted(attempts.length, "attempt"), ...waits];
  const next = nextAttemptTime === undefined ? [] : [`next at ${times.near(nextAttemptTime, now)}`];
  const answer = last.answer === undefined ? "no answer" : `answered ${last.answer.status}`;
  const took = `${answer} in ${durationInWords(last.durationMs)}`;
  return [took, counted(attempts.length, "attempt"), ...next];
}

function paging({ page, nextCursor }: WebhookList, { address }: PageData): Html {
  const link = (deliveryCursor: string | undefined, testid: string, label: string) =>
    html`<a href="${addressOf(address, { deliveryCursor })}" data-testid="${testid}">${label}</a>`;
  const older = page.data.length === 0 ? "Search further" : "Older";
  return html`<nav class="paging" aria-label="Pages of webhooks">
      ${address.deliveryCursor === undefined ? "" : link(undefined, "newest-webhooks", "Newest")}
      ${nextCursor === undefined ? "" : link(nextCursor, "older-webhooks", older)}
    </nav>`;
}
