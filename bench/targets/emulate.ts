import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { HttpRequest } from "../load/http-request.ts";
import { benchFolder, programPath } from "../paths.ts";
import { get } from "./payment.ts";
import type { Target } from "./target.ts";

/** Bearer tokens in use. emulate allows each of them 5,000 requests an hour. */
const tokens = Array.from({ length: 992 }, (_, index) => `sk_test_${index}`);
const program = join(benchFolder, "node_modules/emulate/dist/index.js");
const loopback = pathToFileURL(programPath("loopback")).href;
let reads = 0;

const create = (token: string): HttpRequest => ({
  method: "POST",
  path: "/v1/payment_intents",
  headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: `Bearer ${token}` },
  body: "amount=20000&currency=hkd&description=c5211d6b-0178-49f8-a06b-69df097a712f",
});

/** Payment intents of the Stripe service. Refunds do not exist there, and a create captures nothing. */
export const emulate: Target = {
  name: "emulate",
  title: "emulate 0.11.2",
  kind: "peer",
  command: (port) => [
    process.execPath,
    ...["--import", loopback],
    program,
    ...["start", "--service", "stripe", "--port", String(port)],
  ],
  creates: tokens.map(create),
  read: (id) => {
    reads += 1;
    return get(`/v1/payment_intents/${id}`, { Authorization: `Bearer ${tokens[reads % tokens.length]}` });
  },
  packages: ["emulate@0.11.2"],
};
