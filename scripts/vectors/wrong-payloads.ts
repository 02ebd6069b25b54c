import { ascii, base64Url, bytes, es256, forge, python, sha256, signingInput, sorted } from "./forging.ts";
import { now, shopKey } from "./keys.ts";
import {
  accented,
  byHand,
  byJose,
  compressed,
  create,
  exp,
  headerFor,
  payment,
  type RequestRecipe,
  read,
  withBody,
} from "./request-recipes.ts";

const over = (name: string, of: typeof create, payload: string | Uint8Array) => byJose(name, of, { payload });
const json = JSON.stringify;

const insteadOfNothing: readonly RequestRecipe[] = [
  ...["{}", "null", "undefined", '""', "[]", "\n", " ", read.target, `GET ${read.target}`].map((text) =>
    over(`the payload ${json(text)} signed, but no body`, read, text),
  ),
  over("the claims of a JWT signed, but no body", read, json({ iat: now })),
];

const insteadOfBody: readonly RequestRecipe[] = [
  over("the empty string signed", create, ""),
  over("the body before its compression signed", withBody(compressed), payment),
  over("base64url twice", create, base64Url(payment)),
  over("base64, then base64url", create, Buffer.from(payment).toString("base64")),
  over("the SHA-256 of the body signed", create, sha256(payment)),
  over("the SHA-256 of the body in hex signed", create, sha256(payment).toString("hex")),
  over("the target signed", create, create.target),
  over("method and target signed", create, `POST ${create.target}`),
  over("a newline at the end signed, but not sent", create, `${payment}\n`),
  over("CR LF at the end signed, but not sent", create, `${payment}\r\n`),
  over("a byte order mark sent, but not signed", withBody(`\ufeff${payment}`), payment),
  over("white space at the end sent, but not signed", withBody(` ${payment} `), ` ${payment}`),
  over("white space around the body sent, but not signed", withBody(` ${payment} `), payment),
  over("LF signed, but CR LF sent", withBody(`{\r\n"a": 1}`), `{\n"a": 1}`),
  over("CR LF signed, but LF sent", withBody(`{\n"a": 1}`), `{\r\n"a": 1}`),
  over("the JSON serialised twice", create, json(payment)),
];

/** Joins the encoded header with other bytes. */
function input(name: string, of: typeof create, make: (encoded: string) => string | Uint8Array): RequestRecipe {
  return byHand(name, of, () => forge(headerFor(of), (encoded) => es256(make(encoded), shopKey.privateKey)));
}

const decoded = (encoded: string) => Buffer.from(encoded, "base64url");
const base64 = Buffer.from(payment).toString("base64");

const wrongInputs: readonly RequestRecipe[] = [
  input("only the header signed, without its dot", read, (encoded) => encoded),
  input("the header signed unencoded", read, (encoded) => bytes(decoded(encoded), ".")),
  input("nothing signed", read, () => ""),
  input("the header signed with two dots", read, (encoded) => `${encoded}..`),
  input("the body signed unencoded", create, (encoded) => bytes(encoded, ".", payment)),
  input("standard base64 of the body signed", create, (encoded) => `${encoded}.${base64}`),
  input("header and body signed unencoded", create, (encoded) => bytes(decoded(encoded), ".", payment)),
  input("the body signed alone", create, () => payment),
  input("the base64url of the body signed alone", create, () => base64Url(payment)),
  input("the header signed alone", create, (encoded) => encoded),
  input("the header signed with two dots, without the body", create, (encoded) => `${encoded}..`),
  input("hashed before signing", create, (encoded) => sha256(signingInput(encoded, payment))),
  input("hashed before signing, in hex", create, (encoded) => sha256(signingInput(encoded, payment)).toString("hex")),
];

const value = JSON.parse(payment) as Record<string, unknown>;
const slashes = (text: string) => text.replaceAll("/", "\\/");
const go = (text: string) => text.replace(/[<>&]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
const indented = json(value, null, 2);

const otherJson: readonly RequestRecipe[] = [
  over("compact JSON signed, but indented JSON sent", withBody(indented), payment),
  over("the JSON of Python signed", create, python(payment)),
  over("JSON indented by 2 spaces signed", create, indented),
  over("JSON indented by 4 spaces signed", create, json(value, null, 4)),
  over("JSON indented by tabs signed", create, json(value, null, "\t")),
  over("sorted members signed", create, sorted(payment)),
  over("compact JSON with the same escapes signed", withBody(ascii(payment).replace(":", ": ")), ascii(payment)),
  over("a backslash before each slash sent, but not signed", withBody(slashes(payment)), payment),
  over("JSON_UNESCAPED_SLASHES signed, but not sent", withBody(`{ "a": "\\/b" }`), `{ "a": "/b" }`),
  over("escapes of non-ASCII characters signed", create, ascii(payment)),
  over("the escapes of PHP signed", create, slashes(payment)),
  over("the escapes of PHP signed, with those of non-ASCII characters", create, slashes(ascii(payment))),
  over("the escapes of Go signed", create, go(payment)),
  over("a number with a decimal signed", create, payment.replace("200", "200.0")),
  over("a body with the claims of a JWT signed", create, json({ ...value, iat: now, exp })),
];

const utf16 = (text: string) => Buffer.from(text, "utf16le");
const bigEndian = (text: string) => utf16(text).swap16();
const latin1 = (text: string) => Buffer.from(text, "latin1");
const windows1252 = (text: string) => Buffer.from(latin1(text.replace("€", "\x80")));
const euro = payment.replace("元朗", "€");

const otherEncodings: readonly RequestRecipe[] = [
  over("the Unicode form NFC signed, but NFD sent", withBody(accented.normalize("NFD")), accented),
  over("the Unicode form NFD signed, but NFC sent", withBody(accented), accented.normalize("NFD")),
  over("UTF-8 signed, but UTF-8 sent twice", withBody(latin1Twice(accented)), accented),
  over("UTF-8 twice signed", withBody(accented), latin1Twice(accented)),
  over("Latin-1 signed", withBody(accented), latin1(accented)),
  over("Windows-1252 signed", withBody(euro), windows1252(euro)),
  over("ASCII signed", withBody(accented), accented.replace("é", "?")),
  over("UTF-8 signed, but Latin-1 sent", withBody(latin1(accented)), accented),
  over("UTF-8 signed, but Windows-1252 sent", withBody(windows1252(euro)), euro),
  over("UTF-8 signed, but UTF-16 sent", withBody(utf16(payment)), payment),
  over("UTF-16 signed", create, utf16(payment)),
  over("UTF-16 signed, with a byte order mark", create, bytes(Uint8Array.of(0xff, 0xfe), utf16(payment))),
  over("UTF-16 (big-endian) signed", create, bigEndian(payment)),
  over(
    "UTF-16 (big-endian) signed, with a byte order mark",
    create,
    bytes(Uint8Array.of(0xfe, 0xff), bigEndian(payment)),
  ),
];

/** UTF-8 that was read as Latin-1 and encoded again. */
function latin1Twice(text: string): Buffer {
  return Buffer.from(Buffer.from(text).toString("latin1"));
}

export const wrongPayloads: readonly RequestRecipe[] = [
  ...insteadOfNothing,
  ...insteadOfBody,
  ...wrongInputs,
  ...otherJson,
  ...otherEncodings,
];
