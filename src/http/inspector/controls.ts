import { html } from "hono/html";
import { writeDuration } from "../../domain/duration.ts";
import { dotenvValue, environmentVariables } from "../../domain/environment.ts";
import { catalogue } from "../../domain/scenario.ts";
import type { World } from "../../domain/world.ts";
import type { PresentedCredentials } from "../control/merchants.ts";
import { foreign, type Html } from "../ui/html.ts";
import { counted, formatInstant, scenarioInWords } from "./format.ts";
import { copyButton, hiddenFields } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { inputForm } from "./refused-form.ts";

/** Maximum number of worlds in the selection. */
const worldsMax = 100;

/** The part of the page that does not depend on the payment: world, clock, queue and keys. */
export function controls(data: PageData): Html {
  return html`${worldSection(data)} ${clockSection(data)} ${queueSection(data)} ${connectSection(data.credentials)}
    ${endpointSection(data)} ${resetSection(data)}
    <nav class="links" aria-label="Elsewhere">
      <a href="/docs" data-testid="docs-link">API reference</a>
      ${data.withShop ? html`<a href="/demo" data-testid="shop-link">Demo shop</a>` : ""}
      ${data.withSignIn ? signOutForm() : ""}
    </nav>`;
}

function worldSection(data: PageData): Html {
  return html`<section aria-labelledby="world-heading">
    <h2 id="world-heading">World</h2>
    ${data.worlds.length === 1 ? worldName(data.world) : worldForm(data)}
    ${signatureBadges(data)}
  </section>`;
}

function worldName({ settings, processingAccountId }: World): Html {
  return html`<p class="world" data-testid="world">${foreign(settings.merchantName)}
    <span class="quiet id">${processingAccountId}</span></p>`;
}

function worldForm({ worlds, world, demoId }: PageData): Html {
  const shown = [...worlds.slice(0, 1), ...worlds.slice(-worldsMax), world];
  const byId = new Map(shown.map((one) => [one.processingAccountId, one]));
  const hidden = worlds.length - byId.size;
  return html`<form method="get" action="/" class="line">
      <label class="unseen" for="world">World</label>
      <select id="world" name="world" data-testid="world-select">
        ${[...byId.values()].map((one) => worldOption(one, world, demoId))}
      </select>
      <button data-testid="world-switch">Show</button>
    </form>
    ${
      hidden <= 0
        ? ""
        : html`<p class="note">${counted(hidden, "older world")} not in the list:
          open <code>/?world=</code> with the processing account.</p>`
    }`;
}

function worldOption({ settings, processingAccountId: id }: World, current: World, demoId: string): Html {
  const selected = id === current.processingAccountId ? html`selected` : "";
  const name = `${settings.merchantName} · ${id.slice(0, 8)}…`;
  return html`<option value="${id === demoId ? "" : id}" ${selected}>${name}</option>`;
}

function signatureBadges({ requests, address }: PageData): Html {
  const badge = (filter: "unsigned" | "wrong", style: string, noun: string) => {
    const count = requests.filter(({ signature }) => signature === filter).length;
    const url = addressOf(address, { place: "requests", requests: filter, requestCursor: undefined });
    if (count === 0) return [];
    const label = html`${count} ${filter}<span class="unseen"> ${noun}</span>`;
    return [html`<a class="badge ${style}" href="${url}" data-testid="${filter}-badge">${label}</a>`];
  };
  const badges = [...badge("unsigned", "warn", "calls"), ...badge("wrong", "bad", "signatures")];
  return badges.length === 0 ? html`` : html`<p class="badges">${badges}</p>`;
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
        data-testid="clock">${formatInstant(now)}</time>
      <span class="quiet">UTC</span>
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

function queueSection(data: PageData): Html {
  const form = inputForm(data, "scenario");
  return html`<section aria-labelledby="queue-heading">
    <h2 id="queue-heading">Scenario queue</h2>
    ${
      data.queue.length === 0
        ? html`<p class="note" data-testid="queue-empty">The queue is empty: the payer decides.</p>`
        : queueList(data)
    }
    <details id="queue-details" ${form.open}>
      <summary data-testid="queue-open">Queue a scenario</summary>
      <form method="post" action="/inspector/scenarios" class="stack" ${form.attributes}>
        ${hiddenFields(data)} ${form.marker}
        <label for="scenario">Scenario</label>
        <select id="scenario" name="scenario" ${form.attributesOf("scenario")} data-testid="scenario-select">
          ${catalogue.map(({ name, description }) => {
            const selected = name === form.value("scenario") ? "selected" : "";
            return html`<option value="${name}" ${selected}>${name}: ${description}</option>`;
          })}
        </select>
        ${form.problemOf("scenario")}
        <label for="times">How many times</label>
        <div class="line">
          <input id="times" name="times" type="number" min="1" max="1000" value="${form.value("times", "1")}" required
            ${form.attributesOf("times")} data-testid="scenario-times">
          <button class="primary" data-testid="scenario-queue">Queue</button>
        </div>
        ${form.problemOf("times")}
      </form>
    </details>
  </section>`;
}

function queueList(data: PageData): Html {
  return html`<ol class="queue" data-testid="queue">${data.queue.map(
    ({ scenario, times }) => html`<li>${scenarioInWords(scenario)} <span class="quiet">×${times}</span></li>`,
  )}</ol>
    <form method="post" action="/inspector/scenarios/clear">
      ${hiddenFields(data)}<button data-testid="queue-clear">Empty the queue</button>
    </form>`;
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

function connectSection(credentials: PresentedCredentials): Html {
  const lines = environmentVariables(credentials).map(([name, value]) => [name, dotenvValue(value)] as const);
  const block = lines.map(([name, value]) => `${name}=${value}`).join("\n");
  return html`<section aria-labelledby="connect-heading">
    <h2 id="connect-heading">Connect</h2>
    <dl class="environment" data-testid="environment">${lines.map(variable)}</dl>
    ${
      credentials.privateKey === undefined
        ? html`<p class="note">The sandbox has only your public key. Use your own private key.</p>`
        : ""
    }
    <details id="environment-details">
      <summary data-testid="environment-open">As one block</summary>
      <pre id="environment-block" tabindex="0" data-testid="environment-text">${block}</pre>
    </details>
    ${copyButton("environment-block", "Copy all", "copy-all")}
  </section>`;
}

function variable([name, value]: readonly [name: string, value: string]): Html {
  const slug = name.replace("NOMUPAY_", "").toLowerCase().replaceAll("_", "-");
  return html`<div>
      <dt>${name}</dt>
      <dd><code id="env-${slug}">${value}</code>${copyButton(`env-${slug}`, `Copy ${name}`, `copy-${slug}`, true)}</dd>
    </div>`;
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
