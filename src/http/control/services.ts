import type { SeedOrigin } from "../../domain/stored-seed.ts";
import type { WorldSettings } from "../../domain/world.ts";
import type { Snapshots } from "../../services/lifecycle/snapshots.ts";
import type { WorldLifecycle } from "../../services/lifecycle/world-lifecycle.ts";
import type { ChangeStreams } from "../../services/observing/change-stream.ts";
import type { RequestLog } from "../../services/observing/request-log.ts";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { Payments } from "../../services/payments/payments.ts";
import type { Queries } from "../../services/payments/queries.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import type { Scenarios } from "../../services/payments/scenarios.ts";
import type { ReceivedMessages } from "../../services/received-messages.ts";
import type { Clocks } from "../../services/scheduling/clocks.ts";
import type { WebhookDelivery } from "../../services/scheduling/delivery.ts";
import type { Signatures } from "../../services/signatures.ts";
import type { Merchants } from "../../services/worlds/merchants.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import type { Addresses } from "../env.ts";

/** The state of the process, as health checks report it. */
export interface ProcessState {
  readonly version: string;
  readonly store: string;
  readonly seed: SeedOrigin;
  readonly uptimeSeconds: number;
}

/** Whether the sandbox serves: `closing` while it shuts down, `store_unavailable` while the database is unreachable. */
export type Readiness = "ready" | "closing" | "store_unavailable";

/** The services behind the control surface. */
export interface ControlServices {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly lists: Queries;
  readonly lifecycle: WorldLifecycle;
  readonly clocks: Clocks;
  readonly snapshots: Snapshots;
  /** Maximum size of a snapshot, in bytes. */
  readonly snapshotMaxBytes: number;
  /** Maximum number of JSON values in a snapshot. */
  readonly snapshotMaxValues: number;
  readonly scenarios: Scenarios;
  readonly merchants: Merchants;
  readonly worlds: Worlds;
  readonly arrivals: WaitFor;
  readonly delivery: WebhookDelivery;
  readonly events: ChangeStreams;
  readonly requestLog: RequestLog;
  readonly signatures: Signatures;
  readonly receivedMessages: ReceivedMessages;
  readonly addresses: Addresses;
  readonly health: () => ProcessState;
  readonly readiness: () => Promise<Readiness>;
  /** Default settings of a new world. */
  readonly settings: WorldSettings;
  /** Writes the OpenAPI document of the control surface. @param base base URL of the sandbox. */
  readonly controlDocument: (base: string) => Promise<object>;
}
