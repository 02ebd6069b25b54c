import { html } from "hono/html";
import { dotenvValue, environmentVariables } from "../../domain/environment.ts";
import { foreign, type Html } from "../ui/html.ts";
import { copyButton } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { rulesLink } from "./rules.ts";

/** The variables that are shown only on request: with them somebody signs as the merchant or as the provider. */
const secrets = ["NOMUPAY_PRIVATE_KEY", "NOMUPAY_HMAC_KEY"];

/** What a merchant's program needs: URL, ids and keys. The script shows this part of the page as a dialog. */
export function connectPanel(data: PageData): Html {
  const { credentials, address, world } = data;
  const lines = environmentVariables(credentials).map(([name, value]) => [name, dotenvValue(value)] as const);
  const block = lines.map(([name, value]) => `${name}=${value}`).join("\n");
  return html`<article class="connect" aria-labelledby="connect-heading">
    <a class="back" href="${addressOf(address, { place: "home" })}" data-testid="back">All payments</a>
    <h2 id="connect-heading">Connect</h2>
    <p class="quiet">Environment variables for the program of ${foreign(world.settings.merchantName)}.</p>
    <dl class="environment" data-testid="environment">${lines.map(variable)}</dl>
    ${
      credentials.privateKey === undefined
        ? html`<p class="note">The sandbox has only your public key. Use your own private key.</p>`
        : ""
    }
    <div class="block">
      ${copyButton("environment-block", "Copy all", "copy-all")}
      <details id="environment-details">
        <summary data-testid="environment-open">Show all as one block</summary>
        <pre id="environment-block" tabindex="0" data-testid="environment-text">${block}</pre>
      </details>
    </div>
    <p>${rulesLink(data, "connect-to-rules")}</p>
  </article>`;
}

function variable([name, value]: readonly [name: string, value: string]): Html {
  const slug = name.replace("NOMUPAY_", "").toLowerCase().replaceAll("_", "-");
  const text = html`<code id="env-${slug}">${value}</code>`;
  return html`<div>
      <dt>${name}</dt>
      <dd>${secrets.includes(name) ? secret(name, slug, text) : text}
        ${copyButton(`env-${slug}`, `Copy ${name}`, `copy-${slug}`, true)}</dd>
    </div>`;
}

function secret(name: string, slug: string, text: Html): Html {
  return html`<details class="secret" id="secret-${slug}">
          <summary data-testid="reveal-${slug}"><span aria-hidden="true">••••••••</span>
            <span class="when-closed">Show</span><span class="when-open">Hide</span>
            <span class="unseen">${name}</span></summary>
          ${text}
        </details>`;
}
