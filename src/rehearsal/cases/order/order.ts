import type { RehearsalCase } from "../../case.ts";
import { webhookAndReturn } from "./webhook-and-return.ts";

export const orderCases: readonly RehearsalCase[] = [webhookAndReturn];
