const alphabetAndLength = /^[0-9A-Za-z]{27}$/;

/** 20 bytes of 0xff. Base62 sorts like ASCII, so every greater text overflows. */
const greatest = "aWgEPTl1tmebfsQzFP4bxwgy80V";

/** The first and the last instant of a KSUID, in milliseconds since 1970 (2014-05-13 to 2150-06-19). */
export const firstKsuidTime = 1_400_000_000_000;
export const lastKsuidTime = firstKsuidTime + (2 ** 32 - 1) * 1000;

/** Whether a text is a KSUID, as a `kid` is [docs]: 27 base62 characters whose value fits into 20 bytes. */
export function isKsuid(text: string): boolean {
  return alphabetAndLength.test(text) && text <= greatest;
}

const length = 27;
const digits = Buffer.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

/** Three digits: with 32 bits more, a remainder is still an exact number. */
const base = 62 ** 3;

/**
 * Returns the KSUID of a time and 16 bytes. Throws if it cannot contain the time.
 * @param time in milliseconds; the KSUID contains it in seconds.
 * @param offset where the bytes start.
 */
export function ksuidOf(time: number, bytes: Buffer, offset = 0): string {
  if (!(time >= firstKsuidTime && time <= lastKsuidTime))
    throw new TypeError(`a KSUID cannot contain the time ${time}`);
  const words = [Math.floor((time - firstKsuidTime) / 1000)];
  for (let index = 0; index < 16; index += 4) words.push(bytes.readUInt32BE(offset + index));
  const text = Buffer.allocUnsafe(length);
  for (let end = length; end > 0; end -= 3) {
    const group = divide(words);
    text[end - 1] = digits[group % 62] as number;
    text[end - 2] = digits[Math.floor(group / 62) % 62] as number;
    text[end - 3] = digits[Math.floor(group / 62 ** 2)] as number;
  }
  return text.toString("latin1");
}

/** Divides a number of 32-bit words, the highest first, by `base`. @returns the remainder. */
function divide(words: number[]): number {
  let rest = 0;
  for (let index = 0; index < words.length; index += 1) {
    const value = rest * 2 ** 32 + (words[index] as number);
    const quotient = Math.floor(value / base);
    words[index] = quotient;
    rest = value - quotient * base;
  }
  return rest;
}
