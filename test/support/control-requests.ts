import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { type Answer, answerOf, createPaidPayment, frozenSandbox, get, post } from "./merchant.ts";
import { failing, makeBusy, snapshotOf } from "./snapshots.ts";

/** A request to the control surface: what stands in the path and the query, and the body. */
export interface ControlRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A text or bytes go out as they are. */
  readonly body?: unknown;
}

/** An operation by what it is called in tests: `POST /clock/advance`. */
export type OperationName = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** A request that is right for every operation, and the status that it gets. */
export type GoodRequests = Readonly<Record<OperationName, ControlRequest & { readonly status?: number }>>;

/** A world of its own beside the demo world. */
export const secondWorld = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** A public key that anybody may know, as JWK. [RFC 7517] */
const publicKey = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

/** A sandbox with something of everything, and a request that is right for every operation of its control surface. */
export async function furnishedSandbox(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; good: GoodRequests }> {
  const sandbox = await frozenSandbox({ webhook: failing(1).webhook, ...options });
  const { paid, another, scanned } = await makeBusy(sandbox);
  await post(sandbox, "/_sandbox/worlds", { processingAccountId: secondWorld, clock: "2026-01-05T09:00:00Z" });
  const { body: snapshot } = await snapshotOf(sandbox, secondWorld);
  const elsewhere = await createPaidPayment(sandbox, { account: secondWorld });
  // Its notification may be on its way still, and would be another one when it is looked at again.
  await post(sandbox, "/_sandbox/settle", { processingAccountId: secondWorld });
  const registered = await post(sandbox, "/_sandbox/credentials", { publicKey });
  const whole = await get(sandbox, `/_sandbox/payments/${another.id}`);
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
    "POST /refunds/{refundId}/actions": { params: { refundId: whole.body.refunds[0].id }, body: { action: "fail" } },
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
  return { sandbox, good };
}

/** Sends a request to an operation of the control surface. */
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
