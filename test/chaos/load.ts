import type { PaymentResource, RefundResource } from "../../src/index.ts";
import type { Dice } from "../support/dice.ts";
import type { Answer, Client, ClientRequest } from "./client.ts";
import type { ConfirmedPayment, Diary } from "./diary.ts";

/** Dependencies of the load of one client. */
export interface LoadParts {
  readonly client: Client;
  readonly dice: Dice;
  readonly diary: Diary;
  /** Processing account ids of the worlds for new payments. */
  readonly worlds: readonly string[];
  /** Prefix of all references and keys of this client. */
  readonly name: string;
}

/** Number of concurrent full refunds of one contested payment. */
const contenders = 4;

/** Creates payments one after another, pays most and refunds some, until `isOver`. Finishes the last one. */
export async function loadUntil(isOver: () => boolean, parts: LoadParts): Promise<void> {
  for (let count = 1; !isOver(); count += 1) {
    const { dice } = parts;
    const payment = await create(parts, `${parts.name}-${count}`);
    if (payment === undefined || dice.happens(0.1)) continue;
    if (!(await pay(parts, payment))) continue;
    if (dice.happens(0.5)) await refund(parts, payment);
  }
}

async function create(parts: LoadParts, key: string): Promise<ConfirmedPayment | undefined> {
  const { client, dice, diary } = parts;
  const processingAccountId = dice.pick(parts.worlds);
  const request = {
    processingAccountId,
    merchantReference: key,
    amount: { value: dice.from(2, 500), currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: "https://merchant.example/return", flowType: dice.pick(["qr_link", "mobile_redirect"]) },
    },
  };
  const creation: ClientRequest = { target: `/v1/payments?idempotencyKey=${key}`, body: request };
  const isDoubled = dice.happens(0.1);
  if (isDoubled) diary.doubled += 1;
  const answers = await Promise.all(
    Array.from({ length: isDoubled ? 2 : 1 }, () => client.ask<PaymentResource>(creation)),
  );
  if (!answers.every((one) => expect(parts, creation, one, [201]))) return undefined;
  const ids = answers.map((one) => one?.body.id);
  const [id = ""] = ids;
  if (ids.some((other) => other !== id)) diary.surprises.push(`${key} created ${ids.join(" and ")}`);
  const confirmed = { id, idempotencyKey: key, processingAccountId, request };
  diary.payments.push(confirmed);
  const read = { target: `/v1/payments/${id}` };
  expect(parts, read, await client.ask(read), [200]);
  return confirmed;
}

/** Pays a payment. @returns whether it is captured. A repeated request may get 409 because it is paid already. */
async function pay(parts: LoadParts, { id }: ConfirmedPayment): Promise<boolean> {
  const action = { target: `/_sandbox/payments/${id}/actions`, body: { action: "pay" } };
  const answer = await parts.client.ask(action);
  if (!expect(parts, action, answer, [200, 409])) return false;
  const read = { target: `/v1/payments/${id}` };
  const payment = await parts.client.ask<PaymentResource>(read);
  if (payment?.body.status === "captured") return true;
  parts.diary.surprises.push(`${id} was paid and is ${payment?.body.status}`);
  return false;
}

async function refund(parts: LoadParts, payment: ConfirmedPayment): Promise<void> {
  const { dice, diary } = parts;
  const kind = dice.pick(["full", "part", "contested"]);
  if (kind === "full") return void (await askForRefund(parts, payment, "all", {}, [201]));
  if (kind === "part") {
    const amount = { value: 1, currency: "hkd" };
    return void (await askForRefund(parts, payment, "part", { amount }, [201]));
  }
  diary.contested += 1;
  const answers = await Promise.all(
    Array.from({ length: contenders }, (_, at) => askForRefund(parts, payment, `all-${at}`, {}, [201, 400])),
  );
  const done = answers.filter((answer) => answer?.status === 201).length;
  if (done !== 1) diary.surprises.push(`${done} of ${contenders} full refunds of ${payment.id} were answered 201`);
}

async function askForRefund(
  parts: LoadParts,
  { id: paymentId, idempotencyKey }: ConfirmedPayment,
  name: string,
  request: object,
  expected: readonly number[],
): Promise<Answer | undefined> {
  const key = `${idempotencyKey}-${name}`;
  const body = { merchantReference: key, ...request };
  const creation = { target: `/v1/payments/${paymentId}/refunds?idempotencyKey=${key}`, body };
  const answer = await parts.client.ask<RefundResource>(creation);
  if (expect(parts, creation, answer, expected) && answer?.status === 201) {
    parts.diary.refunds.push({ id: answer.body.id, paymentId });
  }
  return answer;
}

/** Records an unexpected status. The client records a missing response. */
function expect(
  { diary }: LoadParts,
  { target }: ClientRequest,
  answer: Answer | undefined,
  statuses: readonly number[],
): boolean {
  if (answer === undefined) return false;
  if (statuses.includes(answer.status)) return true;
  diary.surprises.push(`${target} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return false;
}
