import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { type Answer, answerOf, createPaidPayment, frozenSandbox, get, post } from "./merchant.ts";
import { failing, makeBusy, snapshotOf } from "./snapshots.ts";

/** A request to the control API: path parameters, query and body. */
export interface ControlRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A text or bytes are sent unchanged. */
  readonly body?: unknown;
}

/** Name of an operation, for example `POST /clock/advance`. */
export type OperationName = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** A valid request for every operation, and the expected status, by default 200. */
export type GoodRequests = Readonly<Record<OperationName, ControlRequest & { readonly status?: number }>>;

/** Processing account id of a world next to the demo world. */
export const secondWorld = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** A published example key, as JWK. [RFC 7517] */
const publicKey = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

/** Opens a sandbox with records of every kind. @returns it, and a valid request for every control operation. */
export async function furnishedSandbox(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; good: GoodRequests }> {
  const sandbox = await frozenSandbox({ webhook: failing(1).webhook, ...options });
  const { paid, another, scanned } = await makeBusy(sandbox);
  await post(sandbox, "/_sandbox/worlds", { processingAccountId: secondWorld, clock: "2026-01-05T09:00:00Z" });
  const { body: snapshot } = await snapshotOf(sandbox, secondWorld);
  const elsewhere = await createPaidPayment(sandbox, { account: secondWorld });
  // Otherwise its notification may still be in delivery and change between two reads.
  await post(sandbox, "/_sandbox/settle", { processingAccountId: secondWorld });
  const registered = await post(sandbox, "/_sandbox/credentials", { publicKey });
  const refunded = await get(sandbox, `/_sandbox/payments/${another.id}`);
  const [notification] = (await sandbox.notifications.list({ paymentId: paid.id })).data;
  const [oldest] = sandbox.credentials.hmacKeys;
  const world = { processingAccountId: secondWorld };
  const payment = { paymentId: scanned.id };
  const good: GoodRequests = {
    "GET /health": {},
    "GET /ready": {},
    "GET /openapi.json": {},
    "GET /credentials": { query: world },
    "POST /credentials": { body: { ...world, publicKey, scopes: ["payments:read"] }, status: 201 },
    "DELETE /credentials/{kid}": { params: { kid: registered.body.kid } },
    "POST /keys/rotate": { body: { ...world, overlap: "PT1H" } },
    "POST /keys/retire": { body: { hmacKid: oldest?.kid } },
    "POST /worlds": { body: { settings: { expiry: "PT5M" }, clock: "running" }, status: 201 },
    "GET /worlds/{processingAccountId}": { params: world },
    "PATCH /worlds/{processingAccountId}": { params: world, body: { settings: { webhookUrl: null, expiry: "PT5M" } } },
    "DELETE /worlds/{processingAccountId}": { params: world },
    "POST /reset": { body: world },
    "GET /snapshot": { query: world },
    "PUT /snapshot": { body: snapshot },
    "GET /clock": { query: world },
    "POST /clock": { body: { ...world, mode: "frozen", at: "2026-01-05T10:00:00Z" } },
    "POST /clock/advance": { body: { ...world, by: "PT5M" } },
    "POST /settle": { body: world },
    "GET /payments": { query: { limit: "2", status: "captured" } },
    "GET /payments/{paymentId}": { params: { paymentId: paid.id } },
    "GET /payments/{paymentId}/wait": { params: payment, query: { status: "pending", timeoutMs: "0" } },
    "POST /payments/{paymentId}/actions": { params: payment, body: { action: "decline", reason: "risk_rejected" } },
    "POST /payments/{paymentId}/refunds": {
      params: { paymentId: elsewhere.id },
      body: { merchantReference: "return-3", amount: { value: 150, currency: "hkd" } },
      status: 201,
    },
    "POST /refunds/{refundId}/actions": { params: { refundId: refunded.body.refunds[0].id }, body: { action: "fail" } },
    "GET /scenarios": {},
    "GET /scenarios/next": { query: world },
    "POST /scenarios/next": { body: { ...world, scenario: { outcome: "pay" }, times: 2 }, status: 201 },
    "DELETE /scenarios/next": {},
    "GET /notifications": { query: { limit: "2", paymentId: paid.id, state: "delivered" } },
    "GET /notifications/wait": { query: { type: "payment", paymentId: paid.id, timeoutMs: "0" } },
    "GET /notifications/{notificationId}": { params: { notificationId: notification?.id ?? "" } },
    "POST /notifications/{notificationId}/resend": { params: { notificationId: notification?.id ?? "" } },
    "GET /requests": { query: { limit: "2" } },
    "POST /requests/verify": { body: { match: { method: "POST", path: "/v1/payments" }, atLeast: 1, atMost: 99 } },
    "POST /signature/diagnose": { body: { method: "GET", target: "/v1/payments", body: "", signature: "x..y" } },
    "GET /events": { query: world },
  };
  const inSecondWorld: readonly string[] = ["POST /payments/{paymentId}/refunds", "PUT /snapshot"];
  for (const [name, request] of Object.entries(good)) {
    Object.assign(good, withinWorld(name, request, inSecondWorld.includes(name) ? secondWorld : undefined));
  }
  return { sandbox, good };
}

/** The same request to the path within a world: the world is named in the path, and nowhere else. */
function withinWorld(name: string, request: ControlRequest, processingAccountId?: string): GoodRequests {
  const [method, path] = name.split(" ");
  const { query, body, params } = request as { query?: object; body?: object; params?: object };
  const { processingAccountId: inQuery, ...restOfQuery } = (query ?? {}) as Record<string, string>;
  const { processingAccountId: inBody, ...restOfBody } = (body ?? {}) as Record<string, unknown>;
  const world = processingAccountId ?? inQuery ?? inBody ?? "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
  const mounted = {
    ...request,
    params: { ...params, processingAccountId: world as string },
    ...(query === undefined ? {} : { query: restOfQuery }),
    ...(body === undefined ? {} : { body: path === "/snapshot" ? body : restOfBody }),
  };
  return { [`${method} /worlds/{processingAccountId}${path}`]: mounted };
}

/** Sends a request to an operation of the control API. */
export async function ask(sandbox: Sandbox, name: OperationName, request: ControlRequest): Promise<Answer> {
  const [method = "", path = ""] = name.split(" ");
  const filled = path.replace(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(request.params?.[param] ?? ""));
  const query = new URLSearchParams(request.query);
  const { body } = request;
  const sent = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await sandbox.fetch(`/_sandbox${filled}${query.size === 0 ? "" : `?${query}`}`, {
    method,
    ...(body === undefined ? {} : { body: sent as string }),
  });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return answerOf(response);
  await response.body?.cancel();
  return { status: response.status, headers: response.headers, text: "", body: undefined };
}
