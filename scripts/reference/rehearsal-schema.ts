import { z } from "zod";
import { planSchema } from "../../src/rehearsal/plan.ts";

/** JSON Schema of `rehearsal.json`, for editors. The program may refuse more: some rules are code. */
export function rehearsalSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(planSchema, { io: "input", target: "draft-7" });
  return { title: "Plan of a rehearsal of alipay-hk-sandbox", ...schema };
}
