import type { RehearsalCase } from "../../case.ts";
import { behindProxy } from "./behind-proxy.ts";
import { unknownStatus } from "./unknown-status.ts";
import { unknownType } from "./unknown-type.ts";
import { unusualDeliveries } from "./unusual-delivery.ts";

export const transportCases: readonly RehearsalCase[] = [...unusualDeliveries, unknownType, unknownStatus, behindProxy];
