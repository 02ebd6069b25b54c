import type { LedgerEntry, Movement } from "../../src/domain/ledger.ts";
import { movement } from "../../src/domain/ledger.ts";
import type { LoggedRequest } from "../../src/domain/logged-request.ts";
import type { Credential, Merchant } from "../../src/domain/merchant.ts";
import { type Money, moneyFromMajor } from "../../src/domain/money.ts";
import type { Notification } from "../../src/domain/notification.ts";
import type { Payment } from "../../src/domain/payment.ts";
import type { Refund } from "../../src/domain/refund.ts";
import { type Replay, replayId, requestText } from "../../src/domain/replay.ts";
import type { Replica, Session, WorldLease, WorldUse } from "../../src/domain/replica.ts";
import { type ConsumedAmountFault, consumedAmountFaultId, type QueuedScenario } from "../../src/domain/scenario.ts";
import type { StoredSeed } from "../../src/domain/stored-seed.ts";
import type { Task } from "../../src/domain/task.ts";
import type { ClockChange, TimelineEvent } from "../../src/domain/timeline.ts";
import type { World } from "../../src/domain/world.ts";
import type { Kind, Records, Store } from "../../src/store/store.ts";

/** 2026-01-05T09:00:00Z */
export const start = 1_767_603_600_000;

export function hkd(major: number): Money {
  const money = moneyFromMajor(major);
  if (money === undefined) throw new Error(`${major} is not an amount`);
  return money;
}

export function merchant(members: Partial<Merchant> = {}): Merchant {
  return { merchantId: "merchant-1", hmacKeys: [{ kid: "hmac-1", key: "a secret" }], ...members };
}

export function credential(members: Partial<Credential> = {}): Credential {
  return {
    kid: "kid-1",
    merchantId: "merchant-1",
    publicKey: "-----BEGIN PUBLIC KEY-----",
    scopes: ["payments:create", "payments:read"],
    ...members,
  };
}

export function world(members: Partial<World> = {}): World {
  return {
    processingAccountId: "world-1",
    merchantId: "merchant-1",
    clock: { mode: "frozen", time: start },
    startTime: start,
    settings: {
      merchantName: "Demo merchant",
      webhookTimeoutMs: 30_000,
      webhookTls: "verify",
      outcomeDelayMs: 2_000,
      magicAmounts: true,
      expiryMs: 1_800_000,
      refundDelayMs: 2_000,
      refundWindowMs: 31_536_000_000,
      amountMax: hkd(50_000),
      returnDelayMs: 2_000,
    },
    ...members,
  };
}

export function loggedRequest(members: Partial<LoggedRequest> = {}): LoggedRequest {
  return {
    time: start,
    method: "GET",
    target: "/v1/payments",
    status: 200,
    durationMs: 3,
    signature: "unsigned",
    body: "",
    answer: '{"data":[]}',
    at: start,
    ...members,
  };
}

export function payment(members: Partial<Payment> = {}): Payment {
  return {
    id: "payment-1",
    processingAccountId: "world-1",
    merchantId: "merchant-1",
    trackId: "track-1",
    pageToken: "page-1",
    merchantReference: "order 1",
    amount: hkd(200),
    flowType: "qr_link",
    returnUrl: "https://merchant.example/return?order=1",
    status: "pending",
    reason: "required_next_step",
    createTime: start,
    updateTime: start,
    expireTime: start + 1_800_000,
    ...members,
  };
}

export function refund(members: Partial<Refund> = {}): Refund {
  return {
    id: "refund-1",
    processingAccountId: "world-1",
    paymentId: "payment-1",
    trackId: "refund-track-1",
    merchantReference: "return 1",
    amount: hkd(40),
    partial: true,
    status: "pending",
    createTime: start,
    updateTime: start,
    ...members,
  };
}

export function captured(amount: Money, time = start): Movement {
  return movement("payment_captured", amount, { paymentId: "payment-1", time });
}

export function entry(members: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id: "entry-1",
    processingAccountId: "world-1",
    merchantId: "merchant-1",
    ...captured(hkd(200)),
    ...members,
  };
}

export function notification(members: Partial<Notification> = {}): Notification {
  return {
    id: "notification-1",
    processingAccountId: "world-1",
    type: "payment",
    paymentId: "payment-1",
    createTime: start,
    body: '{"id":"notification-1","type":"payment","payload":{"status":"captured","merchantReference":"order-1"}}',
    state: "due",
    attempts: [],
    ...members,
  };
}

export function replay(members: Partial<Replay> = {}): Replay {
  return {
    id: replayId("world-1", "payments", "key-1"),
    processingAccountId: "world-1",
    merchantId: "merchant-1",
    operation: "payments",
    idempotencyKey: "key-1",
    paymentId: "payment-1",
    request: requestText("/v1/payments", { merchantReference: "order 1" }),
    body: '{"id":"payment-1"}',
    createTime: start,
    ...members,
  };
}

export function task(members: Partial<Task> = {}): Task {
  return {
    id: "task-1",
    processingAccountId: "world-1",
    kind: "expire_payment",
    paymentId: "payment-1",
    subjectId: "payment-1",
    dueTime: start,
    ...members,
  };
}

export function queued(members: Partial<QueuedScenario> = {}): QueuedScenario {
  return {
    id: "queued-1",
    processingAccountId: "world-1",
    scenario: { name: "declined", on: "payment", outcome: "decline", reason: "payment_declined" },
    times: 2,
    ...members,
  };
}

export function consumedAmountFault(members: Partial<ConsumedAmountFault> = {}): ConsumedAmountFault {
  return {
    id: consumedAmountFaultId("world-1", "order 1", "rate_limited"),
    processingAccountId: "world-1",
    ...members,
  };
}

export function event(members: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    id: "event-1",
    processingAccountId: "world-1",
    paymentId: "payment-1",
    time: start,
    payload: { kind: "status", status: "captured", by: "payer", action: "pay" },
    ...members,
  };
}

export function clockChange(members: Partial<ClockChange> = {}): ClockChange {
  return {
    id: "clock-change-1",
    processingAccountId: "world-1",
    from: start,
    to: start + 60_000,
    mode: "frozen",
    ...members,
  };
}

export function replica(members: Partial<Replica> = {}): Replica {
  return { id: "replica-1", heartbeatTime: start, ...members };
}

export function lease(members: Partial<WorldLease> = {}): WorldLease {
  return { processingAccountId: "world-1", holder: "replica-1", advancing: false, ...members };
}

export function use(members: Partial<WorldUse> = {}): WorldUse {
  return { processingAccountId: "world-1", time: start, ...members };
}

export function session(members: Partial<Session> = {}): Session {
  return { id: "session-1", ...members };
}

export function storedSeed(members: Partial<StoredSeed> = {}): StoredSeed {
  return { id: "seed", seed: "a secret", ...members };
}

/** Saves the records in that order, in one unit of work. */
export function save<K extends Kind>(store: Store, kind: K, ...records: readonly Records[K][]): Promise<void> {
  return store.atomically(async (unit) => {
    for (const record of records) await unit.save(kind, record);
  });
}

/** Removes the tasks of a world in the order of their due times. @returns their ids. */
export function takeTasks(store: Store, processingAccountId = "world-1"): Promise<string[]> {
  return store.atomically(async (unit) => {
    const taken: string[] = [];
    for (;;) {
      const next = await unit.nextTask(processingAccountId);
      if (next === undefined) return taken;
      taken.push(next.id);
      await unit.remove("task", next.id);
    }
  });
}
