import type { ControlOperation } from "./operation.ts";
import {
  notificationOperations,
  paymentOperations,
  requestOperations,
  scenarioOperations,
} from "./operations-payments.ts";
import { clockOperations, merchantOperations, sandboxOperations, worldOperations } from "./operations-worlds.ts";

/** Every operation of the control surface. */
export const controlOperations: readonly ControlOperation[] = [
  ...sandboxOperations,
  ...merchantOperations,
  ...worldOperations,
  ...clockOperations,
  ...paymentOperations,
  ...scenarioOperations,
  ...notificationOperations,
  ...requestOperations,
];
