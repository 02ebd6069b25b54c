import { html } from "hono/html";
import type { Html } from "./html.ts";

/** The shop's mark where it has no logo: a cup on the water. */
export const mark: Html = html`<svg class="logo" viewBox="0 0 28 28" aria-hidden="true">
  <rect width="28" height="28" rx="8"/>
  <path d="M8 8h10v5a5 5 0 0 1-10 0zM18 9.5h2a2 2 0 0 1 0 4h-2M6 21.5q2-2 4 0t4 0 4 0 4 0" fill="none"/>
</svg>`;

/** Flat drawings. The style sheet sets their colours. */
const drawings: Readonly<Record<string, Html>> = {
  "flat-white": html`<ellipse class="shade" cx="58" cy="98" rx="46" ry="7"/>
    <path class="china" d="M22 44h68v22a30 30 0 0 1-30 30h-8a30 30 0 0 1-30-30z"/>
    <path class="handle" d="M90 52h7a11 11 0 0 1 0 22h-9"/>
    <ellipse class="rim" cx="56" cy="44" rx="34" ry="10"/><ellipse class="coffee" cx="56" cy="45" rx="29" ry="7.5"/>
    <path class="milk" d="M56 51c-9-2-13-5-10-8 3-2 7-1 10 1 3-2 7-3 10-1 3 3-1 6-10 8z"/>
    <path class="steam" d="M44 26q-5-6 0-11t0-10M62 26q-5-6 0-11t0-10"/>`,
  "milk-tea": html`<ellipse class="shade" cx="58" cy="103" rx="30" ry="5"/>
    <path class="glass" d="M34 26h48l-6 70a6 6 0 0 1-6 6H46a6 6 0 0 1-6-6z"/>
    <path class="tea" d="M36 44h44l-4.5 51a5 5 0 0 1-5 4H45.5a5 5 0 0 1-5-4z"/>
    <rect class="ice" x="42" y="48" width="15" height="15" rx="3" transform="rotate(-12 49 55)"/>
    <rect class="ice" x="60" y="50" width="14" height="14" rx="3" transform="rotate(16 67 57)"/>
    <path class="straw" d="M62 58 72 10"/>`,
  "pineapple-bun": html`<ellipse class="shade" cx="58" cy="92" rx="46" ry="7"/>
    <path class="bun" d="M14 72c0-26 20-42 44-42s44 16 44 42c0 12-16 18-44 18S14 84 14 72z"/>
    <path class="crust" d="M18 66c2-22 19-36 40-36s38 14 40 36c-10-6-16 4-25 0s-14 4-20 0-13 4-19 0-10 4-16 0z"/>
    <path class="lines" d="M34 40 56 62M52 32 78 60M82 40 60 62M64 32 36 60M26 52l8 10M90 52l-8 10"/>
    <path class="butter" d="M19 76h78"/>`,
  beans: html`<ellipse class="shade" cx="58" cy="103" rx="34" ry="5"/>
    <path class="bag" d="M32 26h52l4 70a6 6 0 0 1-6 6H34a6 6 0 0 1-6-6z"/>
    <path class="fold" d="M32 14h52v14H32z"/><rect class="label" x="38" y="46" width="40" height="38" rx="6"/>
    <ellipse class="bean" cx="52" cy="66" rx="8" ry="11" transform="rotate(-24 52 66)"/>
    <path class="crease" d="M48 57q7 8 7 18"/>
    <ellipse class="bean" cx="67" cy="64" rx="7" ry="10" transform="rotate(20 67 64)"/>
    <path class="crease" d="M70 56q-6 7-5 16"/>`,
};

/** A decorative picture of an item on the menu. */
export function pictureOf(id: string): Html {
  return html`<svg class="picture" viewBox="0 0 116 112" aria-hidden="true">${drawings[id]}</svg>`;
}
