import type { Mutant } from "./mutant.ts";

export const outageMutants: readonly Mutant[] = [
  // Notes the id of the notification before the work, so that the next delivery is a duplicate.
  {
    fails: ["api_down_at_webhook"],
    find: "await receive(JSON.parse(text));",
    replace:
      "const seen = (routes.seen ??= new Set()); const { id } = JSON.parse(text); " +
      "if (!seen.has(id)) await receive((seen.add(id), JSON.parse(text)));",
  },
  // Takes any error at the return for a payment that failed.
  {
    fails: ["api_down_at_return"],
    find: "if (order === undefined) return { status: 404 };",
    replace:
      "if (order === undefined) return { status: 404 }; " +
      "await trackOpen(order).catch(() => { order.isCancelled = true; });",
  },
  // Answers first, and works in memory.
  {
    fails: ["killed_at_answer"],
    find: "await receive(JSON.parse(text));",
    replace: "receive(JSON.parse(text)).catch(console.error);",
  },
  // Sets a flag in the stored order, which only the end of the work removes.
  {
    fails: ["killed_in_the_middle"],
    find: "if (attempt !== undefined && isOf(order, payload)) await track(order, attempt);",
    replace:
      "if (attempt === undefined || order.isBusy) return; order.isBusy = true; save(order); " +
      "await track(order, attempt).finally(() => { order.isBusy = false; save(order); });",
  },
  // Knows only in memory which payments it has handled.
  {
    fails: ["restarted_between_duplicates"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace:
      "const seen = (applyPayment.seen ??= new Set()); " +
      "if (paidStatuses.includes(status) && !seen.has(attempt.paymentId) && seen.add(attempt.paymentId)) {",
  },
];
