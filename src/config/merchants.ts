import { z } from "zod";
import { isKsuid } from "../domain/ksuid.ts";
import { scopes } from "../domain/merchant.ts";
import { ConfigError } from "./config-error.ts";

const text = z.string().min(1);
const ksuid = z.string().refine(isKsuid, "must be a KSUID");
const merchantOptions = z.array(
  z.strictObject({
    merchantId: text.refine((id) => id !== "demo", "must not be demo: that one is there already"),
    processingAccountIds: z.tuple([ksuid], ksuid),
    credentials: z
      .array(
        z.strictObject({
          kid: ksuid.optional(),
          publicKey: z.union([text, z.record(z.string(), z.unknown())]),
          scopes: z.array(z.enum(scopes)).optional(),
        }),
      )
      .optional(),
  }),
);

/** A merchant besides the demo merchant. */
export type MerchantOption = z.output<typeof merchantOptions>[number];

/** Reads merchants as code and files spell them. @param origin where they stand, for the error. */
export function checkMerchants(merchants: unknown, origin: string): readonly MerchantOption[] {
  const parsed = merchantOptions.safeParse(merchants);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join(".") ?? "";
    throw new ConfigError(`${origin}${path === "" ? "" : `: ${path}`} is wrong: ${issue?.message}.`);
  }
  return parsed.data;
}
