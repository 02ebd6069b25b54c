const alphabetAndLength = /^[0-9A-Za-z]{27}$/;

/** 20 bytes of 0xff. Base62 sorts like ASCII, so every greater text overflows. */
const greatest = "aWgEPTl1tmebfsQzFP4bxwgy80V";

/** The first and the last instant of a KSUID, in milliseconds since 1970 (2014-05-13 to 2150-06-19). */
export const firstKsuidTime = 1_400_000_000_000;
export const lastKsuidTime = firstKsuidTime + (2 ** 32 - 1) * 1000;

/** Whether a text is a KSUID: 27 base62 characters whose value fits into 20 bytes. [docs] */
export function isKsuid(text: string): boolean {
  return alphabetAndLength.test(text) && text <= greatest;
}
