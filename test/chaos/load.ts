import type { PaymentResource, RefundResource } from "../../src/index.ts";
import type { Answer, Client, Question } from "./client.ts";
import type { Diary, PromisedPayment } from "./diary.ts";
import type { Dice } from "./dice.ts";

/** What a client works with. */
export interface LoadParts {
  readonly client: Client;
  readonly dice: Dice;
  readonly diary: Diary;
  /** Where payments are made: each a world. */
  readonly worlds: readonly string[];
  /** Begins all the ids that this client makes up. */
  readonly name: string;
}

/** So many full refunds of one payment are asked for at once. */
const contenders = 4;

/** Makes payments, pays most, and refunds some, one after another, until it is told to stop. What it began it ends. */
export async function loadUntil(isOver: () => boolean, parts: LoadParts): Promise<void> {
  for (let count = 1; !isOver(); count += 1) {
    const { dice } = parts;
    const payment = await create(parts, `${parts.name}-${count}`);
    if (payment === undefined || dice.happens(0.1)) continue;
    if (!(await pay(parts, payment))) continue;
    if (dice.happens(0.5)) await refund(parts, payment);
  }
}

async function create(parts: LoadParts, key: string): Promise<PromisedPayment | undefined> {
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
  const question: Question = { target: `/v1/payments?idempotencyKey=${key}`, body: request };
  const isDoubled = dice.happens(0.1);
  if (isDoubled) diary.doubled += 1;
  const answers = await Promise.all(
    Array.from({ length: isDoubled ? 2 : 1 }, () => client.ask<PaymentResource>(question)),
  );
  if (!answers.every((one) => expect(parts, question, one, [201]))) return undefined;
  const ids = answers.map((one) => one?.body.id);
  const [id = ""] = ids;
  if (ids.some((other) => other !== id)) diary.surprises.push(`${key} became ${ids.join(" and ")}`);
  const promised = { id, idempotencyKey: key, processingAccountId, request };
  diary.payments.push(promised);
  const read = { target: `/v1/payments/${id}` };
  expect(parts, read, await client.ask(read), [200]);
  return promised;
}

/** @returns whether it is paid. Whoever asks again because no answer came is told that it is paid already. */
async function pay(parts: LoadParts, { id }: PromisedPayment): Promise<boolean> {
  const question = { target: `/_sandbox/payments/${id}/actions`, body: { action: "pay" } };
  const answer = await parts.client.ask(question);
  if (!expect(parts, question, answer, [200, 409])) return false;
  const read = { target: `/v1/payments/${id}` };
  const payment = await parts.client.ask<PaymentResource>(read);
  if (payment?.body.status === "captured") return true;
  parts.diary.surprises.push(`${id} was paid and is ${payment?.body.status}`);
  return false;
}

async function refund(parts: LoadParts, payment: PromisedPayment): Promise<void> {
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
  { id: paymentId, idempotencyKey }: PromisedPayment,
  name: string,
  request: object,
  expected: readonly number[],
): Promise<Answer | undefined> {
  const key = `${idempotencyKey}-${name}`;
  const body = { merchantReference: key, ...request };
  const question = { target: `/v1/payments/${paymentId}/refunds?idempotencyKey=${key}`, body };
  const answer = await parts.client.ask<RefundResource>(question);
  if (expect(parts, question, answer, expected) && answer?.status === 201) {
    parts.diary.refunds.push({ id: answer.body.id, paymentId });
  }
  return answer;
}

/** Notes an answer that should not be. That nobody answered is noted by the client. */
function expect(
  { diary }: LoadParts,
  { target }: Question,
  answer: Answer | undefined,
  statuses: readonly number[],
): boolean {
  if (answer === undefined) return false;
  if (statuses.includes(answer.status)) return true;
  diary.surprises.push(`${target} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return false;
}
