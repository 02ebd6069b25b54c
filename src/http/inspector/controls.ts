import { html } from "hono/html";
import { writeDuration } from "../../domain/duration.ts";
import { foreign, type Html } from "../ui/html.ts";
import { hiddenFields } from "./forms.ts";
import type { PageData } from "./page-data.ts";
import { queueSection } from "./queue.ts";
import { inputForm } from "./refused-form.ts";
import { rulesLink } from "./rules.ts";

/** The part of the page that does not depend on the payment: clock, queue and endpoint. */
export function controls(data: PageData): Html {
  return html`${clockSection(data)} ${queueSection(data)}
    ${endpointSection(data)} ${resetSection(data)}
    <nav class="links" aria-label="Elsewhere">
      ${rulesLink(data, "to-rules")}
      <a href="/docs" data-testid="docs-link">API reference</a>
      ${data.withShop ? html`<a href="/demo" data-testid="shop-link">Demo shop</a>` : ""}
      ${data.withSignIn ? signOutForm() : ""}
    </nav>`;
}

function clockSection(data: PageData): Html {
  const { mode, now } = data.clock;
  const tone = mode === "frozen" ? "warn" : "good";
  const step = (by: string, label: string, testid: string) =>
    html`<button name="by" value="${by}" data-testid="${testid}">${label}</button>`;
  const form = inputForm(data, "advance");
  return html`<section aria-labelledby="clock-heading">
    <h2 id="clock-heading">Clock <span class="pill ${tone}" data-testid="clock-mode">${mode}</span></h2>
    <p class="clock">
      <time datetime="${new Date(now).toISOString()}" data-clock="${mode}" data-now="${now}"
        data-offset="${data.times.offsetMs}" data-testid="clock">${data.times.instant(now)}</time>
      <span class="quiet">${data.times.zone}</span>
    </p>
    <div class="buttons">
      <form method="post" action="/inspector/clock">
        ${hiddenFields(data)}
        ${
          mode === "frozen"
            ? html`<button name="mode" value="running" data-testid="clock-run">Run</button>`
            : html`<button name="mode" value="frozen" data-testid="clock-freeze">Freeze</button>`
        }
      </form>
      <form method="post" action="/inspector/clock/advance" class="buttons">
        ${hiddenFields(data)} ${step("PT1M", "+1 min", "advance-1-min")} ${step("PT30M", "+30 min", "advance-30-min")}
      </form>
    </div>
    <form method="post" action="/inspector/clock/advance" class="line" ${form.attributes}>
      ${hiddenFields(data)} ${form.marker}
      <label class="unseen" for="by">Duration to advance by, such as 30m, 1h30m or 2d</label>
      <input id="by" name="by" required placeholder="1h30m" autocomplete="off" spellcheck="false"
        value="${form.value("by")}" ${form.attributesOf("by")} data-testid="advance-by">
      <button data-testid="advance">Advance</button>
      ${form.problemOf("by")}
    </form>
  </section>`;
}

function endpointSection(data: PageData): Html {
  const { webhookUrl, webhookTimeoutMs } = data.world.settings;
  const form = inputForm(data, "endpoint");
  return html`<section aria-labelledby="endpoint-heading">
    <h2 id="endpoint-heading">Webhook endpoint</h2>
    ${
      webhookUrl === undefined
        ? html`<p class="note" data-testid="endpoint">No endpoint is set.</p>`
        : html`<p class="id" data-testid="endpoint">${foreign(webhookUrl)}</p>`
    }
    <details id="endpoint-details" ${form.open}>
      <summary data-testid="endpoint-open">${webhookUrl === undefined ? "Set an endpoint" : "Change it"}</summary>
      <form method="post" action="/inspector/endpoint" class="stack" ${form.attributes}>
        ${hiddenFields(data)} ${form.marker}
        <label for="endpoint-url">URL; empty removes the endpoint</label>
        <input id="endpoint-url" name="webhookUrl" type="url" inputmode="url" autocomplete="off" spellcheck="false"
          value="${form.value("webhookUrl", webhookUrl)}" placeholder="http://localhost:3000/webhooks"
          ${form.attributesOf("webhookUrl")} data-testid="endpoint-url">
        ${form.problemOf("webhookUrl")}
        <p class="note">Timeout of a webhook: ${writeDuration(webhookTimeoutMs)}.</p>
        <button class="primary" data-testid="endpoint-save">Save</button>
      </form>
    </details>
  </section>`;
}

function resetSection(data: PageData): Html {
  return html`<section aria-labelledby="reset-heading">
    <h2 id="reset-heading" class="unseen">Reset</h2>
    <details id="reset-details" class="danger">
      <summary data-testid="reset-open">Reset this world…</summary>
      <form method="post" action="/inspector/reset" class="stack">
        ${hiddenFields(data)}
        <p>This deletes its payments, refunds, webhooks and calls, and restores its first clock and settings.</p>
        <button class="danger" data-testid="reset-confirm">Reset it</button>
      </form>
    </details>
  </section>`;
}

function signOutForm(): Html {
  return html`<form method="post" action="/inspector/sign-out"><button data-testid="sign-out">Sign out</button></form>`;
}
