import type { z } from "zod";
import type { Caller } from "../../domain/merchant.ts";
import type { Scenario, ScenarioSubject } from "../../domain/scenario.ts";
import type { PaymentCreator } from "../../services/payments/payment-creator.ts";
import type { Payments } from "../../services/payments/payments.ts";
import type { Queries } from "../../services/payments/queries.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import type { Addresses } from "../env.ts";
import { type Absent, type Method, type ResponseDescriptions, type Route, withLazySchemas } from "../route.ts";
import type { Provenance } from "./provenance.ts";

/** The groups of the provider's API, in the order of the reference page. */
export const apiTags = {
  Payments: "Create and read payments.",
  Refunds: "Return money to the payer.",
  Requests: "Find the response to a request by its idempotency key.",
  Transactions: "Movements of money.",
  "Not supported":
    "Operations that the provider offers for other payment methods. Alipay HK has none of them [seed]: they are " +
    "refused.",
} as const;

/** The services behind the provider's API. */
export interface ApiServices {
  readonly payments: Payments;
  readonly paymentCreator: PaymentCreator;
  readonly refunds: Refunds;
  readonly lists: Queries;
  readonly addresses: Addresses;
}

/** What a request of the provider's API has besides path, query and body. */
export interface ApiRequest {
  /** The parsed body before validation, which idempotency compares. */
  readonly json: unknown;
  readonly caller: Caller;
  /** The scenario in the request's header. */
  readonly asked: Scenario | undefined;
}

export interface ApiRoute<
  M extends Method = Method,
  P extends string = string,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends ResponseDescriptions = ResponseDescriptions,
> extends Route<ApiRequest, ApiServices, M, P, Q, B, R> {
  readonly tag: keyof typeof apiTags;
  readonly source: Provenance;
  /** The subject of scenarios that apply to the request; absent for a route that always refuses. */
  readonly scenario?: ScenarioSubject;
}

/** Describes one route of the provider's API. */
export function apiRoute<
  M extends Method,
  P extends string,
  R extends ResponseDescriptions,
  Q extends z.ZodType = Absent,
  B extends z.ZodType = Absent,
>(route: ApiRoute<M, P, Q, B, R>): ApiRoute<M, P, Q, B, R> {
  return withLazySchemas(route);
}
