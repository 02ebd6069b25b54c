import type { Payment } from "../../domain/payment.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { idempotencyKeyLifeMs, type KeyedOperation, type Replay, replayId, requestText } from "../../domain/replay.ts";
import { newTask } from "../../domain/task.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** A request with its idempotency key, if it has one. */
export interface KeyedRequest {
  readonly key: string | undefined;
  /** The path without query. */
  readonly path: string;
  /** The parsed body. */
  readonly body: unknown;
}

/** The scope of a key, and the world time now. */
export interface KeySpace {
  readonly processingAccountId: string;
  readonly operation: KeyedOperation;
  readonly now: number;
}

/** A response as it is sent and stored. */
export interface RenderedResponse {
  readonly text: string;
  readonly status: number;
}

/** The response, and the payment that it is about. */
export interface OnceDone {
  readonly response: RenderedResponse;
  readonly paymentId: string;
}

/** Status of the response that creates something, by default. [ours] */
const usualStatus = 201;

/**
 * Does the work once for each key, in the caller's unit of work. [docs] The same request gets the first response again.
 * [ours] Another request with the same key gets `idempotency_key_conflict`. [plugin] A refused request leaves its key
 * unused. [ours]
 * @param work returns the payment of the request and the response.
 */
export async function once(
  unit: UnitOfWork,
  request: KeyedRequest,
  { processingAccountId, operation, now }: KeySpace,
  work: () => Promise<Result<{ readonly payment: Payment; readonly response: RenderedResponse }>>,
): Promise<Result<OnceDone>> {
  const { key, path } = request;
  if (key === undefined) {
    const done = await work();
    return done.ok ? accept({ response: done.value.response, paymentId: done.value.payment.id }) : done;
  }
  const id = replayId(processingAccountId, operation, key);
  const text = requestText(path, request.body);
  const before = await unit.get("replay", id);
  if (before !== undefined && before.createTime + idempotencyKeyLifeMs > now) {
    if (before.request !== text) return refuse({ code: "idempotency_key_conflict" });
    const { body, httpStatus = usualStatus, paymentId } = before;
    return accept({ response: { text: body, status: httpStatus }, paymentId });
  }
  const done = await work();
  if (!done.ok) return done;
  const { payment, response } = done.value;
  const replay: Replay = {
    id,
    processingAccountId,
    merchantId: payment.merchantId,
    operation,
    idempotencyKey: key,
    paymentId: payment.id,
    request: text,
    body: response.text,
    ...(response.status === usualStatus ? {} : { httpStatus: response.status }),
    createTime: now,
  };
  // A key that is used again after its lifetime moves to the end of the order.
  if (before !== undefined) await unit.remove("replay", id);
  await unit.save("replay", replay);
  await unit.save("task", newTask("forget_replay", { id, processingAccountId }, now + idempotencyKeyLifeMs));
  return accept({ response, paymentId: payment.id });
}
