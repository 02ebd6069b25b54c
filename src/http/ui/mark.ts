import { html, raw } from "hono/html";
import type { WorldSettings } from "../../domain/world.ts";
import type { Html } from "./html.ts";

const wave = (y: number) => `M7.5 ${y}c2.2-2.4 4.3-2.4 6.5 0s4.3 2.4 6.5 0`;
const drawing = `${wave(11.2)}${wave(17)}`;

/** The sandbox's own mark, two waves: it resembles no brand. */
export const mark: Html = html`<svg class="mark" viewBox="0 0 28 28" aria-hidden="true">
  <rect width="28" height="28" rx="8"/><path d="${raw(drawing)}"/>
</svg>`;

const stroke = `stroke="#fff" stroke-width="2.4" stroke-linecap="round"`;

/** The mark as an SVG file, for the browser tab. */
export const markFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28">
  <rect width="28" height="28" rx="8" fill="#0b7a6f"/><path d="${drawing}" fill="none" ${stroke}/>
</svg>`;

const seals = {
  tick: "M14 25l8 8 13-16",
  cross: "M16 16l16 16M32 16L16 32",
  clock: "M24 12a12 12 0 1 0 0 24a12 12 0 1 0 0-24M24 18v6l4 3",
  bar: "M14 24h20",
  exclamation: "M24 13v13M24 34v.5",
} as const;

/** How a seal and the words beside it look. */
export type Shade = "good" | "calm" | "bad" | "warning";

/** The result of a payment as a symbol. */
export function seal(symbol: keyof typeof seals, shade: Shade): Html {
  return html`<svg class="seal ${shade}" viewBox="0 0 48 48" aria-hidden="true">
    <circle cx="24" cy="24" r="24"/><path d="${raw(seals[symbol])}" pathLength="1"/>
  </svg>`;
}

/** Initials of a name: `HC` for Harbour Coffee, the first character of a Chinese name. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  const [first = firstCharacter(name.replace(/^[\p{C}\p{Z}]+/u, "")) ?? "", second] = words;
  const isIdeographic = /^\p{Ideographic}/u.test(first);
  const letters = [first, ...(isIdeographic || second === undefined ? [] : [second])].map(firstCharacter);
  return letters.join("").toUpperCase();
}

/** The first grapheme: an emoji of several code points counts as one character. */
function firstCharacter(text: string): string | undefined {
  return [...new Intl.Segmenter().segment(text.slice(0, 64))][0]?.segment;
}

/** The number of colours of initials; the style sheet has a class for each. */
const hues = 8;

/** The logo of a merchant, or its initials on a colour that follows from its name. The name itself is beside it. */
export function avatar({ merchantName, merchantLogo }: WorldSettings): Html {
  if (merchantLogo !== undefined) return html`<img class="avatar" src="${merchantLogo}" alt="">`;
  const hue = [...merchantName].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7);
  return html`<span class="avatar hue-${hue % hues}" aria-hidden="true">${initials(merchantName)}</span>`;
}
