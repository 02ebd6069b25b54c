import { byteCount } from "../check.ts";
import { decompressed } from "../decompress.ts";
import { parseJson } from "../json-variants.ts";

/** A body that may have been sent, in place of the one that a program verifies. */
export interface SentBody {
  readonly bytes: Uint8Array;
  /** Completes "The signature matches". */
  readonly description: string;
  /** What to change. */
  readonly remedy: string;
}

const savedExactly = "your copy was changed when it was saved, so save and verify the bytes as received";
const rawBody = "take the bytes of the body before a parser reads them, and do not write the JSON again";

/** What may have been sent if this body was received and then changed, likely changes first. */
export function* sentBodies(body: Uint8Array, sentBody: string | undefined): Generator<SentBody> {
  yield* encodings(body);
  const text = Buffer.from(body).toString("utf8");
  const as = (sent: string, description: string, remedy: string): SentBody => {
    return { bytes: Buffer.from(sent, "utf8"), description, remedy };
  };
  yield as(text.replace(/^\ufeff/, ""), "the body without its byte order mark", savedExactly);
  yield as(text.replace(/\r?\n$/, ""), "the body without the newline at its end", savedExactly);
  yield as(text.trim(), "the body without the white space around it", savedExactly);
  yield as(text.replaceAll("\r\n", "\n"), "the body with LF in place of CR LF", savedExactly);
  yield as(
    text.replaceAll("\r\n", "\n").trim(),
    "the body with LF in place of CR LF, and no newline at its end",
    savedExactly,
  );
  const [, afterHeaders] = /^(?:HTTP\/|[\w-]+:).*?\r?\n\r?\n(.*)$/s.exec(text) ?? [];
  if (afterHeaders !== undefined) {
    const description = "the part after the headers, which are in the file too";
    yield as(afterHeaders, description, "save only the body, without the headers (curl: without -i)");
    yield as(afterHeaders.trim(), description, "save only the body, without the headers (curl: without -i)");
  }
  yield* rewritten(text, as);
  yield as("", "an empty body", "the message has no body, so verify the empty string");
  if (sentBody !== undefined) yield as(sentBody, differenceFrom(sentBody, body), rawBody);
}

/** The same text in the encoding that is sent: UTF-8, uncompressed. */
function* encodings(body: Uint8Array): Generator<SentBody> {
  const bytes = Buffer.from(body);
  const uncompressed = decompressed(body);
  if (uncompressed !== undefined) {
    yield {
      bytes: uncompressed,
      description: "the body after its decompression",
      remedy: "decompress the body before you verify it, because the signature covers the text",
    };
  }
  const text = bytes.toString("utf8");
  const save = "save and verify the bytes as received, in UTF-8";
  const latin1 = Buffer.from(bytes.toString("latin1"), "utf8");
  yield { bytes: latin1, description: "the body in UTF-8, but yours is in Latin-1", remedy: save };
  for (const start of [0, 2]) {
    const littleEndian = Buffer.from(bytes.subarray(start).toString("utf16le"), "utf8");
    yield { bytes: littleEndian, description: "the body in UTF-8, but yours is in UTF-16", remedy: save };
    if ((bytes.length - start) % 2 === 0) {
      const swapped = Buffer.from(bytes.subarray(start)).swap16().toString("utf16le");
      yield {
        bytes: Buffer.from(swapped, "utf8"),
        description: "the body in UTF-8, but yours is in UTF-16",
        remedy: save,
      };
    }
  }
  const once = "decode the bytes of the body as UTF-8, not as Latin-1, before you encode them again";
  yield {
    bytes: Buffer.from(text, "latin1"),
    description: "the body in UTF-8, but yours is encoded twice",
    remedy: once,
  };
  yield {
    bytes: Buffer.from(text.trim(), "base64"),
    description: "the body, but yours is its base64",
    remedy: "decode it first",
  };
}

function* rewritten(
  text: string,
  as: (sent: string, description: string, remedy: string) => SentBody,
): Generator<SentBody> {
  const value = parseJson(text.replace(/^\ufeff/, ""));
  if (value === undefined) return;
  const compact = text.replace(/("(?:[^"\\]+|\\.)*")|\s+/g, "$1");
  yield as(compact, "the body without spaces and line breaks between its members", rawBody);
  yield as(compact.replaceAll("\\/", "/"), "the body without a backslash before each slash", rawBody);
  if (typeof value === "string") {
    yield as(value, "the text in the JSON string that your body is", "take the body itself, not its JSON string");
    yield* rewritten(value, as);
  }
  yield as(JSON.stringify(value), "the same JSON, written in another way", rawBody);
}

/** Describes the body that was sent, by its first difference from the one that a program verifies. */
function differenceFrom(sentBody: string, body: Uint8Array): string {
  const sent = Buffer.from(sentBody, "utf8");
  const at = sent.findIndex((byte, index) => byte !== body[index]);
  const index = at < 0 ? sent.length : at;
  const excerpt = (bytes: Uint8Array) =>
    JSON.stringify(Buffer.from(bytes.subarray(index, index + 24)).toString("utf8"));
  const kind = isSameJson(sentBody, Buffer.from(body).toString("utf8"))
    ? "the same JSON in another form"
    : "another text";
  return (
    `the body that the sandbox sent (${byteCount(sent.length)}), and yours (${byteCount(body.length)}) is ${kind}: ` +
    `from byte ${index + 1} on it has ${excerpt(body)} in place of ${excerpt(sent)}`
  );
}

function isSameJson(one: string, other: string): boolean {
  return canonical(parseJson(one)) === canonical(parseJson(other));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${name}:${canonical(member)}`).join(",")}}`;
}
