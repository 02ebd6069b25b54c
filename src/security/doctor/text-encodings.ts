/** Bytes that a text became in another way than the body, and what distinguishes them. */
type Variant = readonly [bytes: Uint8Array, description: string];

/** The characters of the bytes 0x80 to 0x9f in Windows-1252. */
const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** The body in other encodings and in other Unicode forms. */
export function* reencoded(body: Uint8Array): Generator<Variant> {
  yield* sentWrongly(body);
  const text = textOf(body);
  if (text === undefined) return;
  yield* asUtf16(text);
  if (body.every((byte) => byte < 0x80)) return;
  for (const form of ["NFC", "NFD"] as const) {
    yield [Buffer.from(text.normalize(form)), `the body in the Unicode form ${form}, but it was sent in another one`];
  }
  for (const [bytes, encoding] of inSingleBytes(text)) {
    const isWhole = latin1Of(bytes) === text || windows1252Of(bytes) === text;
    const isUtf8 = isWhole && textOf(bytes) !== undefined;
    yield [bytes, isUtf8 ? "the body encoded as UTF-8 once, but it was sent encoded twice" : `the body as ${encoding}`];
  }
  for (const misread of [latin1Of(body), windows1252Of(body)]) {
    yield [Buffer.from(misread), "the body encoded as UTF-8 twice"];
  }
}

/** The text of a body that was sent in another encoding, as UTF-8. */
function* sentWrongly(body: Uint8Array): Generator<Variant> {
  const asUtf8 = (text: string, encoding: string): Variant => [
    Buffer.from(text),
    `the body as UTF-8, but it was sent as ${encoding}`,
  ];
  for (const encoding of body.includes(0) ? ["utf-16le", "utf-16be"] : []) {
    const text = textOf(body, encoding);
    if (text === undefined) continue;
    yield asUtf8(text, "UTF-16");
    yield asUtf8(text.replace(/^\ufeff/, ""), "UTF-16");
  }
  if (textOf(body) !== undefined) return;
  yield asUtf8(latin1Of(body), "Latin-1");
  yield asUtf8(windows1252Of(body), "Windows-1252");
}

function* asUtf16(text: string): Generator<Variant> {
  const littleEndian = Buffer.from(text, "utf16le");
  const bigEndian = Buffer.from(littleEndian).swap16();
  const description = "the body as UTF-16";
  yield [littleEndian, description];
  yield [Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian]), `${description} with a byte order mark`];
  yield [bigEndian, `${description} (big-endian)`];
  yield [Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian]), `${description} (big-endian) with a byte order mark`];
}

/** The text in encodings of one byte for each character. What they lack is cut off, or becomes a question mark. */
function* inSingleBytes(text: string): Generator<Variant> {
  const withQuestionMarks = (encoding: string, byteOf: (code: number, character: string) => number): Variant => [
    Uint8Array.from([...text], (character) => byteOf(character.codePointAt(0) ?? 0, character)),
    encoding,
  ];
  const questionMark = 0x3f;
  yield [Buffer.from(text, "latin1"), "Latin-1"];
  yield withQuestionMarks("Latin-1", (code) => (code <= 0xff ? code : questionMark));
  yield withQuestionMarks("Windows-1252", (code, character) => {
    const at = windows1252.indexOf(character);
    if (at >= 0) return 0x80 + at;
    return code <= 0xff ? code : questionMark;
  });
  yield withQuestionMarks("ASCII", (code) => (code <= 0x7f ? code : questionMark));
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function windows1252Of(bytes: Uint8Array): string {
  return latin1Of(bytes).replace(/[\x80-\x9f]/g, (character) => windows1252.charAt(character.charCodeAt(0) - 0x80));
}

/** The text of bytes, its byte order mark included; `undefined` if they are no text in this encoding. */
export function textOf(bytes: Uint8Array, encoding = "utf-8"): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
