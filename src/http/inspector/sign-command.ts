import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Merchants } from "../../services/worlds/merchants.ts";
import { quoted } from "./format.ts";

/** The command that signs a request with the merchant's own private key. */
export async function signCommand(
  { method, target, body }: Pick<KeptRequest, "method" | "target" | "body">,
  merchants: Pick<Merchants, "view">,
  processingAccountId: string,
): Promise<string> {
  const merchant = await merchants.view(processingAccountId);
  const kid = merchant.ok ? (merchant.value.credential?.kid ?? "KID") : "KID";
  const input = body === "" ? "" : `printf %s ${quoted(body)} | `;
  const sign = `npx --no -- alipay-hk-sandbox sign ${method} ${quoted(target)} --kid ${kid} --key private-key.pem`;
  return `${input}${sign}${body === "" ? "" : " --body -"}`;
}
