import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HttpRequest } from "../load/http-request.ts";
import { root } from "../paths.ts";

const exchange = JSON.parse(readFileSync(join(root, "fixtures/exchanges/create-payment.json"), "utf8")) as {
  readonly request: { readonly body: string };
};

/** The provider's own example of a create. [seed] */
export const seedPayment = JSON.parse(exchange.request.body) as Record<string, unknown>;

export const seedCreate: HttpRequest = {
  method: "POST",
  path: "/v1/payments",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(seedPayment),
};

export function get(path: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  return { method: "GET", path, headers, body: "" };
}

export const readPayment = (id: string): HttpRequest => get(`/v1/payments/${id}`);
