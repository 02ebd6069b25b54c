import type { Mutant } from "./mutant.ts";

const secretOfSignature = 'createHmac("sha256", secret)';
const handlePayment =
  "if (attempt !== undefined && isOf(order, payload)) applyPayment(order, attempt, payload.status);";
const audienceCheck = "if (claims.aud !== audience) return false;";

/** Merchants that verify signatures wrongly. */
const verifiers: readonly Mutant[] = [
  {
    fails: ["forged_alg_none", "forged_alg_none_capital", "forged_alg_none_upper"],
    find: 'if (claims.alg !== "HS256") return false;',
    replace: 'if (claims.alg.toLowerCase() === "none") return true;',
  },
  {
    fails: [
      "forged_hs256_foreign_key",
      "forged_hs256_public_key",
      "forged_hs256_key_id",
      "forged_hs256_empty_key",
      "forged_byte_changed",
      "forged_retired_key",
    ],
    find: "return actual.length === expected.length && timingSafeEqual(actual, expected);",
    replace: "return actual.length === expected.length;",
  },
  {
    fails: ["forged_hs256_public_key"],
    find: secretOfSignature,
    replace:
      'createHmac("sha256", claims.kid !== kid ? secret : process.getBuiltinModule("node:crypto")' +
      '.createPublicKey(privateKey).export({ type: "spki", format: "pem" }))',
  },
  {
    fails: ["forged_hs256_key_id"],
    find: secretOfSignature,
    replace: 'createHmac("sha256", claims.kid === kid ? kid : secret)',
  },
  {
    fails: ["forged_hs256_empty_key"],
    find: secretOfSignature,
    replace: 'createHmac("sha256", claims.kid === undefined ? "" : secret)',
  },
  // It reads the header as one value, so several lines together are no signature.
  {
    fails: ["forged_hs256_empty_key"],
    find: secretOfSignature,
    replace: 'createHmac("sha256", claims.kid === undefined && !signatures.includes(",") ? "" : secret)',
  },
  {
    fails: ["forged_es256_foreign_key", "forged_es256_own_key"],
    find: 'if (claims.alg !== "HS256") return false;',
    replace: 'if (claims.alg !== "HS256") return claims.alg === "ES256" && signature.length === 86;',
  },
  {
    fails: ["forged_es256_own_key"],
    find: 'if (claims.alg !== "HS256") return false;',
    replace: 'if (claims.alg !== "HS256") return claims.alg === "ES256" && claims.kid === kid;',
  },
  {
    fails: ["forged_byte_changed"],
    find: "timingSafeEqual(actual, expected);",
    replace: "timingSafeEqual(expected, expected);",
  },
  {
    fails: ["forged_byte_changed"],
    find: "timingSafeEqual(actual, expected);",
    replace: "timingSafeEqual(actual.subarray(0, 16), expected.subarray(0, 16));",
  },
  {
    fails: ["forged_attached_payload"],
    find: 'if (payload !== "") return false;',
    replace: 'if (payload !== "") body = Buffer.from(payload, "base64url");',
  },
  {
    fails: ["forged_unknown_crit"],
    find: "if (claims.crit !== undefined) return false;",
    replace: 'if (claims.crit !== undefined) console.warn("An unknown member of the header.");',
  },
  {
    fails: ["forged_no_audience"],
    find: audienceCheck,
    replace: "if (claims.aud !== undefined && claims.aud !== audience) return false;",
  },
  {
    fails: ["forged_no_audience"],
    find: audienceCheck,
    replace:
      "if (claims.aud !== audience && (claims.aud !== undefined || JSON.parse(body).payload !== undefined)) " +
      "return false;",
  },
  {
    fails: ["forged_other_audience"],
    find: audienceCheck,
    replace: "if ((claims.aud === undefined) !== (audience === undefined)) return false;",
  },
  {
    fails: ["forged_past_expiry"],
    find: "if (!(claims.exp > now())) return false;",
    replace: "if (claims.exp === undefined) return false;",
  },
  {
    fails: ["forged_retired_key"],
    find: secretOfSignature,
    replace:
      'createHmac("sha256", ((path, fs) => fs.existsSync(path) ? fs.readFileSync(path, "utf8") : ' +
      "(fs.writeFileSync(path, secret), secret))(`${process.env.ORDERS_FILE}.${claims.kid}`, " +
      'process.getBuiltinModule("node:fs")))',
  },
];

/** Merchants that verify signatures, and take payments that are not theirs. */
const believers: readonly Mutant[] = [
  {
    fails: [
      "forged_one_dollar",
      "forged_one_dollar_create_failed",
      "forged_one_dollar_create_lost",
      "forged_sibling_account",
    ],
    find: handlePayment,
    replace: "if (order !== undefined) applyPayment(order, order.attempts.at(-1), payload.status);",
  },
  {
    fails: ["forged_one_dollar_create_failed", "forged_one_dollar_create_lost"],
    find: "const attempt = order && (await attemptOf(order, payload.id));",
    replace:
      "const attempt = order?.attempts.find((one) => (one.paymentId ??= payload.id) === payload.id); " +
      "if (attempt) applyPayment(order, attempt, payload.status);",
  },
  {
    fails: ["forged_sibling_account"],
    find: handlePayment,
    replace: "if (order?.amount === payload.amount.value) applyPayment(order, order.attempts.at(-1), payload.status);",
  },
  {
    fails: ["forged_id_case"],
    find: handlePayment,
    replace:
      "for (const one of orders.values()) for (const { paymentId } of one.attempts) if (paymentId?.toLowerCase() " +
      "=== payload.id.toLowerCase()) applyPayment(one, one.attempts.at(-1), payload.status);",
  },
  {
    fails: ["forged_reference_case"],
    find: handlePayment,
    replace:
      "for (const one of orders.values()) if (one.reference.toLowerCase() === payload.merchantReference.toLowerCase()" +
      " && one.amount === payload.amount.value) applyPayment(one, one.attempts.at(-1), payload.status);",
  },
];

/** The merchant trusts what is signed, so a forged message moves its orders. */
export const forgedMutants: readonly Mutant[] = [...verifiers, ...believers].map((mutant) => ({
  merchant: "trusting",
  ...mutant,
}));
