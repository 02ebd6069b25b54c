/**
 * Characters that change a terminal, or the order or direction of the text around them: controls (C0, DEL, C1), format
 * characters such as bidirectional overrides, and line and paragraph separators.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Escapes all invisible characters but line feeds, as JSON escapes characters: `\u009b`. */
export function escapeControlCharacters(text: string): string {
  return text.replace(invisible, (character) => (character === "\n" ? character : escaped(character)));
}

/** One escape for each UTF-16 code unit. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
