import { html } from "hono/html";
import type { Html } from "../ui/html.ts";
import { anchorOf, type OperationGroup, type PlacedOperation } from "./operations.ts";

/** The index of a reference: a search, each operation by group, and the other sections. */
export function contents(groups: readonly OperationGroup[], others: readonly string[]): Html {
  return html`<nav id="index" aria-label="Index">
    <div class="filter">
      <label for="search">Search operations</label>
      <input id="search" type="search" placeholder="refund, POST, clock…" autocomplete="off" spellcheck="false"
        data-filters="#index li">
      <output for="search" class="note"></output>
    </div>
    ${groups.map(
      ({ name, members }) => html`<div class="group">
        <p><a href="#${anchorOf(name)}">${name}</a></p>
        <ul>${members.map(entry)}</ul>
      </div>`,
    )}
    ${others.map((name) => html`<p><a href="#${anchorOf(name)}">${name}</a></p>`)}
  </nav>`;
}

/** A path that breaks at its slashes. */
function breakable(place: string): Html[] {
  return place.split("/").map((part, at) => (at === 0 ? html`${part}` : html`<wbr>/${part}`));
}

function entry({ id, method, place, operation }: PlacedOperation): Html {
  return html`<li><a href="#${id}"><span class="method">${method}</span> <span>${breakable(place)}</span>
    <small>${operation.summary?.replaceAll("`", "")}</small></a></li>`;
}
