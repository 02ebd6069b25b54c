import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.ts";

/** The variables of a merchant's program. [plugin] */
export interface MerchantVariables {
  readonly baseUrl: string | undefined;
  readonly kid: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  readonly hmacKey: string;
  readonly processingAccountId: string;
}

/** Reads the `NOMUPAY_*` variables. Throws `ConfigError` with the names of those that are missing. */
export function readMerchantVariables(): MerchantVariables {
  const { env } = process;
  const required = ["NOMUPAY_KID", "NOMUPAY_HMAC_KEY", "NOMUPAY_PROCESSING_ACCOUNT_ID"] as const;
  const missing = [
    ...required.filter((name) => !env[name]),
    ...(env.NOMUPAY_PRIVATE_KEY || env.NOMUPAY_PRIVATE_KEY_PATH
      ? []
      : ["NOMUPAY_PRIVATE_KEY (or NOMUPAY_PRIVATE_KEY_PATH)"]),
  ];
  if (missing.length > 0) {
    throw new ConfigError(`${missing.join(", ")} not set; expected the variables of the merchant's program.`);
  }
  return {
    baseUrl: env.NOMUPAY_BASE_URL || undefined,
    kid: env.NOMUPAY_KID ?? "",
    hmacKey: env.NOMUPAY_HMAC_KEY ?? "",
    processingAccountId: env.NOMUPAY_PROCESSING_ACCOUNT_ID ?? "",
    privateKey: env.NOMUPAY_PRIVATE_KEY?.replaceAll("\\n", "\n") || readKeyFile(env.NOMUPAY_PRIVATE_KEY_PATH ?? ""),
  };
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as Error).message;
    throw new ConfigError(`NOMUPAY_PRIVATE_KEY_PATH is ${JSON.stringify(path)}, which cannot be read: ${reason}`);
  }
}
