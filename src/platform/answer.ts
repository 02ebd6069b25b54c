import { Readable, type Transform } from "node:stream";
import { TextDecoder } from "node:util";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, constants as zlib } from "node:zlib";
import type { WebhookAnswer } from "./attempt.ts";

const bodyMaxBytes = 4096;
/** Maximum size of the kept header lines, in characters. A response over a socket has no more. */
const headersMaxLength = 16 * 1024;

type Headers = WebhookAnswer["headers"];

/** First bytes of a body, and whether there may be more. */
interface Beginning {
  readonly bytes: Buffer;
  readonly mayHaveMore: boolean;
}

/**
 * Reads the beginning of a response: 4 KiB of its body, decoded and as text where that is possible.
 * @param body is not read further; the caller frees it.
 */
export async function readAnswer(
  status: number,
  headers: Headers,
  body: AsyncIterator<Uint8Array>,
): Promise<WebhookAnswer> {
  const beginning = await firstBytes(body);
  return { status, headers: boundedHeaders(headers), body: await describeBody(beginning, headers) };
}

/** The lines of Node's flat list of names and values. */
export function headerLines(rawHeaders: readonly string[]): Headers {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : []));
}

function boundedHeaders(headers: Headers): Headers {
  let length = 0;
  return headers.filter(([name, value]) => {
    length += name.length + value.length;
    return length <= headersMaxLength;
  });
}

async function firstBytes(body: AsyncIterator<Uint8Array>): Promise<Beginning> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await body.next(); !part.done; part = await body.next()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size >= bodyMaxBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bodyMaxBytes), mayHaveMore: size >= bodyMaxBytes };
}

async function describeBody(sent: Beginning, headers: Headers): Promise<string> {
  if (sent.bytes.length === 0) return "";
  const type = headerOf(headers, "content-type");
  const codings = headerOf(headers, "content-encoding")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  let content = sent;
  for (const coding of codings.reverse()) {
    const decoded = await decode(content, coding);
    if (decoded === undefined) return described(sent, `that ${coding} does not decode`);
    content = decoded;
  }
  return textOf(content, type) ?? described(content, type === "" ? "of binary content" : `of ${type}`);
}

function described({ bytes, mayHaveMore }: Beginning, what: string): string {
  return `[${mayHaveMore ? "at least " : ""}${bytes.length} bytes ${what}]`;
}

function headerOf(headers: Headers, name: string): string {
  return headers
    .filter(([given]) => given.toLowerCase() === name)
    .map(([, value]) => value)
    .join(", ");
}

function decoderOf(coding: string, firstByte: number): Transform | undefined {
  // The end of the body may be missing.
  const inflating = { finishFlush: zlib.Z_SYNC_FLUSH };
  if (coding === "gzip" || coding === "x-gzip") return createGunzip(inflating);
  if (coding === "br") return createBrotliDecompress({ finishFlush: zlib.BROTLI_OPERATION_FLUSH });
  // Some servers send `deflate` without the header of zlib.
  if (coding === "deflate") return (firstByte & 0x0f) === 8 ? createInflate(inflating) : createInflateRaw(inflating);
  return undefined;
}

/** Decodes the beginning of a body, up to 4 KiB of the result. */
async function decode({ bytes, mayHaveMore }: Beginning, coding: string): Promise<Beginning | undefined> {
  const decoder = decoderOf(coding, bytes[0] ?? 0);
  if (decoder === undefined) return undefined;
  const source = Readable.from([bytes]);
  source.pipe(decoder);
  try {
    const beginning = await firstBytes(decoder[Symbol.asyncIterator]());
    return { ...beginning, mayHaveMore: beginning.mayHaveMore || mayHaveMore };
  } catch {
    return undefined;
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

/** Control characters other than white space. */
const control = /[^\P{Cc}\t-\r]/u;

/** The bytes as text, in the character set of the content type; `undefined` if they are no text. */
function textOf({ bytes, mayHaveMore }: Beginning, type: string): string | undefined {
  const charset = /;\s*charset="?([^\s";]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    const text = decoderFor(charset).decode(bytes, { stream: mayHaveMore });
    return control.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return new TextDecoder("utf-8", { fatal: true });
  }
}
