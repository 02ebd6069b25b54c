import type { Mutant } from "./mutant.ts";

export const refundsMutants: readonly Mutant[] = [
  {
    fails: ["refund_whole"],
    find: 'return held > 0 ? "partially_refunded" : "refunded";',
    replace: 'return "partially_refunded";',
  },
  {
    fails: ["refund_part"],
    find: '...(value === undefined ? {} : { amount: { value, currency: "hkd" } }),',
    replace: "",
  },
  {
    fails: ["refund_second_part"],
    find: "if (status < 300 && order.refunds[body.id] === undefined) applyRefund(order, body);",
    replace: 'applyRefund(order, { status: "partially_refunded", ...body, id: body.id ?? key, amount: { value } });',
  },
  {
    fails: ["refund_fails"],
    find: 'const isFinalRefund = ({ status }) => status === "refunded" || status === "partially_refunded";',
    replace: 'const isFinalRefund = ({ status }) => status !== "pending";',
  },
  {
    fails: ["refund_fails_late"],
    find: "order.refunds[id] = { ...order.refunds[id], status, amount: amount?.value ?? order.refunds[id]?.amount };",
    replace: "if (!isFinalRefund(order.refunds[id] ?? {})) order.refunds[id] = { status, amount: amount?.value };",
  },
  {
    fails: ["refund_answer_lost"],
    find: "order.refundOpen ??= {",
    replace: "order.refundOpen = {",
  },
  {
    fails: ["refund_double_click"],
    find: "if (attempt === undefined || order.isRefunding) return { status: 409, body: view(order) };",
    replace: "order.refundOpen = undefined;",
  },
  {
    fails: ["refund_at_provider", "refund_part_at_provider"],
    find: "if (order === undefined) return;",
    replace: "if (order?.refunds[payload.id] === undefined) return;",
  },
];
