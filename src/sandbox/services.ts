import { type Config, ConfigError, type Limits } from "../config/config.ts";
import { renderNotification } from "../http/api/notifications.ts";
import { publishingSender } from "../platform/channels.ts";
import { pause, systemClock, waitAtMost } from "../platform/clock.ts";
import { machineHeap } from "../platform/heap.ts";
import { type Ids, randomIds, seededIds } from "../platform/ids.ts";
import type { InProcessEndpoints } from "../platform/in-process.ts";
import type { Log } from "../platform/log.ts";
import { httpSender } from "../platform/sender.ts";
import { Slots } from "../platform/slots.ts";
import { ApiRequests } from "../services/api-requests.ts";
import { DiagnosisBudget } from "../services/diagnosis-budget.ts";
import { HeapGuard } from "../services/heap-guard.ts";
import { ExpiredWorlds } from "../services/lifecycle/expired-worlds.ts";
import { Snapshots } from "../services/lifecycle/snapshots.ts";
import { WorldLifecycle } from "../services/lifecycle/world-lifecycle.ts";
import { ChangeStreams } from "../services/observing/change-stream.ts";
import { ChangeWaiter } from "../services/observing/change-waiter.ts";
import { RequestLog } from "../services/observing/request-log.ts";
import { Sessions } from "../services/observing/sessions.ts";
import { WaitFor } from "../services/observing/wait-for.ts";
import { PaymentCreator } from "../services/payments/payment-creator.ts";
import { Payments } from "../services/payments/payments.ts";
import { Queries } from "../services/payments/queries.ts";
import { Refunds } from "../services/payments/refunds.ts";
import { Scenarios } from "../services/payments/scenarios.ts";
import { PaymentTransitions } from "../services/payments/transitions.ts";
import { ReceivedMessages } from "../services/received-messages.ts";
import { Clocks } from "../services/scheduling/clocks.ts";
import { Deliveries } from "../services/scheduling/deliveries.ts";
import { WebhookDelivery, type WebhookDeliveryParts } from "../services/scheduling/delivery.ts";
import { Leases } from "../services/scheduling/leases.ts";
import { Scheduler } from "../services/scheduling/scheduler.ts";
import { Signatures } from "../services/signatures.ts";
import { configuredMerchants } from "../services/worlds/configured-merchants.ts";
import { Merchants } from "../services/worlds/merchants.ts";
import { Worlds } from "../services/worlds/worlds.ts";
import { DemoCredentials } from "./demo-credentials.ts";
import { heapLog } from "./logs.ts";
import type { Seeds } from "./seeds.ts";
import { databaseGraceMs, type OpenStore } from "./store.ts";

/** Dependencies of the services. */
export interface ServiceParts {
  readonly config: Config;
  readonly limits: Limits;
  readonly opened: OpenStore;
  readonly seeds: Seeds;
  /** The id of this process among those that share the store. */
  readonly replicaId: string;
  readonly endpoints: InProcessEndpoints;
  readonly log: Log;
  readonly onAttempt: WebhookDeliveryParts["onAttempt"];
  readonly onDefect: (error: unknown) => void;
}

/** Creates and connects the services. */
export function composeServices(parts: ServiceParts) {
  const { config, limits, opened, seeds, replicaId, endpoints, onDefect } = parts;
  const { store, clock, turns } = opened;
  const { heldResponseMaxMs } = limits;
  // With a shared store, seeded counters of several processes would collide: a seed fixes only keys and configured ids.
  const ids: Ids = config.seed === undefined || store.shared ? randomIds() : seededIds(config.seed);
  const worlds = new Worlds(store, clock, ids, config, merchantsOf(config, seeds.configured));
  const transitions = new PaymentTransitions(ids, renderNotification);
  const waiter = new ChangeWaiter(store, clock, limits.storeLookMs);
  const scenarios = new Scenarios(store, clock, ids, worlds.demoId);
  const paymentParts = { store, clock, ids, transitions, scenarios };
  const payments = new Payments(paymentParts);
  const closing = new AbortController();
  const { sender, delivery } = deliveryOf(parts);
  const leases = new Leases({ store, clock, id: replicaId });
  const { currentDelivery } = endpoints;
  const scheduler = new Scheduler({ store, clock, transitions, delivery, leases, currentDelivery }, onDefect);
  const clocks = new Clocks({ store, clock, ids, worlds, leases, scheduler }, limits, onDefect);
  const merchants = new Merchants(store, clock, ids, worlds, seeds.opened);
  const requestLog = new RequestLog(store, clock, turns, worlds.demoId, onDefect);
  const events = new ChangeStreams(store, clock, requestLog);
  const heap = new HeapGuard({ heap: machineHeap, shareMax: shareMaxOf(opened, limits), onChange: heapLog(parts.log) });
  const snapshots = new Snapshots(store, clock, ids, worlds, requestLog);
  const lifecycle = new WorldLifecycle({ clocks, worlds, scheduler, requestLog, waiter, snapshots, heap });
  const expiredWorlds = removalOfUnusedWorlds(config, { store, clock, worlds, lifecycle }, onDefect);
  const signatures = new Signatures(store, clock, config.auth, worlds, new DiagnosisBudget(systemClock));
  const demo = new DemoCredentials(store, merchants, onDefect);
  const lists = new Queries(store, clock, worlds.demoMerchantId);
  return {
    demo,
    worlds,
    payments,
    paymentCreator: new PaymentCreator({ ...paymentParts, worlds, waiter, heldResponseMaxMs, heap }),
    refunds: new Refunds(paymentParts),
    scenarios,
    slowly: () => pause(limits.slowResponseMs, closing.signal),
    lists,
    signatures,
    receivedMessages: new ReceivedMessages(store, clock),
    apiRequests: new ApiRequests(store, signatures, requestLog),
    merchants,
    requestLog,
    delivery,
    deliveries: new Deliveries({ store, clock, lists, delivery, waiter }),
    arrivals: new WaitFor(waiter, payments),
    events,
    // Random ids even with a seed: a session id must not be predictable.
    sessions: new Sessions(store, randomIds(), config.adminToken ?? ""),
    clocks,
    snapshots,
    lifecycle,
    /** Saves the configured merchants and starts the scheduler. */
    start: async () => {
      await worlds.prepare((id, merchantId) => {
        throw new ConfigError(`merchants: the processing account ${id} already belongs to the merchant ${merchantId}.`);
      });
      await demo.refresh();
      await signatures.learn();
      await leases.start((due) => {
        for (const id of due) scheduler.wake(id);
        return scheduler.freeOrphans();
      }, onDefect);
      expiredWorlds?.start();
    },
    /**
     * Ends waits and streams at once, then the deliveries, and closes the store.
     * @param answered resolves when the requests in flight have their responses: they still need the store.
     */
    close: async (answered: Promise<unknown>) => {
      waiter.close();
      events.close();
      closing.abort();
      heap.close();
      const ended = [answered, scheduler.stop(limits.closeTimeoutMs), expiredWorlds?.stop()];
      const closed = Promise.allSettled(ended)
        .then(() => requestLog.close().catch(() => undefined))
        .then(() => leases.stop())
        .then(() => sender.close())
        .then(() => opened.close());
      // A database that does not answer must not delay the end: the leases expire.
      await (store.shared ? waitAtMost(closed, limits.closeTimeoutMs + databaseGraceMs) : closed);
    },
  };
}

function deliveryOf({ config, limits, opened, endpoints, onAttempt }: ServiceParts) {
  const { store, clock } = opened;
  const { attemptsMax, storeRetryMs: retryMs } = limits;
  const sender = publishingSender(endpoints.sender(httpSender()));
  const slots = new Slots(limits.deliveriesPerEndpointMax);
  const storeSlots = new Slots(unitsAtOnce(config));
  const delivery = new WebhookDelivery({ store, clock, sender, slots, storeSlots, attemptsMax, retryMs, onAttempt });
  return { sender, delivery };
}

function merchantsOf({ merchants }: Config, seed: string): ReturnType<typeof configuredMerchants> {
  return configuredMerchants(merchants, seed, seededIds(seed), (place, complaint) => {
    throw new ConfigError(`merchants: ${place} ${complaint}.`);
  });
}

/** Maximum share of the heap that is used. With a database, payments take no memory of this process. */
function shareMaxOf({ store }: OpenStore, { heapShareMax }: Limits): number {
  return store.shared ? 1 : heapShareMax;
}

/** Maximum concurrent units of work of the deliveries. */
function unitsAtOnce({ store }: Config): number {
  return store === "memory" ? Number.POSITIVE_INFINITY : Math.floor(store.connectionsMax / 2);
}

function removalOfUnusedWorlds(
  { removeUnusedAfterMs }: Config,
  parts: ConstructorParameters<typeof ExpiredWorlds>[0],
  onDefect: (error: unknown) => void,
): ExpiredWorlds | undefined {
  return removeUnusedAfterMs === undefined ? undefined : new ExpiredWorlds(parts, removeUnusedAfterMs, onDefect);
}
