/** The part of a merchant's credentials that its program needs. */
interface MerchantEnvironment {
  readonly baseUrl: string;
  readonly processingAccountId: string;
  readonly kid: string;
  /** PKCS #8, PEM; absent if the merchant registered a key of its own. */
  readonly privateKey?: string | undefined;
  readonly hmacKey: string;
}

/** Environment variables with the sandbox's URL and the keys, for a merchant's program. [ours] */
export function environmentVariables(merchant: MerchantEnvironment): (readonly [name: string, value: string])[] {
  const variables = {
    NOMUPAY_BASE_URL: merchant.baseUrl,
    NOMUPAY_PROCESSING_ACCOUNT_ID: merchant.processingAccountId,
    NOMUPAY_KID: merchant.kid,
    NOMUPAY_PRIVATE_KEY: merchant.privateKey?.trim(),
    NOMUPAY_HMAC_KEY: merchant.hmacKey,
  };
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** A value as a `.env` file spells it: several lines become one in quotes, with `\n` for a line break. */
export function dotenvValue(value: string): string {
  return value.includes("\n") ? `"${value.replaceAll("\n", "\\n")}"` : value;
}
