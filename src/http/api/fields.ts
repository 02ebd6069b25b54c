import { z } from "zod";
import type { ContractChanges } from "../../domain/contract-rules.ts";
import { isKsuid } from "../../domain/ksuid.ts";
import { type AmountUnit, type Money, moneyFromWire, moneyOnWire } from "../../domain/money.ts";
import { allowedAddresses, appSchemePattern, isAppUrl } from "../../domain/return-address.ts";
import { lazySchema, type Resource } from "../route.ts";
import { breach } from "../validate.ts";
import { marked, type Provenance } from "./provenance.ts";

// Members that several resources have. Those of requests are checked, those of responses are described.

const ksuidPattern = "^[0-9A-Za-z]{27}$";

/** The provider says only of a `kid` that it is a KSUID. */
export const ksuidByExample = "A KSUID, as far as the provider's example shows.";

export const processingAccountId = lazySchema(() =>
  z
    .string()
    .refine(isKsuid, "must be a KSUID: 27 letters and digits")
    .meta(marked("seed", `The account of the payment. ${ksuidByExample}`, { pattern: ksuidPattern })),
);

/** 1 to 255 characters, no control characters. [ours] */
export const merchantReference = lazySchema(() =>
  z
    .string()
    .refine((text) => text !== "" && [...text].length <= 255, "must have 1 to 255 characters")
    .refine((text) => !/\p{Cc}/u.test(text), "must not have control characters")
    .meta(
      marked("seed", "The merchant's own reference: 1 to 255 characters, no control characters. [ours]", {
        minLength: 1,
        maxLength: 255,
        pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
      }),
    ),
);

/** An amount beyond every limit. Larger numbers have no exact value in cents. */
const hugeAmount = 1e15;

function moneyOf(value: number, unit: AmountUnit): Money | undefined {
  return moneyFromWire(Math.abs(value) > hugeAmount ? Math.sign(value) * hugeAmount : value, unit);
}

const decimals = { major: "must have at most two decimals", minor: "must be a whole number of cents" } as const;

/**
 * An amount as a JSON number [seed]: in major HKD, inferred from the minimum 0.1, with at most two decimals, or in
 * cents. [ours]
 */
export const amountValue = (minimum: Money, unit: AmountUnit = "major") =>
  z
    .number()
    .refine((value) => moneyOf(value, unit) !== undefined, { error: decimals[unit], abort: true })
    .refine(
      (value) => (moneyOf(value, unit) ?? 0) >= minimum,
      breach("amount_below_minimum", `must be at least ${moneyOnWire(minimum, unit)}`),
    )
    .transform((value) => moneyOf(value, unit) as Money);

export const currency = lazySchema(() =>
  z
    .string()
    .refine((code) => code === "hkd", breach("unsupported_currency", 'must be "hkd", in lower case'))
    .meta(marked("seed", "Hong Kong dollars, in lower case.", { enum: ["hkd"] })),
);

const unitInWords = {
  major: "In major units, with at most two decimals: 200 is HKD 200.00. [ours]",
  minor: "In cents, a whole number: 20000 is HKD 200.00. [ours]",
} as const;

/** @param minimum smallest amount. @param note ends the description of the value. */
export const amountInput = (minimum: Money, source: Provenance, note: string, unit: AmountUnit = "major") => {
  const value = amountValue(minimum, unit).meta(
    marked(source, `${unitInWords[unit]} ${note}`, {
      minimum: moneyOnWire(minimum, unit),
      ...(unit === "minor" ? { override: { type: "integer" } } : {}),
    }),
  );
  return z.object({ value, currency: currency() }).meta(marked(source, "The amount."));
};

const isWebAddress = (text: string) => /^https?:\/\//i.test(text) && URL.canParse(text);

const webUrlPattern = "[Hh][Tt][Tt][Pp][Ss]?://(?![^/?#\\\\]*@)";
const visible = "[^\\s\\u0000-\\u001f\\u007f-\\u009f]+";
const returnUrlPatterns = {
  http_https: `^${webUrlPattern}${visible}$`,
  custom: `^(?:${webUrlPattern}|${appSchemePattern})${visible}$`,
} as const;

/** An absolute http or https URL [seed], or by `returnSchemes` an app's own, without blanks or user name. [ours] */
export const returnUrl = (schemes: keyof typeof allowedAddresses) => {
  const allowed = allowedAddresses[schemes];
  return z
    .string()
    .refine((text) => isWebAddress(text) || (schemes === "custom" && isAppUrl(text)), `must be ${allowed}`)
    .refine((text) => !/[\s\p{Cc}]/u.test(text), "must not have blanks or control characters")
    .refine((text) => !/^https?:\/\/[^/?#\\]*@/i.test(text), "must not have a user name or password")
    .meta(
      marked(
        "seed",
        `Where the payer's browser goes after the payment: ${allowed}, used exactly as given. It ` +
          "has no blanks, control characters, user name or password; characters beyond ASCII are allowed. [ours]",
        { pattern: returnUrlPatterns[schemes] },
      ),
    );
};

/** 8 to 50 characters. [docs] */
export const idempotencyKey = lazySchema(() =>
  z
    .string()
    .refine((key) => [...key].length >= 8 && [...key].length <= 50, "must have 8 to 50 characters")
    .meta(
      marked(
        "docs",
        "For a week, the same request with the same key is done once. It returns the first response, byte for byte, " +
          "unless the contract profile was changed in between and now refuses the request. [ours] Another request " +
          "with the key is a conflict. [plugin]",
        { minLength: 8, maxLength: 50 },
      ),
    ),
);

/** The query of a request that creates a payment or refund. */
export const keyQuery = lazySchema(() => z.object({ idempotencyKey: idempotencyKey().optional() }));

/** An instant on the wire: RFC 3339 in UTC, with milliseconds. */
export function presentTime(time: number): string {
  return new Date(time).toISOString();
}

export const ksuid = (source: Provenance, description: string, form = "A KSUID.") =>
  z.string().meta(marked(source, `${description} ${form}`, { pattern: ksuidPattern }));

export const instant = (source: Provenance, description: string) =>
  z.string().meta(marked(source, description, { format: "date-time" }));

export const trackingUrl = (source: Provenance, operation: "payments" | "refunds") =>
  z
    .string()
    .meta(marked(source, "Path to read its status, without host.", { pattern: `^/v1/tracks/${operation}/[^/]+$` }));

/** The same as a code, in words. */
export const sentence = () => z.string().meta(marked("seed", "The same in a sentence, for people."));

export const givenReference = () => z.string().meta(marked("seed", "As the merchant gave it."));

/**
 * One of the values that the sandbox responds with. The document lists them as `x-sandbox-values`. It publishes no
 * closed list, or the longer list of the provider: a generated client survives further values of the provider.
 */
export function oneOf<const V extends readonly (string | boolean)[]>(
  values: V,
  source: Provenance,
  description: string,
  published: object = {},
) {
  return z.literal(values).meta(
    marked(source, description, {
      "x-sandbox-values": values,
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
        delete jsonSchema.enum;
        delete jsonSchema.const;
        Object.assign(jsonSchema, published);
      },
    }),
  );
}

export const amount = lazySchema(() =>
  z
    .object({
      value: z.number().meta(marked("seed", "In major units: 200 is HKD 200.00. [ours]")),
      currency: z.enum(["hkd"]).meta(marked("seed", "Hong Kong dollars.")),
    })
    .meta({ id: "Amount", ...marked("seed", "An amount of money.") }),
);
export type AmountResource = Resource<typeof amount>;

/** @param contract the rules that differ from the defaults. */
export function presentAmount(money: Money, contract?: ContractChanges): AmountResource {
  return { value: moneyOnWire(money, contract?.amountUnit ?? "major"), currency: "hkd" };
}

/** Amount and times of a payment or refund. */
export const amountAndTimes = () => ({
  amount: amount().nonoptional().meta(marked("ours", "The whole amount.")),
  createTime: instant("plugin", "Time of creation."),
  updateTime: instant("plugin", "Time of the last change."),
});

export function presentAmountAndTimes(of: {
  readonly amount: Money;
  readonly createTime: number;
  readonly updateTime: number;
  readonly contract?: ContractChanges | undefined;
}): { readonly amount: AmountResource; readonly createTime: string; readonly updateTime: string } {
  const createTime = presentTime(of.createTime);
  const updateTime = of.updateTime === of.createTime ? createTime : presentTime(of.updateTime);
  return { amount: presentAmount(of.amount, of.contract), createTime, updateTime };
}
