import type { Mutant } from "./mutant.ts";

export const forgedMutants: readonly Mutant[] = [
  {
    fails: ["forged_alg_none", "forged_alg_none_capital", "forged_alg_none_upper"],
    file: "provider.mjs",
    find: 'if (claims.alg !== "HS256") return false;',
    replace: 'if (claims.alg.toLowerCase() === "none") return true;',
  },
];
