import { clockRoutes } from "./clock.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes } from "./health.ts";
import { merchantRoutes } from "./merchants.ts";
import { notificationRoutes } from "./notifications.ts";
import { paymentRoutes } from "./payments.ts";
import { refundRoutes } from "./refunds.ts";
import { loggedRequestRoutes } from "./requests.ts";
import { scenarioRoutes } from "./scenarios.ts";
import { signatureRoutes } from "./signature.ts";
import { snapshotRoutes } from "./snapshots.ts";
import { worldRoutes } from "./worlds.ts";

/** Every route of the control surface, in the order of the OpenAPI document. */
export const controlRoutes = [
  ...healthRoutes,
  ...merchantRoutes,
  ...worldRoutes,
  ...snapshotRoutes,
  ...clockRoutes,
  ...paymentRoutes,
  ...refundRoutes,
  ...scenarioRoutes,
  ...notificationRoutes,
  ...loggedRequestRoutes,
  ...signatureRoutes,
  ...eventRoutes,
] as const;
