import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Env } from "../env.ts";
import { addressOfAsset, asset } from "../ui/assets.ts";
import type { Html } from "../ui/layout.ts";
import { favicon, mark } from "../ui/mark.ts";
import { controls } from "./controls.ts";
import { formatInstant } from "./format.ts";
import { homePanel } from "./home.ts";
import { paymentList } from "./list.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { paymentPanel } from "./payment.ts";
import { requestsPanel } from "./requests.ts";
import { inspectorScript } from "./script.ts";
import { inspectorStyles } from "./styles.ts";

export const stylesheet = asset("/assets/inspector.css", "text/css; charset=utf-8", inspectorStyles);
export const script = asset("/assets/inspector.js", "text/javascript; charset=utf-8", inspectorScript);

const stripe = html`<p class="stripe" data-testid="sandbox-notice">SANDBOX: no money moves</p>`;

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Answers with a page of the inspector. No page is kept: it has keys, and what it shows may be over a second later. */
export async function respondInspector(
  c: Context<Env>,
  page: Html,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  c.header("Content-Security-Policy", policy);
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(page, status);
}

/** A page that stands alone, without the world around it. */
export function plainPage(title: string, body: Html): Html {
  return frame(
    title,
    html`<body class="plain"><header>${stripe}</header>
    <main class="card"><p class="brand">${mark} Alipay HK sandbox</p>${body}</main></body>`,
  );
}

/** The inspector: what is the same everywhere, the list, and what the view is about. */
export function inspectorPage(scene: PageData): Html {
  const { view, world, clock } = scene;
  const address = addressOf(view);
  return frame(
    titleOf(scene),
    html`<body class="inspector at-${view.place}" data-live="${address}" data-world="${world.processingAccountId}">
    <header>
      ${stripe}
      <a class="skip" href="#main" data-testid="skip">To the payment</a>
      <div class="bar">
      <h1><a class="brand" href="${addressOf({ place: "home", world: view.world })}" data-testid="brand">${mark} Alipay HK sandbox</a></h1>
      <p class="base id" data-testid="base-url">${scene.base}</p>
      <nav aria-label="Inspector">
        <a href="${addressOf(view, { place: "home", paymentId: undefined })}" ${view.place === "home" ? html`aria-current="page"` : ""} data-testid="nav-payments">Payments</a>
        <a href="${addressOf(view, { place: "requests", paymentId: undefined })}" ${view.place === "requests" ? html`aria-current="page"` : ""} data-testid="nav-requests">Calls</a>
        <a class="to-controls" href="${addressOf(view, { place: "controls", paymentId: undefined })}" ${view.place === "controls" ? html`aria-current="page"` : ""} data-testid="nav-controls">Controls</a>
      </nav>
      <p class="bar-clock quiet" aria-hidden="true"><span data-clock="${clock.mode}" data-now="${clock.now}">${formatInstant(clock.now)}</span> ${clock.mode}</p>
      <p class="connection quiet" data-testid="connection" role="status" data-keep></p>
      </div>
    </header>
    <div class="panes">
      ${
        view.place === "controls"
          ? html`<main class="controls" id="main" tabindex="-1" aria-label="Sandbox">${problemAlert(scene)} ${controls(scene)}</main>`
          : html`<aside class="controls" id="controls" aria-label="Sandbox">${controls(scene)}</aside>`
      }
      ${paymentList(scene)}
      ${
        view.place === "controls"
          ? html`<section class="subject" aria-label="Latest calls">${homePanel(scene)}</section>`
          : html`<main class="subject" id="main" tabindex="-1">${problemAlert(scene)} ${subject(scene)}</main>`
      }
    </div>
    <p class="unseen" role="status" aria-live="polite" id="news" data-testid="news" data-keep></p>
  </body>`,
  );
}

/** What the page is about. */
function subject(scene: PageData): Html {
  const { place } = scene.view;
  if (place === "payment") return paymentPanel(scene);
  return place === "requests" ? requestsPanel(scene) : homePanel(scene);
}

function problemAlert({ problem }: PageData): Html {
  if (problem === undefined) return html``;
  return html`<p class="why wrong" role="alert" data-testid="problem" data-keep><span><strong>That was not done.</strong> ${problem}</span></p>`;
}

/** Characters that turn the direction of text: a title cannot keep them to themselves. */
const directions = /[\u202a-\u202e\u2066-\u2069]/g;

function titleOf({ view, payment }: PageData): string {
  if (payment !== undefined) {
    const { merchantReference, status } = payment.whole.payment;
    return `${merchantReference.replace(directions, "")} (${status})`;
  }
  return { requests: "Calls", controls: "Controls", home: "Payments", payment: "Payment" }[view.place];
}

function frame(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Alipay HK sandbox</title>
    <link rel="icon" href="${favicon}">
    <link rel="stylesheet" href="${addressOfAsset(stylesheet)}">
    <script src="${addressOfAsset(script)}" defer></script>
  </head>
  ${body}
</html>`;
}
