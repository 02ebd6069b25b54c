import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder, programPath } from "../paths.ts";
import { get } from "./payment.ts";
import type { Target } from "./target.ts";

const authorization = { Authorization: "Bearer sk_test_bench" };
const program = join(benchFolder, "node_modules/stripe-stateful-mock/dist/cli.js");
const loopback = pathToFileURL(programPath("loopback")).href;

/** Charges, which are captured at once. It sends no webhooks. */
export const stripeStatefulMock: Target = {
  name: "stripe-stateful-mock",
  title: "stripe-stateful-mock 0.0.16",
  kind: "peer",
  // It takes its port from a variable.
  command: (port) => ["env", `PORT=${port}`, process.execPath, "--import", loopback, program],
  creates: [
    {
      method: "POST",
      path: "/v1/charges",
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...authorization },
      body: "amount=20000&currency=hkd&source=tok_visa&description=c5211d6b-0178-49f8-a06b-69df097a712f",
    },
  ],
  read: (id) => get(`/v1/charges/${id}`, authorization),
  packages: ["stripe-stateful-mock@0.0.16"],
};
