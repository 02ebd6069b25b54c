import { html } from "hono/html";
import { writeDuration } from "../../domain/duration.ts";
import { dotenvValue, environmentVariables } from "../../domain/environment.ts";
import { catalogue } from "../../domain/scenario.ts";
import type { World } from "../../domain/world.ts";
import type { PresentedCredentials } from "../control/merchants.ts";
import type { Html } from "../ui/layout.ts";
import { counted, foreign, formatInstant, scenarioInWords } from "./format.ts";
import { copyButton, hiddenFields } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";

/** So many worlds does the choice offer; the others by their address. */
const worldsMax = 100;

/** Everything that is there whatever payment one looks at: the world, its clock, its queue, its keys. */
export function controls(scene: PageData): Html {
  return html`${worldSection(scene)} ${clockSection(scene)} ${queueSection(scene)} ${connectSection(scene.credentials)}
    ${endpointSection(scene)} ${resetSection(scene)}
    <nav class="links" aria-label="Elsewhere">
      <a href="/docs" data-testid="docs-link">API reference</a>
      ${scene.withShop ? html`<a href="/demo" data-testid="shop-link">Demo shop</a>` : ""}
      ${scene.withSignIn ? signOutForm() : ""}
    </nav>`;
}

function worldSection({ worlds, world, demoId, requests, view }: PageData): Html {
  const latest = worlds.slice(-worldsMax);
  const offered = [...new Set([...worlds.slice(0, 1), ...latest, world].map((one) => one.processingAccountId))];
  const byId = new Map(worlds.map((one) => [one.processingAccountId, one]));
  const unsigned = requests.filter(({ signature }) => signature === "unsigned").length;
  const wrong = requests.filter(({ signature }) => signature === "wrong").length;
  const log = (filter: "unsigned" | "wrong") =>
    addressOf(view, { place: "requests", requests: filter, requestCursor: undefined });
  return html`<section aria-labelledby="world-heading">
    <h2 id="world-heading">World</h2>
    ${
      worlds.length === 1
        ? html`<p class="world" data-testid="world">${foreign(world.settings.merchantName)} <span class="quiet id">${world.processingAccountId}</span></p>`
        : html`<form method="get" action="/" class="line">
          <label class="unseen" for="world">World</label>
          <select id="world" name="world" data-testid="world-select">
            ${offered.map((id) => {
              const chosen = id === world.processingAccountId;
              return html`<option value="${id === demoId ? "" : id}" ${chosen ? "selected" : ""}>${nameOf(byId.get(id) ?? world)}</option>`;
            })}
          </select>
          <button data-testid="world-switch">Show</button>
        </form>`
    }
    ${worlds.length > offered.length ? html`<p class="note">${counted(worlds.length - offered.length, "older world")} not in the list: open <code>/?world=</code> with the processing account.</p>` : ""}
    ${
      unsigned + wrong === 0
        ? ""
        : html`<p class="badges">
          ${unsigned === 0 ? "" : html`<a class="badge warn" href="${log("unsigned")}" data-testid="unsigned-badge">${unsigned} unsigned<span class="unseen"> calls</span></a>`}
          ${wrong === 0 ? "" : html`<a class="badge bad" href="${log("wrong")}" data-testid="wrong-badge">${wrong} wrong<span class="unseen"> signatures</span></a>`}
        </p>`
    }
  </section>`;
}

function nameOf({ settings, processingAccountId }: World): string {
  return `${settings.merchantName} · ${processingAccountId.slice(0, 8)}…`;
}

function clockSection(scene: PageData): Html {
  const { mode, now } = scene.clock;
  const step = (by: string, words: string, testid: string) =>
    html`<button name="by" value="${by}" data-testid="${testid}">${words}</button>`;
  return html`<section aria-labelledby="clock-heading">
    <h2 id="clock-heading">Clock <span class="pill ${mode === "frozen" ? "warn" : "good"}" data-testid="clock-mode">${mode}</span></h2>
    <p class="clock">
      <time datetime="${new Date(now).toISOString()}" data-clock="${mode}" data-now="${now}" data-testid="clock">${formatInstant(now)}</time>
      <span class="quiet">UTC</span>
    </p>
    <div class="buttons">
      <form method="post" action="/inspector/clock">
        ${hiddenFields(scene)}
        ${
          mode === "frozen"
            ? html`<button name="mode" value="running" data-testid="clock-run">Run</button>`
            : html`<button name="mode" value="frozen" data-testid="clock-freeze">Freeze</button>`
        }
      </form>
      <form method="post" action="/inspector/clock/advance" class="buttons">
        ${hiddenFields(scene)} ${step("PT1M", "+1 min", "advance-1-min")} ${step("PT30M", "+30 min", "advance-30-min")}
      </form>
    </div>
    <form method="post" action="/inspector/clock/advance" class="line">
      ${hiddenFields(scene)}
      <label class="unseen" for="by">Duration to advance by, ISO 8601</label>
      <input id="by" name="by" required placeholder="P1DT2H" autocomplete="off" spellcheck="false" data-testid="advance-by">
      <button data-testid="advance">Advance</button>
    </form>
  </section>`;
}

function queueSection(scene: PageData): Html {
  const { queue } = scene;
  return html`<section aria-labelledby="queue-heading">
    <h2 id="queue-heading">What comes next</h2>
    ${
      queue.length === 0
        ? html`<p class="note" data-testid="queue-empty">Nothing is queued: the payer decides.</p>`
        : html`<ol class="queue" data-testid="queue">${queue.map((queued) => html`<li>${scenarioInWords(queued.scenario)} <span class="quiet">×${queued.times}</span></li>`)}</ol>
          <form method="post" action="/inspector/scenarios/clear">${hiddenFields(scene)}<button data-testid="queue-clear">Empty the queue</button></form>`
    }
    <details data-key="queue">
      <summary data-testid="queue-open">Queue a scenario</summary>
      <form method="post" action="/inspector/scenarios" class="stack">
        ${hiddenFields(scene)}
        <label for="scenario">Scenario</label>
        <select id="scenario" name="scenario" data-testid="scenario-select">
          ${catalogue.map(({ name, description }) => html`<option value="${name}">${name}: ${description}</option>`)}
        </select>
        <label for="times">How many times</label>
        <div class="line">
          <input id="times" name="times" type="number" min="1" max="1000" value="1" required data-testid="scenario-times">
          <button class="primary" data-testid="scenario-queue">Queue</button>
        </div>
      </form>
    </details>
  </section>`;
}

function endpointSection(scene: PageData): Html {
  const { webhookUrl, webhookTimeoutMs } = scene.world.settings;
  return html`<section aria-labelledby="endpoint-heading">
    <h2 id="endpoint-heading">Webhooks go to</h2>
    ${webhookUrl === undefined ? html`<p class="note" data-testid="endpoint">nowhere: no endpoint is set</p>` : html`<p class="id" data-testid="endpoint">${foreign(webhookUrl)}</p>`}
    <details data-key="endpoint">
      <summary data-testid="endpoint-open">${webhookUrl === undefined ? "Set an endpoint" : "Change it"}</summary>
      <form method="post" action="/inspector/endpoint" class="stack">
        ${hiddenFields(scene)}
        <label for="endpoint-url">URL; empty takes it away</label>
        <input id="endpoint-url" name="webhookUrl" type="url" inputmode="url" autocomplete="off" spellcheck="false" value="${webhookUrl ?? ""}" placeholder="http://localhost:3000/webhooks" data-testid="endpoint-url">
        <p class="note">It may take ${writeDuration(webhookTimeoutMs)} to answer.</p>
        <button class="primary" data-testid="endpoint-save">Save</button>
      </form>
    </details>
  </section>`;
}

function connectSection(credentials: PresentedCredentials): Html {
  const lines = environmentVariables(credentials).map(([name, value]) => [name, dotenvValue(value)] as const);
  const slug = (name: string) => name.replace("NOMUPAY_", "").toLowerCase().replaceAll("_", "-");
  return html`<section aria-labelledby="connect-heading">
    <h2 id="connect-heading">Connect</h2>
    <dl class="environment" data-testid="environment">
      ${lines.map(
        ([name, value]) => html`<div>
          <dt>${name}</dt>
          <dd><code id="env-${slug(name)}">${value}</code>${copyButton(`env-${slug(name)}`, `Copy ${name}`, `copy-${slug(name)}`, true)}</dd>
        </div>`,
      )}
    </dl>
    ${credentials.privateKey === undefined ? html`<p class="note">The private key is yours: the sandbox knows the public one alone.</p>` : ""}
    <details data-key="environment">
      <summary data-testid="environment-open">As one block</summary>
      <pre id="environment-block" tabindex="0" data-testid="environment-text">${lines.map(([name, value]) => `${name}=${value}`).join("\n")}</pre>
    </details>
    ${copyButton("environment-block", "Copy all", "copy-all")}
  </section>`;
}

function resetSection(scene: PageData): Html {
  return html`<section aria-labelledby="reset-heading">
    <h2 id="reset-heading" class="unseen">Start again</h2>
    <details data-key="reset" class="danger">
      <summary data-testid="reset-open">Reset this world…</summary>
      <form method="post" action="/inspector/reset" class="stack">
        ${hiddenFields(scene)}
        <p>Its payments, refunds, webhooks and requests will be gone, and its clock and settings as they began.</p>
        <button class="danger" data-testid="reset-confirm">Reset it</button>
      </form>
    </details>
  </section>`;
}

function signOutForm(): Html {
  return html`<form method="post" action="/inspector/sign-out"><button data-testid="sign-out">Sign out</button></form>`;
}
