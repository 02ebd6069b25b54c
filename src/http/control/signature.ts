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

/** Exact bytes of a body, as text or as base64. */
const bodyMembers = () => ({
  body: z.string().optional().meta({ description: "The exact body." }),
  bodyBase64: z
    .string()
    .refine((text) => z.base64().safeParse(text).success, "must be base64")
    .optional()
    .meta({ description: "The exact body as base64, instead of `body`: for bytes that are no UTF-8." }),
});

function bodyOf({ body = "", bodyBase64 }: z.output<z.ZodObject<ReturnType<typeof bodyMembers>>>): Uint8Array {
  return bodyBase64 === undefined
    ? new TextEncoder().encode(body)
    : Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0));
}

const diagnoseSignature = controlRoute({
  method: "POST",
  path: "/signature/diagnose",
  operationId: "diagnoseSignature",
  tag: "Requests",
  summary: "Explain a signature",
  body: {
    schema: () =>
      z
        .strictObject({ method: z.string(), target: z.string(), ...bodyMembers(), signature: z.string().optional() })
        .refine(({ body, bodyBase64 }) => body === undefined || bodyBase64 === undefined, {
          path: ["bodyBase64"],
          error: "must not be combined with body",
        }),
    example: { method: "GET", target: "/v1/payments", signature: "{header}..{signature}" },
  },
  responses: { 200: { description: "Every check with its verdict.", schema: diagnosis } },
  refusals: ["invalid_request"],
  handler: async ({ body: { method, target, signature, ...body } }, { signatures }) =>
    accept(await signatures.diagnose(signature, { method, target, body: bodyOf(body) })),
});

export const signatureRoutes = [diagnoseSignature] as const;
