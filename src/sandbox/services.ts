import { type Config, ConfigError, type Limits } from "../config/config.ts";
import { renderNotification } from "../http/api/present.ts";
import { announcedSender } from "../platform/channels.ts";
import { endsWithin, pause } from "../platform/clock.ts";
import { type Ids, randomIds, seededIds } from "../platform/ids.ts";
import type { InProcessEndpoints } from "../platform/in-process.ts";
import { httpSender } from "../platform/sender.ts";
import { Slots } from "../platform/slots.ts";
import { ExpiredWorlds } from "../services/lifecycle/expired-worlds.ts";
import { Snapshots } from "../services/lifecycle/snapshots.ts";
import { WorldLifecycle } from "../services/lifecycle/world-lifecycle.ts";
import { ChangeStreams } from "../services/observing/change-stream.ts";
import { ChangeWaiter } from "../services/observing/change-waiter.ts";
import { RequestLog } from "../services/observing/request-log.ts";
import { Sessions } from "../services/observing/sessions.ts";
import { WaitFor } from "../services/observing/wait-for.ts";
import { Payments } from "../services/payments/payments.ts";
import { Queries } from "../services/payments/queries.ts";
import { Refunds } from "../services/payments/refunds.ts";
import { Scenarios } from "../services/payments/scenarios.ts";
import { PaymentTransitions } from "../services/payments/transitions.ts";
import { Clocks } from "../services/scheduling/clocks.ts";
import { WebhookDelivery } from "../services/scheduling/delivery.ts";
import { Leases } from "../services/scheduling/leases.ts";
import { Scheduler } from "../services/scheduling/scheduler.ts";
import { Signatures } from "../services/signatures.ts";
import { configuredMerchants } from "../services/worlds/configured-merchants.ts";
import { Merchants } from "../services/worlds/merchants.ts";
import { Worlds } from "../services/worlds/worlds.ts";
import { DemoCredentials } from "./demo-credentials.ts";
import type { OpenStore } from "./store.ts";

const defaultSeed = "alipay-hk-sandbox";
/** So much longer than deliveries a database may take when the sandbox is closed, in milliseconds. */
const databaseGraceMs = 1_500;

/** What the use cases stand on. */
export interface ServiceParts {
  readonly config: Config;
  readonly limits: Limits;
  readonly opened: OpenStore;
  /** By what this process is known to others that work with the same records. */
  readonly replicaId: string;
  readonly endpoints: InProcessEndpoints;
  readonly onDefect: (error: unknown) => void;
}

/** The use cases. */
export function composeServices({ config, limits, opened, replicaId, endpoints, onDefect }: ServiceParts) {
  const { store, clock } = opened;
  const seed = config.seed ?? defaultSeed;
  // Counters of several processes would give the same ids: there a seed fixes keys and the ids of the start alone.
  const ids: Ids = config.seed === undefined || store.shared ? randomIds() : seededIds(config.seed);
  const configured = configuredMerchants(config.merchants, seed, seededIds(seed), (place, complaint) => {
    throw new ConfigError(`merchants: ${place} ${complaint}.`);
  });
  const worlds = new Worlds(store, clock, ids, config, configured);
  const transitions = new PaymentTransitions(ids, renderNotification);
  const waiter = new ChangeWaiter(store, clock, limits.storeLookMs);
  const scenarios = new Scenarios(store, clock, ids, worlds.demoId);
  const { heldResponseMaxMs } = limits;
  const payments = new Payments({ store, clock, ids, worlds, transitions, scenarios, waiter, heldResponseMaxMs });
  const closing = new AbortController();
  const sender = announcedSender(endpoints.sender(httpSender()));
  const slots = new Slots(limits.deliveriesPerEndpointMax);
  const storeSlots = new Slots(
    config.store === "memory" ? Number.POSITIVE_INFINITY : Math.floor(config.store.connectionsMax / 2),
  );
  const delivery = new WebhookDelivery({ store, clock, sender, slots, storeSlots, retryMs: limits.storeRetryMs });
  const leases = new Leases({ store, clock, id: replicaId });
  const scheduler = new Scheduler({ store, clock, transitions, delivery, leases }, onDefect);
  const clocks = new Clocks({ store, clock, ids, leases, scheduler }, limits, onDefect);
  const merchants = new Merchants(store, clock, ids, worlds, seed);
  const requestLog = new RequestLog(store, clock, worlds.demoId, onDefect);
  const events = new ChangeStreams(store, clock, requestLog);
  const snapshots = new Snapshots(store, clock, ids, worlds, requestLog);
  const control = new WorldLifecycle({ clock, clocks, worlds, payments, scheduler, requestLog, waiter, snapshots });
  const unused = unusedWorlds(config, { store, clock, worlds, control }, onDefect);
  const signatures = new Signatures(store, clock, config.auth, worlds);
  const demo = new DemoCredentials(store, merchants, onDefect);
  return {
    demo,
    worlds,
    payments,
    refunds: new Refunds({ store, clock, ids, transitions, scenarios }),
    scenarios,
    slowly: () => pause(limits.slowResponseMs, closing.signal),
    lists: new Queries(store, clock, worlds.demoMerchantId),
    signatures,
    merchants,
    requestLog,
    delivery,
    arrivals: new WaitFor(waiter, payments),
    events,
    // Never from the seed: what follows from it can be guessed.
    sessions: new Sessions(store, randomIds()),
    control,
    /** Puts there what is there from the start, and begins with what falls due. */
    start: async () => {
      await worlds.prepare((id, merchantId) => {
        throw new ConfigError(
          `merchants: the processing account ${id} is a world of the merchant ${merchantId} already.`,
        );
      });
      await demo.refresh();
      await signatures.learn();
      await leases.start((due) => {
        for (const id of due) scheduler.wake(id);
        return scheduler.freeOrphans();
      }, onDefect);
      unused?.start();
    },
    /**
     * Ends waits and streams at once and then deliveries, and frees what the services hold.
     * @param answered resolves when the requests in flight have their answers: they still need the records.
     */
    close: async (answered: Promise<unknown>) => {
      waiter.close();
      events.close();
      closing.abort();
      const ended = [answered, scheduler.stop(limits.closeTimeoutMs), unused?.stop()];
      const closed = Promise.allSettled(ended)
        .then(() => requestLog.close().catch(() => undefined))
        .then(() => leases.stop())
        .then(() => sender.close())
        .then(() => opened.close());
      // A database that does not answer is not waited for: what is held becomes void by itself.
      await (store.shared ? endsWithin(closed, limits.closeTimeoutMs + databaseGraceMs) : closed);
    },
  };
}

function unusedWorlds(
  { removeUnusedAfterMs }: Config,
  parts: ConstructorParameters<typeof ExpiredWorlds>[0],
  onDefect: (error: unknown) => void,
): ExpiredWorlds | undefined {
  return removeUnusedAfterMs === undefined ? undefined : new ExpiredWorlds(parts, removeUnusedAfterMs, onDefect);
}
