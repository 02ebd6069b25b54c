import type { RealClock } from "../../platform/clock.ts";
import type { Store } from "../../store/store.ts";
import type { PaymentTransitions } from "../payments/transitions.ts";
import type { WebhookDelivery } from "./delivery.ts";
import type { Leases } from "./leases.ts";

/** What the scheduler stands on. */
export interface SchedulerParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly transitions: PaymentTransitions;
  readonly delivery: WebhookDelivery;
  readonly leases: Leases;
}

/** How far one `advance` may go before it says so. */
export interface AdvanceLimits {
  readonly advanceTasksMax: number;
  /** Real time, in milliseconds. */
  readonly advanceDurationMaxMs: number;
  /** How soon to try again what the store could not take, in milliseconds of real time. */
  readonly storeRetryMs: number;
}

/** What this process is doing for one world, from the world's start to its restart. */
export interface WorldRun {
  pumping: Promise<void> | undefined;
  again: boolean;
  /** Deliveries under way. They never reject. */
  readonly flights: Set<Promise<void>>;
  /** Ends everything that belongs to this run: what it began writes nothing after. */
  readonly cut: AbortController;
  cancelTimer: () => void;
  clockBusy: boolean;
  /** When the world began for which it was made, once that is known. */
  startTime: number | undefined;
  /** Tasks begun. */
  ran: number;
  /** Where an advance has to stop: tasks begun, and real time. */
  budget: { readonly ranMax: number; readonly deadline: number } | undefined;
}

export function newWorldRun(): WorldRun {
  return {
    pumping: undefined,
    again: false,
    flights: new Set(),
    cut: new AbortController(),
    cancelTimer: () => undefined,
    clockBusy: false,
    startTime: undefined,
    ran: 0,
    budget: undefined,
  };
}

/** Whether an advance has to stop. */
export function isBudgetSpent(clock: RealClock, { budget, ran }: WorldRun): boolean {
  return budget !== undefined && (ran >= budget.ranMax || clock.now() >= budget.deadline);
}

/** Waits for something, for as long as the budget allows. @returns whether it came to its end. */
export async function completesInBudget(clock: RealClock, { budget }: WorldRun, work: Promise<void>): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    const { deadline } = budget ?? { deadline: clock.now() };
    cancel = clock.after(deadline - clock.now(), () => resolve(false), { keepsAlive: true });
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}
