import type { Mutant } from "./mutant.ts";

const orderOfReturn = "if (order === undefined) return { status: 404 };";

export const returnMutants: readonly Mutant[] = [
  {
    fails: ["return_lies"],
    find: orderOfReturn,
    replace:
      `${orderOfReturn} ` +
      'if (url.searchParams.get("status") === "captured") applyPayment(order, order.attempts.at(-1), "captured");',
  },
  {
    fails: ["return_crossed", "return_lies"],
    find: orderOfReturn,
    replace: `${orderOfReturn} applyPayment(order, order.attempts.at(-1), "captured");`,
  },
  {
    fails: ["return_by_post"],
    find: '"POST /return": onReturn,',
    replace: "",
  },
  {
    fails: ["return_never"],
    find: "if (attempt !== undefined && isOf(order, payload)) await track(order, attempt);",
    replace: "if (attempt !== undefined && isOf(order, payload)) attempt.notifiedStatus = payload.status;",
  },
  {
    fails: ["return_twice", "webhook_and_return_together"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: "if (paidStatuses.includes(status)) {",
  },
  {
    fails: ["return_in_another_browser", "return_by_post", "return_before_webhook"],
    find: "async function onReturn({ url }) {",
    replace:
      'async function onReturn({ url, request }) { request.session = request.headers.cookie.split("session=")[1];',
  },
  {
    fails: ["return_before_webhook"],
    find: orderOfReturn,
    replace: `${orderOfReturn} for (const attempt of order.attempts) attempt.isOver = true;`,
  },
];
