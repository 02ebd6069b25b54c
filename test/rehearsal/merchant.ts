import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.ts";
import type { PlanInput } from "../../src/rehearsal/plan.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** Times of the tests, in milliseconds: small, because a wrong merchant reaches them. */
const times = { requestLimitMs: 3_000, slowAnswerMs: 300, orderLimitMs: 1_500 };

/** A copy of the merchants in a temporary folder, with the plan of one of them. */
export interface MerchantFolder extends Disposable {
  readonly plan: PlanInput;
  readonly directory: string;
}

/**
 * @param mutant puts one wrong line into the copy.
 * @param changes members of the plan in place of the usual ones. The merchant knows its `publicUrl`.
 */
export async function openMerchant(
  name: string,
  mutant?: Pick<Mutant, "file" | "find" | "replace">,
  changes: Partial<PlanInput> = {},
): Promise<MerchantFolder> {
  const directory = mkdtempSync(join(tmpdir(), "rehearsal-"));
  cpSync(join(import.meta.dirname, "merchants"), directory, { recursive: true });
  if (mutant !== undefined) mutate(join(directory, mutant.file), mutant);
  const port = await freePort();
  return {
    directory,
    plan: { ...planOf(name, port, directory, changes.publicUrl), ...changes },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function mutate(path: string, { find, replace }: Pick<Mutant, "find" | "replace">): void {
  const source = readFileSync(path, "utf8");
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times: ${find}`);
  writeFileSync(path, parts.join(replace));
}

const sameWords = ["unpaid", "paid", "refunded", "partially_refunded", "failed", "attention"] as const;

/** The plan of a merchant of this folder. All of them have the same routes. */
function planOf(name: string, port: number, directory: string, publicUrl: string | undefined): PlanInput {
  const post = (path: string, json?: object) => ({
    steps: [{ request: `POST ${path}`, ...(json === undefined ? {} : { json }) }],
  });
  return {
    start: {
      command: `exec node ${name}.mjs`,
      env: {
        PORT: String(port),
        ORDERS_FILE: join(directory, "orders.json"),
        ...(publicUrl === undefined ? {} : { PUBLIC_WEBHOOK_URL: publicUrl }),
      },
    },
    webhookUrl: `http://127.0.0.1:${port}/webhooks`,
    checkout: post("/orders", { amount: "{amount}" }),
    payAgain: post("/orders/{reference}/payments"),
    order: {
      url: "/orders/{reference}",
      pointer: "/status",
      words: Object.fromEntries(sameWords.map((word) => [word, word])),
      notFound: "unpaid",
      paidAmount: "/paidAmount",
      refundedAmount: "/refundedAmount",
      effects: "/fulfilments",
      goodsAmount: "/goodsAmount",
      stock: "/stock",
      limitMs: times.orderLimitMs,
    },
    refund: post("/orders/{reference}/refunds", { amount: "{amount}" }),
    cancel: post("/orders/{reference}/cancel"),
    change: post("/orders/{reference}/cart", { amount: "{amount}" }),
    jobs: post("/jobs"),
    requestLimitMs: times.requestLimitMs,
    slowAnswerMs: times.slowAnswerMs,
  };
}
