import { z } from "zod";

/** What the floors accept: the shape of the provider's create request. */
export const createSchema = z.object({
  processingAccountId: z.string().length(27),
  merchantReference: z.string().min(1).max(255),
  amount: z.object({ value: z.number().min(0.1), currency: z.literal("hkd") }),
  paymentMethod: z.object({
    type: z.literal("alipay_hk"),
    alipayHk: z.object({ returnUrl: z.url(), flowType: z.enum(["qr_link", "mobile_redirect"]) }),
  }),
});
