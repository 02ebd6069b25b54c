import { paymentRoutes } from "./payments.ts";
import { refundRoutes } from "./refunds.ts";
import { requestRoutes } from "./requests.ts";
import type { ApiRoute } from "./route.ts";
import { transactionRoutes } from "./transactions.ts";
import { unsupportedRoutes } from "./unsupported.ts";

/** Every route of the provider's API, in the order of the OpenAPI document. */
export const apiRoutes: readonly ApiRoute[] = [
  ...paymentRoutes,
  ...refundRoutes,
  ...requestRoutes,
  ...transactionRoutes,
  ...unsupportedRoutes,
];
