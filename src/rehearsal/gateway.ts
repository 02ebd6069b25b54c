import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pause, systemClock } from "../platform/clock.ts";
import {
  type ApiAnswer,
  type ApiExchange,
  type ApiFault,
  type ApiMatch,
  type ApiOperation,
  isMatch,
} from "./exchange.ts";

/** Requests that are held until they are released. */
export interface Barrier {
  /** Number of requests that are held now. */
  readonly held: number;
  /** Whether two of them have the same method and path: no handler sends the same request twice at once. */
  readonly isTwice: boolean;
  /** Lets the held requests and all later ones go. */
  release(): void;
}

/** A fault that waits for requests. */
export interface PlannedFault {
  /** The requests that it was applied to. */
  readonly applied: readonly ApiExchange[];
  /** Applies it to no further request. */
  end(): void;
}

interface Rule {
  readonly match: ApiMatch;
  readonly fault: ApiFault;
  left: number;
  readonly applied: ApiExchange[];
}

interface Hold {
  readonly match: ApiMatch;
  readonly what: "requests" | "answers";
  readonly gate: Promise<void>;
  readonly open: () => void;
  readonly held: ApiExchange[];
}

/**
 * The address that the merchant knows as the provider. It passes requests on to the sandbox, records them, and applies
 * faults and barriers to requests of the API. Pages pass through.
 */
export class Gateway {
  readonly exchanges: ApiExchange[] = [];
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  #rules: Rule[] = [];
  #hold: Hold | undefined;
  #target = { host: "127.0.0.1", port: 0 };

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Opens the gateway. @param port 0 takes any free one. */
  static async open(port = 0): Promise<Gateway> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve());
    });
    const gateway = new Gateway(server);
    server.on("request", (request, response) => {
      gateway.#handle(request, response).catch(() => response.destroy());
    });
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sets the sandbox behind the gateway. */
  forwardTo(url: string): void {
    const { hostname, port } = new URL(url);
    this.#target = { host: hostname, port: Number(port) };
  }

  /** Applies a fault to the next matching requests. @param times number of requests; by default one. */
  plan(match: ApiMatch, fault: ApiFault, times = 1): PlannedFault {
    const rule: Rule = { match, fault, left: times, applied: [] };
    this.#rules.push(rule);
    return {
      applied: rule.applied,
      end: () => {
        this.#rules = this.#rules.filter((other) => other !== rule);
      },
    };
  }

  /**
   * Holds all matching requests that arrive from now on, until the release.
   * @param what `requests`: before the sandbox performs them; `answers`: after that.
   */
  hold(match: ApiMatch, what: "requests" | "answers" = "requests"): Barrier {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const hold: Hold = { match, what, gate, open, held: [] };
    this.#hold = hold;
    return {
      get held() {
        return hold.held.length;
      },
      get isTwice() {
        return new Set(hold.held.map(pathOf)).size < hold.held.length;
      },
      release: () => {
        if (this.#hold === hold) this.#hold = undefined;
        open();
      },
    };
  }

  /** Removes all faults and barriers. Held requests go on. */
  clear(): void {
    this.#rules = [];
    this.#hold?.open();
    this.#hold = undefined;
  }

  /** Ends all connections. Held requests get no answer. */
  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    if (!(request.url ?? "").startsWith("/v1")) {
      respond(response, await this.#forward(request, body));
      return;
    }
    const exchange: ApiExchange = {
      method: request.method ?? "",
      target: request.url ?? "",
      operation: operationOf(request),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: body.toString("utf8"),
      startTime: systemClock.now(),
      number: this.exchanges.length,
    };
    this.exchanges.push(exchange);
    await this.#waitAtBarrier(exchange, "requests");
    await this.#answer(exchange, response, () => this.#forward(request, body));
  }

  async #answer(exchange: ApiExchange, response: ServerResponse, forward: () => Promise<ApiAnswer>): Promise<void> {
    const rule = this.#rules.find(({ match, left }) => left > 0 && isMatch(match, exchange));
    const fault = rule?.fault;
    if (rule !== undefined) {
      rule.left -= 1;
      rule.applied.push(exchange);
      exchange.fault = rule.fault.name;
    }
    if (fault === undefined || fault.isForwarded) exchange.answer = await forward();
    await this.#waitAtBarrier(exchange, "answers");
    if (fault?.delayMs !== undefined) await pause(fault.delayMs, new AbortController().signal);
    const answer = fault === undefined ? exchange.answer : fault.answer(exchange.answer, exchange);
    exchange.received = answer ?? "cut";
    if (answer === undefined) response.destroy();
    else respond(response, answer);
  }

  async #waitAtBarrier(exchange: ApiExchange, what: Hold["what"]): Promise<void> {
    const hold = this.#hold;
    if (hold?.what !== what || !isMatch(hold.match, exchange)) return;
    hold.held.push(exchange);
    await hold.gate;
    hold.held.splice(hold.held.indexOf(exchange), 1);
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        { ...this.#target, method: request.method, path: request.url, headers: request.headers, agent: this.#agent },
        (incoming) => {
          bytesOf(incoming).then((bytes) => {
            const headers = headerLines(incoming.rawHeaders).filter(([name]) => !isOfConnection(name));
            resolve({ status: incoming.statusCode ?? 0, headers, body: bytes.toString("utf8") });
          }, reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

function operationOf({ method, url = "" }: IncomingMessage): ApiOperation {
  const path = url.split("?")[0] ?? "";
  if (method === "GET") return "read";
  if (method === "POST" && path === "/v1/payments") return "create";
  return method === "POST" && /^\/v1\/payments\/[^/]+\/refunds$/.test(path) ? "refund" : "other";
}

/** Method and path of a request. */
function pathOf({ method, target }: ApiExchange): string {
  return `${method} ${target.split("?")[0]}`;
}

/** Headers of one connection, which the gateway does not pass on. */
function isOfConnection(name: string): boolean {
  return /^(connection|keep-alive|transfer-encoding|content-length)$/i.test(name);
}

function headerLines(rawHeaders: readonly string[]): [string, string][] {
  const lines: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) lines.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  return lines;
}

function respond(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  response.writeHead(status, [...headers.flat(), "Content-Length", String(Buffer.byteLength(body))]);
  response.end(body);
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
