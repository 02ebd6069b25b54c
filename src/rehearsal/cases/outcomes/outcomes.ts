import type { RehearsalCase } from "../../case.ts";
import { paidByQr, paidOnPhone } from "./paid.ts";

export const outcomesCases: readonly RehearsalCase[] = [paidByQr, paidOnPhone];
