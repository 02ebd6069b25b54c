/** Ids, tokens of pages and tracks, and HMAC keys. */
const made = /(?<![\w\\-])([0-9A-Za-z]{27}|[\w-]{24}|[\w-]{43})(?![\w-])/g;

/** A text with everything that is made by chance replaced by the place at which it first appears. */
export function numbered(text: string): string {
  const places = new Map<string, number>();
  return text.replace(made, (id) => {
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return `#${place}`;
  });
}
