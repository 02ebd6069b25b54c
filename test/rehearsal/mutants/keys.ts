import type { Mutant } from "./mutant.ts";

export const keysMutants: readonly Mutant[] = [
  {
    fails: ["keys_new_first"],
    find: String.raw`return (signatures ?? "").split(/,\s*/).some(`,
    replace: String.raw`return (signatures ?? "").split(/,\s*/).slice(0, 1).some(`,
  },
  {
    fails: ["keys_old_first"],
    find: String.raw`return (signatures ?? "").split(/,\s*/).some(`,
    replace: String.raw`return (signatures ?? "").split(/,\s*/).slice(-1).some(`,
  },
  {
    fails: ["keys_old_retired"],
    find: "const secret = process.env.NOMUPAY_HMAC_KEY;",
    replace:
      'const fs = process.getBuiltinModule("node:fs"); ' +
      'const secret = fs.existsSync("secret") ? fs.readFileSync("secret", "utf8") : process.env.NOMUPAY_HMAC_KEY; ' +
      'fs.writeFileSync("secret", secret);',
  },
  {
    fails: ["starts_without_secret"],
    find: 'if (!secret) throw new Error("NOMUPAY_HMAC_KEY is not set.");',
    replace: "",
  },
];
