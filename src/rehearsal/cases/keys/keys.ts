import type { RehearsalCase } from "../../case.ts";
import { oldKeyRetired, rotation } from "./rotation.ts";
import { startsWithoutSecret } from "./starts-without-secret.ts";

export const keysCases: readonly RehearsalCase[] = [...rotation, oldKeyRetired, startsWithoutSecret];
