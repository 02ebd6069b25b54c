import { z } from "zod";
import type { RefusalCode } from "../../domain/refusal.ts";
import { lazySchema } from "../route.ts";
import { sentence } from "./fields.ts";
import { marked } from "./provenance.ts";
import { type ErrorResource, refusalCodes } from "./refusals.ts";

const controlCodes = [
  "admin_token_required",
  "action_not_allowed",
  "clock_busy",
  "advance_limit",
  "not_reached",
  "not_matched",
] as const satisfies readonly RefusalCode[];
type ApiErrorCode = Exclude<RefusalCode, (typeof controlCodes)[number]>;

const errorCode = lazySchema(() =>
  z
    .literal(refusalCodes.filter((code): code is ApiErrorCode => !controlCodes.some((control) => control === code)))
    .meta({ id: "ErrorCode", ...marked("ours", "The error code: a closed list, in order of precedence.") }),
);

const fieldError = () =>
  z
    .object({
      path: z.string().meta(marked("ours", "Path of the member, with dots; empty for the body as a whole.")),
      code: errorCode(),
      description: sentence().meta({ "x-source": "ours" }),
    })
    .meta({ id: "FieldError", ...marked("ours", "An error in one member of a body or query.") });

/** The body of every refusal on the provider's API. */
export const error = lazySchema(
  () =>
    z
      .object({
        reason: z
          .object({ code: errorCode(), description: sentence() })
          .meta(marked("ours", "The error, in the form of the provider's `reason`.")),
        errors: z
          .array(fieldError())
          .meta(marked("ours", "All errors in the body or query; absent for other refusals."))
          .exactOptional(),
      })
      .meta({ id: "Error", ...marked("ours", "Why a request was refused.") }) satisfies z.ZodType<ErrorResource>,
);
