const alphabetAndLength = /^[0-9A-Za-z]{27}$/;

/** 20 bytes of 0xff: base62 sorts as ASCII does, so every greater string overflows. */
const greatest = "aWgEPTl1tmebfsQzFP4bxwgy80V";

/** The first and the last instant that a KSUID can carry, in milliseconds since 1970 (2014-05-13 to 2150-06-19). */
export const firstKsuidTime = 1_400_000_000_000;
export const lastKsuidTime = firstKsuidTime + (2 ** 32 - 1) * 1000;

/** Whether a text is a well-formed KSUID: 27 base62 characters that fit into 20 bytes. [docs] */
export function isKsuid(text: string): boolean {
  return alphabetAndLength.test(text) && text <= greatest;
}
