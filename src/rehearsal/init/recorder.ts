import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../platform/clock.ts";
import { type MerchantResponse, sendRequest } from "../http.ts";

/** A request that passed the recorder, with its response. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Real time, in milliseconds. */
  readonly startTime: number;
  response?: Pick<MerchantResponse, "status" | "header" | "body">;
}

/** A way into the shop that records what a customer's browser sends. */
export interface Recorder extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
}

/** Headers of one connection, and those that would make the response unreadable here. */
const dropped = /^(connection|keep-alive|transfer-encoding|content-length|host|accept-encoding)$/i;

/**
 * Opens the recorder in front of a shop. Redirects and links to the shop's own origin are changed, so that the browser
 * stays here.
 * @param port 0 takes any free one.
 */
export async function openRecorder(shopUrl: string, port: number, timeoutMs: number): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shop = new URL(shopUrl).origin;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const { method = "GET", url: target = "/" } = request;
    const lines = Object.entries(request.headers).filter(([name]) => !dropped.test(name));
    const headers = Object.fromEntries(lines.map(([name, value]) => [name, String(value).replaceAll(url, shop)]));
    const record: RecordedRequest = { method, target, headers, body, startTime: systemClock.now() };
    requests.push(record);
    const sent = method === "GET" ? {} : { body };
    const answer = await sendRequest({ method, url: shop + target, headers, ...sent, timeoutMs });
    record.response = answer;
    respond(response, answer, (text) => text.replaceAll(shop, url));
  }

  return {
    url,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

function respond(response: ServerResponse, answer: MerchantResponse, rewrite: (text: string) => string): void {
  if (answer.status === 0) {
    response.writeHead(502, { "Content-Type": "text/plain" }).end(`The shop does not answer: ${answer.error}`);
    return;
  }
  const location = answer.header("location");
  const type = answer.header("content-type");
  response.writeHead(answer.status, {
    ...(type === "" ? {} : { "Content-Type": type }),
    ...(location === "" ? {} : { Location: rewrite(location) }),
    ...(answer.cookies.length === 0 ? {} : { "Set-Cookie": [...answer.cookies] }),
  });
  response.end(rewrite(answer.body));
}
