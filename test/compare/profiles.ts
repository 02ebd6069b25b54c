import type { SandboxOptions } from "../../src/index.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

/** Values of each rule besides its default, as code spells them. */
const otherValues: { readonly [N in keyof Required<Contract>]: readonly NonNullable<Contract[N]>[] } = {
  createStatus: [200],
  createMembers: [["amount"], ["createTime", "updateTime"], ["paymentMethod", "amount", "updateTime", "createTime"]],
  paidStatus: ["approved"],
  cancelledStatus: ["cancelled", "declined"],
  expiredStatus: ["declined", "failed"],
  failedStatus: ["rejected", "declined"],
  reasonWhenFinal: ["hidden"],
  amountUnit: ["minor"],
  amountMin: [0.01, 0.5, 1, 12.34],
  errorStatus: [422],
  unsupportedStatus: [404, 405],
  refundedStatus: ["refunded"],
  partialRefunds: ["one_then_rest"],
  refundMode: ["final_at_once"],
  refundReference: ["optional"],
  refundNotifications: ["refund_and_payment"],
  pendingNotification: ["on"],
  retrySchedule: [[60_000], [1_000, 3_600_000], [], [1_000]],
  notificationQueue: ["endpoint_blocks"],
  returnSchemes: ["custom"],
  returnMethod: ["post"],
  returnParameters: [
    [{ name: "payment", value: "{id}" }],
    [
      { name: "state", value: "{status}" },
      { name: "for", value: "order {merchantReference}" },
    ],
  ],
};

const names = Object.keys(otherValues) as (keyof typeof otherValues)[];

/** The profiles with one rule that has another value than its default: one for each rule, or one for each value. */
export function singleChanges(which: "one value" | "all values"): { title: string; contract: Contract }[] {
  return names.flatMap((name) =>
    otherValues[name]
      .slice(0, which === "one value" ? 1 : undefined)
      .map((value) => ({ title: `${name} ${JSON.stringify(value)}`, contract: { [name]: value } as Contract })),
  );
}

/** Draws a profile in which about half of the rules differ. @param seed the same seed draws the same profile. */
export function drawProfile(seed: number): Contract {
  let state = seed;
  const below = (max: number) => {
    // A linear congruential generator: its upper bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * max);
  };
  for (let step = 0; step < 8; step += 1) below(2);
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = otherValues[name];
      return below(2) === 0 ? [] : [[name, values[below(values.length)]]];
    }),
  ) as Contract;
}
