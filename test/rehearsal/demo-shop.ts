/** Serves the demo shop with the account of the variables `NOMUPAY_*`, as a merchant of its own, on the port `PORT`. */
import { serve } from "@hono/node-server";
import { usualContract } from "../../src/demo/contract.ts";
import { createShopWith } from "../../src/demo/routes.ts";
import { systemClock } from "../../src/platform/clock.ts";

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set.`);
  return value;
}

const port = Number(required("PORT"));
const url = `http://127.0.0.1:${port}`;
const account = {
  credentials: {
    baseUrl: required("NOMUPAY_BASE_URL"),
    processingAccountId: required("NOMUPAY_PROCESSING_ACCOUNT_ID"),
    kid: required("NOMUPAY_KID"),
    privateKey: required("NOMUPAY_PRIVATE_KEY").replaceAll("\\n", "\n"),
    hmacKey: required("NOMUPAY_HMAC_KEY"),
  },
  publicUrl: url,
  webhookUrl: `${url}/demo/webhooks`,
};
const source = { current: async () => account, contract: usualContract, logo: undefined };
const shop = createShopWith(source, systemClock.now);
serve({ fetch: shop.fetch, port, hostname: "127.0.0.1" });
