import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { systemClock } from "../platform/clock.ts";

/** A request to the merchant's server. Names of headers keep their case. */
export interface MerchantRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | undefined;
  /** Whether the body has no `Content-Length`, and comes in chunks. */
  readonly isChunked?: boolean;
  /** Maximum time of the complete response, in milliseconds. */
  readonly timeoutMs: number;
  /** Called with the status when the response begins. */
  readonly onStatus?: (status: number) => void;
}

/** A response of the merchant's server, or the reason why there is none. */
export interface MerchantResponse {
  /** 0 without a response. */
  readonly status: number;
  /** Value of a header; empty if it is absent. @param name in lower case. */
  readonly header: (name: string) => string;
  readonly cookies: readonly string[];
  /** At most 1 MiB of the body. */
  readonly body: string;
  readonly error: string | undefined;
}

const bodyMax = 1_048_576;

/** Sends a request on a connection of its own: the server may have been started again. Never rejects. */
export async function sendRequest(given: MerchantRequest): Promise<MerchantResponse> {
  try {
    return await exchange(given);
  } catch (error) {
    // A refused connection, or a header that HTTP does not allow, such as a cookie with other characters.
    const { message } = error as Error;
    return { status: 0, header: () => "", cookies: [], body: "", error: message || "no response" };
  }
}

function exchange(given: MerchantRequest): Promise<MerchantResponse> {
  const { method, url, body = "", isChunked = false, timeoutMs, onStatus } = given;
  return new Promise((resolve, reject) => {
    const length = isChunked
      ? { "Transfer-Encoding": "chunked" }
      : method === "GET"
        ? {}
        : { "Content-Length": Buffer.byteLength(body) };
    const options = { method, headers: { ...given.headers, ...length }, agent: false, rejectUnauthorized: false };
    const outgoing = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, options, (incoming) => {
      const { statusCode: status = 0, headers } = incoming;
      onStatus?.(status);
      const header = (name: string) => String(headers[name] ?? "");
      textOf(incoming).then(
        (text) => resolve({ status, header, cookies: headers["set-cookie"] ?? [], body: text, error: undefined }),
        reject,
      );
    });
    // Not the timeout of the socket: each byte would begin it anew.
    const cancel = systemClock.after(timeoutMs, () => {
      outgoing.destroy(new Error(`no complete response within ${timeoutMs} ms`));
    });
    outgoing.on("error", reject).on("close", cancel);
    const bytes = Buffer.from(body);
    // Two chunks: a receiver must not take the first one for the whole.
    const middle = isChunked ? Math.floor(bytes.length / 2) : 0;
    if (middle > 0) outgoing.write(bytes.subarray(0, middle));
    outgoing.end(bytes.subarray(middle));
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of incoming.setEncoding("utf8")) text += text.length < bodyMax ? part : "";
  return text;
}
