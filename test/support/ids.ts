/** Matches ids, tokens of pages and tracks, and HMAC keys. */
const randomValues = /(?<![\w\\-])([0-9A-Za-z]{27}|[\w-]{24}|[\w-]{43})(?![\w-])/g;

/** Replaces every random value in a text by the number of its first occurrence. */
export function numbered(text: string): string {
  const numbers = new Map<string, number>();
  return text.replace(randomValues, (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return `#${number}`;
  });
}
