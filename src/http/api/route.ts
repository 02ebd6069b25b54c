import type { z } from "zod";
import type { ContractChanges } from "../../domain/contract.ts";
import type { Caller } from "../../domain/merchant.ts";
import type { Result } from "../../domain/refusal.ts";
import type { AppliedScenario, Scenario, ScenarioSubject } from "../../domain/scenario.ts";
import type { UnitOfWork } from "../../services/api-requests.ts";
import type { CreatedPayment, PaymentCreator } from "../../services/payments/payment-creator.ts";
import type { Payments } from "../../services/payments/payments.ts";
import type { Queries } from "../../services/payments/queries.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import type { Addresses } from "../env.ts";
import type { SignedResponse } from "../middleware/sign-response.ts";
import {
  type Absent,
  type Method,
  type ResponseDescriptions,
  type RouteDescription,
  type RouteRequest,
  type SuccessOf,
  withLazySchemas,
} from "../route.ts";
import type { Advise } from "./advice.ts";
import type { JsonText } from "./answer.ts";
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

/** What a route reports besides its result. Each run of the unit of work has its own. */
export interface RequestTrace {
  /** The scenario that applied to the request. */
  appliedScenario?: AppliedScenario | undefined;
  created?: CreatedPayment;
  /** The contract profile of the response, if it is not that of the request. */
  contract?: SignedResponse["contract"];
  /** Delays the response after the commit. */
  beforeResponse?: () => Promise<void>;
}

/** A validated request of the provider's API. */
export interface ApiRequest<P extends string, Q extends z.ZodType, B extends z.ZodType>
  extends Omit<RouteRequest<P, Q, B>, "c"> {
  readonly unit: UnitOfWork;
  readonly trace: RequestTrace;
  /** The path without query. */
  readonly path: string;
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
> extends RouteDescription<M, P, Q, B, R> {
  readonly tag: keyof typeof apiTags;
  readonly source: Provenance;
  /** The subject of scenarios that apply to the request; absent for a route that always refuses. */
  readonly scenario?: ScenarioSubject;
  readonly advise?: Advise;
  /** The schema of the body under a contract profile, if it is another one. */
  readonly bodyUnder?: (contract: ContractChanges) => B | undefined;
  /** Returns the result to send. It runs in the unit of work of the request. */
  handler(
    request: ApiRequest<P, Q, B>,
    services: ApiServices,
  ): Promise<Result<SuccessOf<R> | JsonText>> | Result<SuccessOf<R> | JsonText>;
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
