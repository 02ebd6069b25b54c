const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const bracket = 0x5b;
const brace = 0x7b;

/**
 * Whether a JSON text has more values than the maximum. A small value such as `{}` takes twenty times its bytes of
 * memory once it is parsed, so a limit of bytes alone does not bound the memory.
 */
export function hasMoreValues(json: Uint8Array, max: number): boolean {
  if (json.length <= max) return false;
  return countValues(json) > max;
}

/** The number of values in a JSON text; members of objects count once. */
export function countValues(json: Uint8Array): number {
  let values = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index] as number;
    if (isInString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) isInString = true;
    else if (byte === comma || byte === bracket || byte === brace) values += 1;
  }
  return values;
}
