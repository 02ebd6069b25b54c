import { z } from "zod";
import { accept } from "../../domain/refusal.ts";
import { lazySchema } from "../route.ts";
import { named, optionalText } from "./fields.ts";
import { controlRoute } from "./route.ts";

const headerMember = () =>
  z.object({
    name: z.string(),
    verdict: z.string().meta({ description: "`ok`, `wrong`, `unknown` (not checked) or `ignored`." }),
    given: z.string().exactOptional().meta({ description: "The value as JSON, at most 200 characters." }),
    expected: z.string().exactOptional().meta({ description: "What is expected: a value as JSON, or words." }),
  });

const excerpt = lazySchema(() =>
  named(
    "Excerpt",
    "At most 2 KiB around the first difference of two contents.",
    z.object({
      text: z.string().meta({
        description: "UTF-8. If one of the contents is not, every byte that is not printable ASCII is `\\xNN`.",
      }),
      start: z.number().meta({ description: "Offset of the text, in bytes." }),
      end: z.number().meta({ description: "Offset after the text, in bytes." }),
      size: z.number().meta({ description: "Size of the whole content, in bytes." }),
      sha256: z.string().meta({ description: "SHA-256 of the whole content, in hex." }),
    }),
  ),
);

const comparison = () =>
  z.object({
    part: z.string().meta({ description: "`aud`, `body` or `signing_input`, the bytes that the signature covers." }),
    expected: excerpt(),
    given: excerpt().exactOptional().meta({ description: "Absent if the doctor cannot know it." }),
    differsAt: z.number().exactOptional().meta({ description: "Offset of the first difference, in bytes." }),
  });

const diagnosis = lazySchema(() =>
  named(
    "Diagnosis",
    "The diagnosis of a signature.",
    z.object({
      ok: z.boolean(),
      sentence: z.string().meta({ description: "What to change first." }),
      code: z.string().exactOptional().meta({ description: "Name of the first check that is wrong." }),
      checks: z
        .array(z.object({ name: z.string(), verdict: z.string(), sentence: z.string() }))
        .meta({ description: "Every check, in order." }),
      header: z.array(headerMember()).exactOptional().meta({
        description: "The members of the protected header, with what is expected; absent if it cannot be read.",
      }),
      comparisons: z.array(comparison()).meta({
        description:
          "For a wrong signature: what it must cover, and what it covers. For a response or webhook: what the " +
          "sandbox signed, and what the merchant's program verifies.",
      }),
      mistakes: z
        .array(
          z.object({
            cause: z.string(),
            computed: z.string().exactOptional().meta({ description: "What a program with this mistake computes." }),
          }),
        )
        .exactOptional()
        .meta({
          description: "For a right signature of the provider: what a program that refuses it may do, likeliest first.",
        }),
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

const kinds = ["request", "response", "webhook"] as const;
type Kind = (typeof kinds)[number];

/** Members that belong to some kinds of a message; those without `optional` are required there. */
const membersOfKinds: Readonly<Record<string, { readonly kinds: readonly Kind[]; readonly optional?: true }>> = {
  method: { kinds: ["request"] },
  target: { kinds: ["request"] },
  url: { kinds: ["webhook"] },
  hmacKey: { kinds: ["response", "webhook"], optional: true },
  computed: { kinds: ["response", "webhook"], optional: true },
};

const diagnosisInput = lazySchema(() =>
  z
    .strictObject({
      kind: z.enum(kinds).default("request").meta({
        description: "`request`: a request of the merchant. `response`, `webhook`: what the merchant received.",
      }),
      method: optionalText("Method of the request."),
      target: optionalText("Path and query of the request."),
      url: optionalText("URL that the merchant's program compares with the `aud` of the webhook."),
      ...bodyMembers(),
      signature: z
        .union([z.string(), z.array(z.string())], { error: "must be a text or a list of texts" })
        .optional()
        .meta({ description: "The value or values of `X-Signature`." }),
      hmacKey: optionalText("The shared secret that the merchant's program uses."),
      computed: optionalText("The signature that the merchant's program computes."),
    })
    .superRefine((input, context) => {
      const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (input.body !== undefined && input.bodyBase64 !== undefined) {
        refuse("bodyBase64", "must not be combined with body");
      }
      for (const [name, { kinds: owners, optional }] of Object.entries(membersOfKinds)) {
        const isGiven = input[name as keyof typeof input] !== undefined;
        if (isGiven && !owners.includes(input.kind)) refuse(name, `is not for the kind ${input.kind}`);
        if (!isGiven && owners.includes(input.kind) && optional === undefined) refuse(name, "is missing");
      }
    }),
);

const diagnoseSignature = controlRoute({
  method: "POST",
  path: "/signature/diagnose",
  operationId: "diagnoseSignature",
  tag: "Requests",
  summary: "Explain a signature",
  description:
    "Of a request of the merchant, or of a response or webhook that the merchant's program refuses. `url` belongs to " +
    "a webhook, `hmacKey` and `computed` to a response and a webhook, `method` and `target` to a request.",
  body: {
    schema: diagnosisInput,
    example: { method: "GET", target: "/v1/payments", signature: "{header}..{signature}" },
  },
  responses: { 200: { description: "Every check with its verdict.", schema: diagnosis } },
  refusals: ["invalid_request"],
  handler: async ({ body: input }, { receivedMessages, signatures }) => {
    const { kind, method = "", target = "", signature, url, hmacKey, computed } = input;
    const body = bodyOf(input);
    if (kind !== "request") return accept(await receivedMessages.diagnose({ signature, body, url, hmacKey, computed }));
    const joined = Array.isArray(signature) ? signature.join(", ") : signature;
    return accept(await signatures.diagnose(joined, { method, target, body }));
  },
});

export const signatureRoutes = [diagnoseSignature] as const;
