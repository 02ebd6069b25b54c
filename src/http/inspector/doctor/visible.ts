import { html } from "hono/html";
import type { Html } from "../../ui/html.ts";
import type { Piece } from "./difference.ts";

/** Characters that nobody sees: line ends, controls, formatting, and spaces other than U+0020. */
const invisible = /((?:[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs})+)/u;
/** In a difference also spaces and combining marks: two Unicode forms of a text look the same. */
const invisibleInDifference = /([\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Zs}\p{M}]+)/u;

const signs: Readonly<Record<string, string>> = { " ": "·", "\n": "⏎", "\r": "⟨CR⟩", "\t": "⟨TAB⟩" };

/** What the signs mean. */
export const legend = "· is a space, ⏎ is a line feed, and ⟨…⟩ is another invisible character.";

/** Pieces of a text with their differences marked, and with visible signs for invisible characters. */
export function visiblePieces(pieces: readonly Piece[]): Html {
  return html`${pieces.map(({ text, differs }) =>
    differs
      ? html`<mark><span class="unseen">[different:] </span>${withSigns(text, invisibleInDifference)}</mark>`
      : withSigns(text, invisible),
  )}`;
}

function withSigns(text: string, characters: RegExp): Html {
  return html`${text
    .split(characters)
    .map((part, index) => (index % 2 === 0 ? part : html`<i>${[...part].map(signOf).join("")}</i>`))}`;
}

/** The sign of a character. A line feed also breaks the line. */
function signOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `${signs[character] ?? `⟨U+${code}⟩`}${character === "\n" ? "\n" : ""}`;
}
