import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlanInput } from "../../src/rehearsal/plan.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** Times of the tests, in milliseconds: small, because a wrong merchant reaches them. */
const times = { requestLimitMs: 3_000, slowAnswerMs: 300, orderLimitMs: 1_500 };

/**
 * Below the ports that the system gives to sockets without a port, so that nobody else takes one before the merchant
 * has started. Each worker of the tests has a range of its own.
 */
let lastPort = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 4) * 3_000;

/** A free port for a merchant. */
async function merchantPort(): Promise<number> {
  for (;;) {
    lastPort += 1;
    const port = lastPort;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

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
  mutant?: Pick<Mutant, "find" | "replace">,
  changes: Partial<PlanInput> = {},
): Promise<MerchantFolder> {
  const directory = mkdtempSync(join(tmpdir(), "rehearsal-"));
  cpSync(join(import.meta.dirname, "merchants"), directory, { recursive: true });
  if (mutant !== undefined) mutate(filesOf(name), directory, mutant);
  const port = await merchantPort();
  return {
    directory,
    plan: { ...planOf(name, port, directory, changes.publicUrl), ...changes },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The files of a merchant in which a line can be wrong. */
function filesOf(name: string): string[] {
  const shared = ["shop.mjs", "orders.mjs", "provider.mjs"];
  return [`${name}.mjs`, ...(name === "trusting" ? [] : ["tracking.mjs"]), ...shared];
}

function mutate(files: readonly string[], directory: string, { find, replace }: Pick<Mutant, "find" | "replace">) {
  const paths = files.map((file) => join(directory, file));
  const times = paths.map((path) => readFileSync(path, "utf8").split(find).length - 1);
  if (times.reduce((sum, count) => sum + count) !== 1) throw new Error(`Not once in ${files.join(", ")}: ${find}`);
  const path = paths[times.indexOf(1)] as string;
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(find, () => replace),
  );
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
    checkoutOnPhone: post("/orders", { amount: "{amount}", flowType: "mobile_redirect" }),
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
