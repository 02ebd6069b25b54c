// Orders that survive the end of the process: each change is a line of a file before anything else happens.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const file = process.env.ORDERS_FILE;

export const orders = new Map();
/** Notifications that were accepted and are not handled yet. */
export const queue = [];
let stock = 1_000;

for (const line of existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []) {
  const { order, waiting, goods } = JSON.parse(line);
  if (order !== undefined) orders.set(order.reference, order);
  queue.splice(0, queue.length, ...waiting);
  stock = goods;
}

/** Stores an order, the queue and the stock. */
export function save(order) {
  appendFileSync(file, `${JSON.stringify({ order, waiting: queue, goods: stock })}\n`);
}

export function newOrder(amount) {
  const reference = `order-${1001 + orders.size}`;
  const order = { reference, amount, attempts: [], refunds: {}, refundCount: 0, effects: 0, isCancelled: false };
  order.goodsAmount = amount;
  orders.set(reference, order);
  save(order);
  return order;
}

/** Takes the goods of an order out of the stock, unless it has them. */
export function takeGoods(order) {
  if (order.hasGoods) return;
  order.hasGoods = true;
  stock -= 1;
}

/** Gives the goods of an order back to the stock, unless that was done. */
export function giveBackGoods(order) {
  if (!order.hasGoods) return;
  order.hasGoods = false;
  stock += 1;
}

const cents = (amount) => Math.round(amount * 100);
const sum = (amounts) => amounts.reduce((total, amount) => total + cents(amount), 0) / 100;
const isFinalRefund = ({ status }) => status === "refunded" || status === "partially_refunded";

export const capturedAmount = ({ attempts }) => sum(attempts.map(({ captured }) => captured));
export const refundedAmount = ({ refunds }) =>
  sum(Object.values(refunds).flatMap((refund) => (isFinalRefund(refund) ? [refund.amount] : [])));

export function stateOf(order) {
  const captured = capturedAmount(order);
  const refunded = refundedAmount(order);
  const held = cents(captured - refunded);
  if (order.isCancelled && held > 0) return "attention";
  if (held > cents(order.amount)) return "attention";
  if (captured === 0) return order.attempts.every(({ isOver }) => isOver) ? "failed" : "unpaid";
  if (refunded === 0) return "paid";
  return held > 0 ? "partially_refunded" : "refunded";
}

export function view(order) {
  const amounts = { paidAmount: capturedAmount(order), refundedAmount: refundedAmount(order) };
  const goods = { fulfilments: order.effects, goodsAmount: order.goodsAmount, stock };
  return { reference: order.reference, status: stateOf(order), ...amounts, ...goods };
}

const paidStatuses = ["captured", "partially_refunded", "refunded"];
const unpaidStatuses = ["declined", "aborted", "failed"];

/** Whether a payment is the one that the order asked for. */
export function isOf(order, payment) {
  const { amount, merchantReference, processingAccountId } = payment;
  if (merchantReference !== undefined && merchantReference !== order.reference) return false;
  if (processingAccountId !== undefined && processingAccountId !== process.env.NOMUPAY_PROCESSING_ACCOUNT_ID)
    return false;
  return amount === undefined || (cents(amount.value) === cents(order.amount) && amount.currency === "hkd");
}

/** Applies what the provider says of an attempt. Money that was captured stays captured: an older status changes nothing. */
export function applyPayment(order, attempt, status) {
  if (paidStatuses.includes(status) && attempt.captured === 0) {
    attempt.captured = order.amount;
    attempt.isOver = true;
    if (capturedAmount(order) === order.amount && !order.isCancelled) fulfil(order);
  } else if (unpaidStatuses.includes(status) && attempt.captured === 0) {
    attempt.isOver = true;
    if (stateOf(order) === "failed") giveBackGoods(order);
  }
  save(order);
}

function fulfil(order) {
  takeGoods(order);
  order.effects += 1;
}

/** Applies what the provider says of a refund. A refund can fail after it succeeded, so the last word counts. */
export function applyRefund(order, { id, status, amount }) {
  order.refunds[id] = { ...order.refunds[id], status, amount: amount?.value ?? order.refunds[id]?.amount };
  save(order);
}
