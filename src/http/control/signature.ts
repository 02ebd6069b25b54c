import { z } from "zod";
import { accept } from "../../domain/refusal.ts";
import { lazySchema } from "../route.ts";
import { named } from "./fields.ts";
import { controlRoute } from "./route.ts";

const diagnosis = lazySchema(() =>
  named(
    "Diagnosis",
    "The diagnosis of a signature.",
    z.object({
      ok: z.boolean(),
      sentence: z.string().meta({ description: "What to change first." }),
      checks: z
        .array(z.object({ name: z.string(), verdict: z.string(), sentence: z.string() }))
        .meta({ description: "Every check, in order." }),
    }),
  ),
);

const diagnoseSignature = controlRoute({
  method: "POST",
  path: "/signature/diagnose",
  operationId: "diagnoseSignature",
  tag: "Requests",
  summary: "Explain a signature",
  body: {
    schema: () =>
      z.strictObject({
        method: z.string(),
        target: z.string(),
        body: z.string().default(""),
        signature: z.string().optional(),
      }),
    example: { method: "GET", target: "/v1/payments", signature: "{header}..{signature}" },
  },
  responses: { 200: { description: "Every check with its verdict.", schema: diagnosis } },
  refusals: ["invalid_request"],
  handler: async ({ body: { method, target, body, signature } }, { signatures }) =>
    accept(await signatures.diagnose(signature, { method, target, body: new TextEncoder().encode(body) })),
});

export const signatureRoutes = [diagnoseSignature] as const;
