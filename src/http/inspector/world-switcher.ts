import { html } from "hono/html";
import { foreign, type Html } from "../ui/html.ts";
import { counted } from "./format.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { countedMax, type WorldChoice } from "./world-choices.ts";

/** The line of the page's world: its name and numbers, the other worlds, and its wrong calls. */
export function worldLine(data: PageData): Html {
  const [current] = data.worldChoices.shown;
  if (current === undefined) throw new Error("the page has no world");
  const isOnly = data.worldChoices.shown.length === 1;
  return html`${isOnly ? html`<p class="world" data-testid="world">${summaryOf(current)}</p>` : switcher(current, data)}
      ${signatureBadges(data)}`;
}

function switcher(current: WorldChoice, data: PageData): Html {
  const { shown, hidden } = data.worldChoices;
  return html`<details class="worlds" id="worlds" data-worlds>
        <summary data-testid="world"><span class="unseen">World:</span> ${summaryOf(current)}</summary>
        <div class="choices">
          <form method="get" action="/" class="line">
            <label class="unseen" for="world-search">Name or processing account of a world</label>
            <input id="world-search" name="world" type="search" required placeholder="Name or processing account…"
              autocomplete="off" spellcheck="false" data-testid="world-search">
            <button data-testid="world-open">Open</button>
          </form>
          <ul>${shown.slice(1).map((choice) => choiceOf(choice, data))}</ul>
          <p class="note" data-testid="no-world" hidden>No world in the list matches.</p>
          ${hidden === 0 ? "" : hiddenNote(hidden)}
        </div>
      </details>`;
}

function summaryOf({ world, ...counts }: WorldChoice): Html {
  const { settings, processingAccountId } = world;
  return html`<span class="name">${foreign(settings.merchantName)}</span>
          <span class="quiet id" title="${processingAccountId}">${shortId(processingAccountId)}</span>
          <span class="quiet" data-testid="world-counts">${countsInWords(counts)}</span>`;
}

/** A world in the list. Its id is shortened: there can be a hundred. */
function choiceOf({ world, ...counts }: WorldChoice, { address }: PageData): Html {
  const { settings, processingAccountId: id } = world;
  const place = address.place === "payment" ? "home" : address.place;
  const url = addressOf({ place, world: id });
  return html`<li><a href="${url}" data-testid="world-choice"><bdi>${settings.merchantName}</bdi>
<code>${shortId(id)}</code> <span>${countsInWords(counts)}</span></a>`;
}

/** Both ends of an id: ids of the same time begin alike. */
function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}

function countsInWords({ payments, pending }: Pick<WorldChoice, "payments" | "pending">): string {
  if (payments === 0) return "no payments";
  const all = payments > countedMax ? `over ${countedMax.toLocaleString("en")} payments` : counted(payments, "payment");
  if (pending === 0) return all;
  return `${all}, ${pending > countedMax ? `over ${countedMax.toLocaleString("en")}` : pending} pending`;
}

function hiddenNote(hidden: number): Html {
  return html`<p class="note" data-testid="worlds-hidden">${counted(hidden, "older world")} not in the list: open one
            with its processing account.</p>`;
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
