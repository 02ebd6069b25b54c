import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Env } from "../env.ts";
import { en as english } from "../pages/texts/en.ts";
import { addressOfAsset } from "../ui/assets.ts";
import type { Html } from "../ui/html.ts";
import { type HtmlDocument, respondDocument } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { stripe } from "../ui/notice.ts";
import { connectPanel } from "./connect.ts";
import { controls } from "./controls.ts";
import { doctorPanel } from "./doctor/panel.ts";
import { script, stylesheet } from "./files.ts";
import { directions } from "./format.ts";
import { homePanel } from "./home.ts";
import { keysDialog } from "./keys.ts";
import { paymentList } from "./list.ts";
import { notices } from "./notice.ts";
import { addressOf, type Place, timeZonePath } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { paymentPanel } from "./payment.ts";
import { requestsPanel } from "./requests.ts";
import { rulesPanel } from "./rules.ts";
import { timeZones } from "./times.ts";
import { webhooksPanel } from "./webhooks.ts";
import { worldLine } from "./world-switcher.ts";

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
      ${worldBar(data)}
      ${goneNotice()}
    </header>
    <div class="panes">
      ${address.place === "controls" ? mainControls(data) : sideControls(data)}
      ${paymentList(data)}
      ${address.place === "controls" ? sidePanel(data) : mainPanel(data)}
    </div>
    ${keysDialog()}
    <p class="unseen" role="status" aria-live="polite" id="announcement" data-testid="announcement" data-keep></p>
    ${dialog()}
  </body>`;
  return { title: titleOf(data), body };
}

function bar(data: PageData): Html {
  const { address, base } = data;
  const link = (place: Place, testid: string, label: string, style = "") => {
    const current = address.place === place ? html`aria-current="page"` : "";
    const url = addressOf(address, { place, paymentId: undefined, request: undefined, notificationId: undefined });
    return html`<a class="${style}" href="${url}" ${current} data-testid="${testid}">${label}</a>`;
  };
  const start = addressOf({ place: "home", world: address.world });
  return html`<div class="bar">
      <h1><a class="brand" href="${start}" data-testid="brand">${mark} Alipay HK sandbox</a></h1>
      <nav aria-label="Inspector">
        ${link("home", "nav-payments", "Payments")}
        ${link("requests", "nav-requests", "Calls")}
        ${link("webhooks", "nav-webhooks", "Webhooks")}
        ${link("doctor", "nav-doctor", "Doctor")}
        ${link("controls", "nav-controls", "Controls", "to-controls")}
      </nav>
      <p class="connection quiet" id="connection" data-testid="connection" role="status" data-keep></p>
      <p class="base id" data-testid="base-url">${base}</p>
      </div>`;
}

/** The world of the page, its clock, and how a program connects to it. */
function worldBar(data: PageData): Html {
  const { address } = data;
  const current = address.place === "connect" ? html`aria-current="page"` : "";
  return html`<div class="world-bar">
      ${worldLine(data)}
      ${barClock(data)}
      <a class="button" href="${addressOf(address, { place: "connect", paymentId: undefined })}" ${current}
        id="connect" data-opens="connect" data-testid="connect">Connect</a>
      </div>`;
}

/** Empty until the script finds that the sandbox does not respond. */
function goneNotice(): Html {
  return html`<p class="gone" role="status" id="gone" data-testid="gone" data-gone="${english.gone}" data-keep></p>`;
}

/** The dialog in which the script shows a part of another page. */
function dialog(): Html {
  return html`<dialog id="dialog" closedby="any" aria-labelledby="connect-heading" data-testid="dialog" data-keep>
      <form method="dialog"><button data-testid="dialog-close">Close</button></form>
      <div></div>
      <p class="unseen" role="status" data-testid="dialog-announcement"></p>
    </dialog>`;
}

/** The world's time, and the form that selects the time zone of the inspector. */
function barClock({ address, clock, times }: PageData): Html {
  return html`<form method="post" action="${timeZonePath}" class="bar-clock">
        <input type="hidden" name="back" value="${addressOf(address)}">
        <span class="quiet"><span class="unseen">Clock, ${clock.mode}:</span>
          <span data-clock="${clock.mode}" data-now="${clock.now}" data-offset="${times.offsetMs}"
            data-testid="bar-clock">${times.instant(clock.now)}</span></span>
        <span class="zones" role="group" aria-label="Time zone">${timeZones.map(
          (zone) => html`<button name="zone" value="${zone}" aria-pressed="${String(zone === times.zone)}"
            data-testid="zone-${zone.toLowerCase()}">${zone}</button>`,
        )}</span>
      </form>`;
}

function mainControls(data: PageData): Html {
  return html`<main class="controls" id="main" tabindex="-1" aria-label="Sandbox">
        ${notices(data)} ${controls(data)}
      </main>`;
}

function sideControls(data: PageData): Html {
  return html`<aside class="controls" id="controls" aria-label="Sandbox">${controls(data)}</aside>`;
}

function mainPanel(data: PageData): Html {
  return html`<main class="subject" id="main" tabindex="-1">
    ${notices(data)} ${pages[data.address.place].panel(data)}
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
  connect: { title: "Connect", panel: connectPanel },
  doctor: { title: "Doctor", panel: doctorPanel },
  webhooks: { title: "Webhooks", panel: webhooksPanel },
  rules: { title: "Rules of the provider", panel: rulesPanel },
  payment: { title: "Payment", panel: paymentPanel },
};

function titleOf({ address, payment }: PageData): string {
  if (payment !== undefined) {
    const { merchantReference, status } = payment.whole.payment;
    // A title cannot isolate the direction of a text.
    return `${merchantReference.replace(directions, "")} (${status})`;
  }
  return pages[address.place].title;
}
