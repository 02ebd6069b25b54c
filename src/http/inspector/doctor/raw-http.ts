import { excerpt, type PastedRequest, type Reading, read, targetOf, unreadable } from "./reading.ts";

/** A raw HTTP message that a developer pasted. */
export interface RawMessage {
  /** The request line or status line; empty without one. */
  readonly startLine: string;
  /** The values of `X-Signature`. */
  readonly signatures: readonly string[];
  readonly body: string;
  readonly notes: readonly string[];
}

const requestLine = /^([A-Za-z]+)[ \t]+(\S+)(?:[ \t]+HTTP\/[\d.]+)?$/;
const statusLine = /^HTTP\/[\d.]+ \d{3}\b/;
const headerLine = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*)$/;

interface NumberedLine {
  readonly text: string;
  /** Number in the pasted text, from 1 on. */
  readonly number: number;
}

/**
 * Reads a raw HTTP message, also as `curl -v` prints it.
 * @param mark the mark of `curl -v` before the lines of the message.
 * @param needsRequestLine whether the message must begin with a request line.
 */
export function readRawMessage(text: string, mark: ">" | "<", needsRequestLine = false): Reading<RawMessage> {
  const lines = withoutCurlMarks(linesOf(text), mark);
  const start = lines.findIndex((line) => line.text.trim() !== "");
  const first = lines[start];
  if (first === undefined) return unreadable("The box is empty.");
  if (needsRequestLine && !requestLine.test(first.text.trim())) {
    const wanted = 'expected a curl command, or a request that begins with a line such as "POST /v1/payments HTTP/1.1"';
    return unreadable(`Line ${first.number} is ${excerpt(first.text)}: ${wanted}.`);
  }
  const hasStartLine = requestLine.test(first.text.trim()) || statusLine.test(first.text);
  const head = lines.slice(start + (hasStartLine ? 1 : 0));
  const end = head.findIndex(({ text: line }) => line.trim() === "" || /^[{[]/.test(line));
  const headers = end < 0 ? head : head.slice(0, end);
  const wrong = headers.find((line) => !headerLine.test(line.text));
  if (wrong !== undefined) {
    const wanted = "expected a header (Name: value), or an empty line before the body";
    return unreadable(`Line ${wrong.number} is ${excerpt(wrong.text)}: ${wanted}.`);
  }
  const valuesOf = (wanted: string) =>
    headers.flatMap(({ text: line }) => {
      const [, name = "", value = ""] = headerLine.exec(line) ?? [];
      return name.toLowerCase() === wanted ? [value.trim()] : [];
    });
  const rest = end < 0 ? [] : head.slice(head[end]?.text.trim() === "" ? end + 1 : end);
  const signatures = valuesOf("x-signature");
  const { body, note } = bodyOf(rest.map((line) => line.text).join("\n"), valuesOf("content-length").at(-1));
  return read({
    startLine: hasStartLine ? first.text.trim() : "",
    signatures,
    body,
    notes: [
      ...(signatures.length === 0 ? [`No X-Signature header found in ${linesIn(headers, first)}.`] : []),
      ...(note === undefined ? [] : [note]),
    ],
  });
}

/** Browsers send each line break of a form as CR LF. */
function linesOf(text: string): NumberedLine[] {
  return text.split(/\r\n|\r|\n/).map((line, index) => ({ text: line, number: index + 1 }));
}

function withoutCurlMarks(lines: readonly NumberedLine[], mark: ">" | "<"): readonly NumberedLine[] {
  if (!lines.some(({ text }) => text.startsWith(`${mark} `))) return lines;
  return lines
    .filter(({ text }) => text.startsWith(mark) || (mark === "<" && !/^[*>{}] ?(?!")/.test(text)))
    .map(({ text, number }) => ({ text: text.startsWith(mark) ? text.slice(2) : text, number }));
}

function linesIn(headers: readonly NumberedLine[], first: NumberedLine): string {
  const [from, to] = [headers[0]?.number ?? first.number, headers.at(-1)?.number ?? first.number];
  return from === to ? `line ${from}` : `lines ${from} to ${to}`;
}

/**
 * The body as it was sent. A browser changes every line break to CR LF, and a copy often ends with one more, so the
 * size in `Content-Length` decides.
 */
function bodyOf(text: string, contentLength: string | undefined): { readonly body: string; readonly note?: string } {
  const bare = text.replace(/\n+$/, "");
  const size = (body: string) => new TextEncoder().encode(body).length;
  if (contentLength === undefined) {
    return bare === text
      ? { body: text }
      : { body: bare, note: "The body is taken without the line break at its end." };
  }
  const candidates = [text, bare, text.replaceAll("\n", "\r\n"), bare.replaceAll("\n", "\r\n"), `${bare}\n`];
  const body = candidates.find((candidate) => String(size(candidate)) === contentLength);
  if (body !== undefined) return { body };
  const sizes = `Content-Length is ${contentLength}, but the pasted body has ${size(bare)} bytes`;
  return { body: bare, note: `${sizes}: paste it exactly as sent.` };
}

/** Reads a raw HTTP request. */
export function readRawRequest(text: string): Reading<PastedRequest> {
  const message = readRawMessage(text, ">", true);
  if (!message.ok) return message;
  const { startLine, signatures, body, notes } = message.value;
  const [, method = "", url = ""] = requestLine.exec(startLine) ?? [];
  const signature = signatures.length === 0 ? undefined : signatures.join(", ");
  return read({ method, target: targetOf(url), signature, body, notes });
}
