/** Sends prepared requests by autocannon, and prints how it went as JSON. */
import { createRequire } from "node:module";
import { readRequests } from "../load/http-request.ts";

interface Client {
  setRequests(requests: readonly object[]): void;
  on(event: "response", listener: () => void): void;
}

interface Options {
  readonly url: string;
  readonly connections: number;
  readonly setupClient: (client: Client) => void;
  readonly duration?: number;
  readonly amount?: number;
  readonly timeout: number;
  readonly bailout: number;
}

interface Outcome {
  readonly requests: { readonly total: number };
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
}

type Instance = PromiseLike<Outcome> & { stop(): void };

interface Order {
  /** The package that depends on autocannon. */
  readonly from: string;
  readonly url: string;
  readonly file: string;
  readonly connections: number;
  readonly once: boolean;
  readonly seconds?: number;
  readonly count?: number;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const autocannon = createRequire(order.from)("autocannon") as (options: Options) => Instance;

const requests = readRequests(order.file);
const share = Math.max(Math.floor(requests.length / order.connections), 1);
let clients = 0;

/** Gives each connection requests that no other connection sends, and stops when one has sent all of them. */
function setupClient(client: Client): void {
  const first = (clients * share) % requests.length;
  clients += 1;
  client.setRequests(requests.slice(first, first + share));
  let left = share;
  client.on("response", () => {
    left -= 1;
    if (order.once && left <= 1) instance.stop();
  });
}

const limit = order.count === undefined ? { duration: order.seconds ?? 1 } : { amount: order.count };
const began = performance.now();
const instance = autocannon({
  url: order.url,
  connections: order.connections,
  setupClient,
  timeout: 30,
  bailout: 1,
  ...limit,
});
const outcome = await instance;
const summary = {
  completed: outcome["2xx"] + outcome.non2xx,
  refused: outcome.non2xx,
  failed: outcome.errors,
  micros: Math.round((performance.now() - began) * 1000),
};
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exit(0);
