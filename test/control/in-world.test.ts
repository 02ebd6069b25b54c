import { describe, expect, test } from "vitest";
import type { oas31 } from "zod-openapi";
import { controlDocument } from "../../src/http/control/openapi.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const mine = `/_sandbox/worlds/${account}`;
const nine = "2026-01-05T09:00:00.000Z";

/** A sandbox with a second world, and the paths of that world. */
async function twoWorlds() {
  const sandbox = await frozenSandbox({ webhook: async () => new Response() });
  const clock = nine;
  await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, clock });
  return sandbox;
}

test("a call within a world acts on that world, and the demo world does not change", async () => {
  await using sandbox = await twoWorlds();
  const advanced = await post(sandbox, `${mine}/clock/advance`, { by: "PT5M" });
  expect([advanced.status, advanced.body.now]).toEqual([200, "2026-01-05T09:05:00.000Z"]);
  expect((await get(sandbox, `${mine}/clock`)).body.now).toBe("2026-01-05T09:05:00.000Z");
  expect((await get(sandbox, "/_sandbox/clock")).body.now).toBe(nine);

  const queued = await post(sandbox, `${mine}/scenarios/next`, { scenario: "expired" });
  expect([queued.status, queued.body.data.length]).toEqual([201, 1]);
  expect((await get(sandbox, "/_sandbox/scenarios/next")).body.data).toEqual([]);

  const payment = await createPayment(sandbox);
  expect((await post(sandbox, `${mine}/reset`, {})).status).toBe(200);
  expect((await get(sandbox, `/_sandbox/payments/${payment.id}`)).status).toBe(200);
});

describe("the id of the world", () => {
  test.each([
    ["a body", "POST", "/settle", { processingAccountId: demo }],
    ["a body", "POST", "/clock/advance", { processingAccountId: demo, by: "PT5M" }],
    ["a body", "POST", "/reset", { processingAccountId: 5 }],
    ["a snapshot", "PUT", "/snapshot", { format: 1, processingAccountId: demo }],
    ["a query", "GET", `/clock?processingAccountId=${demo}`, undefined],
    ["a query", "DELETE", `/scenarios/next?processingAccountId=${demo}`, undefined],
  ])("in %s must be that of the path: %s %s", async (_, method, path, body) => {
    await using sandbox = await twoWorlds();
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await sandbox.fetch(mine + path, init);
    const { errors } = (await response.json()) as { errors: object[] };
    expect([response.status, errors]).toEqual([
      400,
      [
        {
          path: "processingAccountId",
          code: "invalid_request",
          description: `processingAccountId must be "${account}", the world in the path.`,
        },
      ],
    ]);
    expect((await get(sandbox, "/_sandbox/clock")).body.now).toBe(nine);
  });

  test("may be repeated", async () => {
    await using sandbox = await twoWorlds();
    expect((await post(sandbox, `${mine}/settle`, { processingAccountId: account })).status).toBe(200);
    expect((await get(sandbox, `${mine}/clock?processingAccountId=${account}`)).status).toBe(200);
    const snapshot = (await get(sandbox, `${mine}/snapshot`)).body;
    const put = { method: "PUT", body: JSON.stringify(snapshot) };
    expect((await sandbox.fetch(`${mine}/snapshot`, put)).status).toBe(200);
  });
});

test("a record of another world is not found within a world, and does not change", async () => {
  await using sandbox = await twoWorlds();
  const paid = await createPaidPayment(sandbox);
  const { id: refundId } = await sandbox.payments.refund(paid.id, { amount: 5 });
  const pending = await createPayment(sandbox);
  await sandbox.settle();
  const [notification] = (await sandbox.notifications.list()).data;
  const before = JSON.stringify(await sandbox.snapshot());
  const { kid } = sandbox.credentials;
  const calls: [method: string, path: string, body?: object][] = [
    ["GET", `/payments/${paid.id}`],
    ["GET", `/payments/${paid.id}/wait?status=captured`],
    ["POST", `/payments/${pending.id}/actions`, { action: "pay" }],
    ["POST", `/payments/${paid.id}/refunds`, {}],
    ["POST", `/refunds/${refundId}/actions`, { action: "fail" }],
    ["GET", `/notifications/${notification?.id}`],
    ["POST", `/notifications/${notification?.id}/resend`],
    ["DELETE", `/credentials/${kid}`],
  ];
  for (const [method, path, body] of calls) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    expect([path, (await sandbox.fetch(mine + path, init)).status]).toEqual([path, 404]);
  }
  expect(JSON.stringify(await sandbox.snapshot())).toBe(before);
  expect((await sandbox.fetch(`/_sandbox/worlds/${demo}/payments/${paid.id}`)).status).toBe(200);
});

test.each([
  ["GET", "/signature/diagnose"],
  ["POST", "/worlds"],
  ["GET", "/scenarios"],
])("%s %s is not mounted within a world", async (method, path) => {
  await using sandbox = await twoWorlds();
  expect((await sandbox.fetch(mine + path, { method })).status).toBe(404);
});

test("a reset of the whole sandbox is refused within a world", async () => {
  await using sandbox = await twoWorlds();
  expect((await post(sandbox, `${mine}/reset`, { all: true })).status).toBe(400);
  expect((await get(sandbox, mine)).status).toBe(200);
});

test("every operation on a world has a path within a world, named first, and an id of its own", () => {
  const paths = Object.entries(controlDocument("http://localhost", "0.0.0").paths ?? {});
  const prefix = "/_sandbox/worlds/{processingAccountId}";
  const ofAWorld = paths.flatMap(([path, item], index) =>
    Object.entries(item as Record<string, oas31.OperationObject>)
      .filter(([, operation]) => !path.startsWith("/_sandbox/worlds") && takesWorld(path, operation))
      .map(([method]) => ({ path, method, index })),
  );
  expect(ofAWorld.length).toBeGreaterThan(25);
  for (const { path, method, index } of ofAWorld) {
    const within = paths.findIndex(([other]) => other === path.replace("/_sandbox", prefix));
    expect([path, Object.keys(paths[within]?.[1] ?? {})]).toEqual([path, expect.arrayContaining([method])]);
    expect([path, within < index]).toEqual([path, true]);
  }
  const ids = paths.flatMap(([, item]) =>
    Object.values(item as Record<string, oas31.OperationObject>).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

function takesWorld(path: string, operation: oas31.OperationObject): boolean {
  return (
    JSON.stringify([operation.parameters, operation.requestBody]).includes("processingAccountId") ||
    path.includes("/snapshot") ||
    /\{(payment|refund|notification)Id\}/.test(path)
  );
}
