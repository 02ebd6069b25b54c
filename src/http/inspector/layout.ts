import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Env } from "../env.ts";
import { addressOfAsset } from "../ui/assets.ts";
import type { Html } from "../ui/html.ts";
import { type HtmlDocument, respondDocument } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { stripe } from "../ui/notice.ts";
import { controls } from "./controls.ts";
import { doctorPanel } from "./doctor/panel.ts";
import { script, stylesheet } from "./files.ts";
import { formatInstant } from "./format.ts";
import { homePanel } from "./home.ts";
import { paymentList } from "./list.ts";
import { addressOf, type Place } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { paymentPanel } from "./payment.ts";
import { requestsPanel } from "./requests.ts";

/** Responds with a page of the inspector. */
export function respondInspector(
  c: Context<Env>,
  page: Pick<HtmlDocument, "title" | "body">,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  const head = html`<link rel="stylesheet" href="${addressOfAsset(stylesheet)}">
    <script src="${addressOfAsset(script)}" defer></script>`;
  return respondDocument(c, { ...page, head }, status);
}

/** A page without data of a world. */
export function plainPage(title: string, content: Html): Pick<HtmlDocument, "title" | "body"> {
  const body = html`<body class="plain">
    <header>${stripe()}</header>
    <main class="card"><p class="brand">${mark} Alipay HK sandbox</p>${content}</main>
  </body>`;
  return { title, body };
}

/** A page of the inspector: the controls, the list of payments, and the main panel. */
export function inspectorPage(data: PageData): Pick<HtmlDocument, "title" | "body"> {
  const { address, world } = data;
  const changes = `/_sandbox/events?processingAccountId=${encodeURIComponent(world.processingAccountId)}`;
  // The doctor's page shows one moment, and may be the response to a form.
  const live = address.place === "doctor" ? "" : html`data-live="${addressOf(address)}" data-events="${changes}"`;
  const body = html`<body class="inspector at-${address.place}" ${live}>
    <header>
      ${stripe()}
      <a class="skip" href="#main" data-testid="skip">To the payment</a>
      ${bar(data)}
    </header>
    <div class="panes">
      ${address.place === "controls" ? mainControls(data) : sideControls(data)}
      ${paymentList(data)}
      ${address.place === "controls" ? sidePanel(data) : mainPanel(data)}
    </div>
    <p class="unseen" role="status" aria-live="polite" id="announcement" data-testid="announcement" data-keep></p>
  </body>`;
  return { title: titleOf(data), body };
}

function bar({ address, clock, base }: PageData): Html {
  const link = (place: Place, testid: string, label: string, style = "") => {
    const current = address.place === place ? html`aria-current="page"` : "";
    const url = addressOf(address, { place, paymentId: undefined, request: undefined });
    return html`<a class="${style}" href="${url}" ${current} data-testid="${testid}">${label}</a>`;
  };
  const time = html`<span data-clock="${clock.mode}" data-now="${clock.now}">${formatInstant(clock.now)}</span>`;
  const start = addressOf({ place: "home", world: address.world });
  return html`<div class="bar">
      <h1><a class="brand" href="${start}" data-testid="brand">${mark} Alipay HK sandbox</a></h1>
      <p class="base id" data-testid="base-url">${base}</p>
      <nav aria-label="Inspector">
        ${link("home", "nav-payments", "Payments")}
        ${link("requests", "nav-requests", "Calls")}
        ${link("doctor", "nav-doctor", "Doctor")}
        ${link("controls", "nav-controls", "Controls", "to-controls")}
      </nav>
      <p class="bar-clock quiet" aria-hidden="true">${time} ${clock.mode}</p>
      <p class="connection quiet" id="connection" data-testid="connection" role="status" data-keep></p>
      </div>`;
}

function mainControls(data: PageData): Html {
  return html`<main class="controls" id="main" tabindex="-1" aria-label="Sandbox">
        ${problemAlert(data)} ${controls(data)}
      </main>`;
}

function sideControls(data: PageData): Html {
  return html`<aside class="controls" id="controls" aria-label="Sandbox">${controls(data)}</aside>`;
}

function mainPanel(data: PageData): Html {
  return html`<main class="subject" id="main" tabindex="-1">${problemAlert(data)} ${pages[data.address.place].panel(data)}
  </main>`;
}

function sidePanel(data: PageData): Html {
  return html`<section class="subject" aria-label="Latest calls">${homePanel(data)}</section>`;
}

/** Title and main panel of each page. */
const pages: Readonly<Record<Place, { readonly title: string; readonly panel: (data: PageData) => Html }>> = {
  home: { title: "Payments", panel: homePanel },
  controls: { title: "Controls", panel: homePanel },
  requests: { title: "Calls", panel: requestsPanel },
  doctor: { title: "Doctor", panel: doctorPanel },
  payment: { title: "Payment", panel: paymentPanel },
};

function problemAlert({ problem }: PageData): Html {
  if (problem === undefined) return html``;
  return html`<p class="why wrong" role="alert" id="problem" data-testid="problem" data-keep>
    <span><strong>The action failed.</strong> ${problem}</span></p>`;
}

/** Characters that change the direction of text. A title cannot isolate them. */
const directions = /[\u202a-\u202e\u2066-\u2069]/g;

function titleOf({ address, payment }: PageData): string {
  if (payment !== undefined) {
    const { merchantReference, status } = payment.whole.payment;
    return `${merchantReference.replace(directions, "")} (${status})`;
  }
  return pages[address.place].title;
}
