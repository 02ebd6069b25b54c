import { expect, inject, test } from "vitest";
import { createSandbox, signRequest, verifyWebhook } from "../../src/index.ts";
import { numbered } from "../support/ids.ts";
import { answerOf, paymentRequest } from "../support/merchant.ts";
import { type ReceivedWebhook, startReceiver } from "../support/receiver.ts";
import { isFull } from "../support/scope.ts";

const worldsCount = isFull ? 50 : 20;
const stepsCount = 15;
const options = { seed: "teal", publicUrl: "https://sandbox.example", auth: "require" } as const;

/** Pseudo-random choices that are the same in every run (mulberry32). */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)] as T;
}

/** Sends a request in process or over a socket. */
type Ask = (target: string, init: RequestInit) => Promise<Response>;

interface Outcome {
  /** All HMAC keys that the merchant has had. */
  readonly hmacKeys: readonly string[];
  readonly answers: readonly string[];
  readonly snapshot: object;
}

const withDatabase = inject("database") !== undefined;

/** The comparable part. With a database, a seed determines only the keys and ids of the new world. */
function steady(value: unknown): unknown {
  return withDatabase ? JSON.parse(numbered(JSON.stringify(value))) : value;
}

const accountOf = (index: number) => `0ujtsYcgvSTl8PAuAdqWYSMnL${String(index).padStart(2, "0")}`;

/** Runs pseudo-random steps of one merchant in its own world. The steps are the same in every run. */
async function runScript(index: number, webhookUrl: string, fetch: Ask): Promise<Outcome> {
  const processingAccountId = accountOf(index);
  const choose = dice(index);
  const answers: string[] = [];
  const control = async (method: string, target: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    return answerOf(await fetch(`/_sandbox${target}`, init));
  };
  const clock = `2026-0${1 + (index % 9)}-05T09:00:00Z`;
  const opened = await control("POST", "/worlds", { processingAccountId, settings: { webhookUrl }, clock });
  const { kid, privateKey, hmacKey } = opened.body;
  const hmacKeys = [hmacKey];
  const call = async (method: string, target: string, asked?: object) => {
    const body = asked === undefined ? "" : JSON.stringify(asked);
    const headers = { "X-Signature": signRequest({ method, target, body, kid, privateKey }) };
    const answer = await answerOf(
      await fetch(target, asked === undefined ? { method, headers } : { method, headers, body }),
    );
    answers.push(`${method} ${target} ${answer.status} ${answer.text}`);
    return answer;
  };

  const amounts = [0.1, 200, 200, 200, 8888.9, 8888.01, 8888.06, 8888.2, 8888.22, 8888.23, 8888.26, 8888.27, 8888.3];
  const payments: { id: string; trackingUrl: string }[] = [];
  const create = async () => {
    const changes = {
      account: processingAccountId,
      amount: choose([...amounts, 8888.31, 8888.41, 8888.42, 8888.43, 60_000]),
    };
    const key = choose([
      "",
      "?idempotencyKey=payment-1",
      "?idempotencyKey=payment-2",
      `?idempotencyKey=${index}-payment`,
    ]);
    const { status, body } = await call("POST", `/v1/payments${key}`, paymentRequest(changes));
    if (status === 201) payments.push(body);
  };
  const steps: (() => Promise<unknown>)[] = [
    create,
    create,
    () =>
      control("POST", `/payments/${choose(payments).id}/actions`, {
        action: choose(["pay", "pay", "scan", "decline", "cancel", "expire", "fail"]),
      }),
    () => control("POST", `/payments/${choose(payments).id}/actions`, { action: "pay" }),
    () =>
      call("POST", `/v1/payments/${choose(payments).id}/refunds${choose(["", "?idempotencyKey=refund-1"])}`, {
        merchantReference: "return",
        ...choose([{}, { amount: { value: 0.05, currency: "hkd" } }]),
      }),
    () =>
      control("POST", "/clock/advance", {
        processingAccountId,
        by: choose(["PT1S", "PT2S", "PT3M", "PT31M", "PT9H", "P2D"]),
      }),
    () => control("POST", "/clock/advance", { processingAccountId, by: "PT2S" }),
    () => call("GET", choose(payments).trackingUrl),
    () => call("GET", `/v1/payments?processingAccountId=${processingAccountId}`),
    () => call("GET", "/v1/transactions"),
    () =>
      control("POST", "/scenarios/next", { processingAccountId, scenario: choose(["paid", "failed", "webhook_late"]) }),
    async () => {
      const { body } = await control("POST", "/keys/rotate", { processingAccountId, overlap: "PT1H" });
      if (body.hmacKey !== undefined) hmacKeys.push(body.hmacKey);
    },
    async () => {
      await control("POST", "/settle", { processingAccountId });
      const { data } = (await control("GET", `/notifications?processingAccountId=${processingAccountId}`)).body;
      if (data.length > 0) await control("POST", `/notifications/${choose(data as { id: string }[]).id}/resend`);
      await control("POST", "/settle", { processingAccountId });
    },
  ];
  while (payments.length === 0) await create();
  for (let step = 0; step < stepsCount; step += 1) await choose(steps)();
  await control("POST", "/settle", { processingAccountId });

  const { real: _, ...snapshot } = (await control("GET", `/snapshot?processingAccountId=${processingAccountId}`)).body;
  return { hmacKeys, answers, snapshot };
}

/** Number of failed attempts for a notification, 0 to 2. Equal notifications have the same number. */
function failures({ body }: ReceivedWebhook): number {
  return [...numbered(body)].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 3;
}

/** Endpoints that fail up to twice for a notification, and the received webhooks by path. */
async function startEndpoints() {
  const paths = new Map<string, ReceivedWebhook[]>();
  const receiver = await startReceiver((response, webhook) => {
    const earlier = paths.get(webhook.path) ?? [];
    paths.set(webhook.path, [...earlier, webhook]);
    const before = earlier.filter(({ body }) => body === webhook.body).length;
    response.writeHead(before < failures(webhook) ? 503 : 204).end();
  });
  const urlOf = (index: number) => `${receiver.url}/${index}`;
  const receivedBy = (index: number) => paths.get(new URL(urlOf(index)).pathname) ?? [];
  return { urlOf, receivedBy, forget: () => paths.clear(), close: () => receiver.close() };
}

test(`${worldsCount} concurrent worlds in one server have the same results as in separate sandboxes`, async () => {
  const endpoints = await startEndpoints();
  const indexes = Array.from({ length: worldsCount }, (_, index) => index);
  await using server = await createSandbox(options);
  const base = await server.listen();
  const together = await Promise.all(
    indexes.map((index) => runScript(index, endpoints.urlOf(index), (target, init) => fetch(base + target, init))),
  );
  const received = indexes.map((index) => endpoints.receivedBy(index));
  endpoints.forget();

  const bodies = (webhooks: readonly ReceivedWebhook[]) => webhooks.map(({ body }) => steady(body)).sort();
  for (const [index, { hmacKeys }] of together.entries()) {
    await using alone = await createSandbox(options);
    const outcome = await runScript(index, endpoints.urlOf(index), alone.fetch);
    expect(steady(together[index])).toEqual(steady(outcome));
    expect(bodies(received[index] ?? [])).toEqual(bodies(endpoints.receivedBy(index)));
    for (const { signatures, body } of received[index] ?? []) {
      const webhook = { signature: signatures, body, hmacKey: hmacKeys, url: endpoints.urlOf(index) };
      expect(verifyWebhook(webhook)).toBe(true);
    }
  }
  expect(received.flat().length).toBeGreaterThan(worldsCount);
  await endpoints.close();
}, 600_000);
