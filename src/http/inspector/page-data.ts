import type { Context } from "hono";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { moneyFromMajor } from "../../domain/money.ts";
import { transitions } from "../../domain/payment.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { QueuedScenario } from "../../domain/scenario.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import type { World } from "../../domain/world.ts";
import type { WorldLifecycle } from "../../services/lifecycle/world-lifecycle.ts";
import type { RequestLog } from "../../services/observing/request-log.ts";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { Payments, WholePayment } from "../../services/payments/payments.ts";
import type { Page, PaymentRow, Queries } from "../../services/payments/queries.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import type { Scenarios } from "../../services/payments/scenarios.ts";
import type { Clocks, ClockView } from "../../services/scheduling/clocks.ts";
import type { WebhookDelivery } from "../../services/scheduling/delivery.ts";
import type { Merchants } from "../../services/worlds/merchants.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { presentCursor } from "../api/present.ts";
import { cursorOf } from "../api/schemas.ts";
import { type PresentedCredentials, presentCredentials } from "../control/merchants.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import type { Gate } from "../middleware/same-origin.ts";
import type { PageAddress } from "./page-address.ts";

/** What stands behind the inspector. */
export interface InspectorParts {
  readonly addresses: Addresses;
  readonly arrivals: WaitFor;
  readonly clocks: Clocks;
  readonly lifecycle: WorldLifecycle;
  readonly payments: Payments;
  readonly gate: Gate;
  readonly lists: Queries;
  readonly merchants: Merchants;
  readonly refunds: Refunds;
  readonly requestLog: RequestLog;
  readonly scenarios: Scenarios;
  readonly delivery: WebhookDelivery;
  readonly worlds: Worlds;
  /** The demo shop, where there is one. */
  readonly shop?: unknown;
  readonly bodyMaxBytes: number;
}

/** All that a page of the inspector shows, read at one go. */
export interface PageData {
  readonly view: PageAddress;
  /** What to say about a form that was refused. */
  readonly problem?: string | undefined;
  readonly base: string;
  /** Whether somebody signed in, and so can sign out. */
  readonly withSignIn: boolean;
  /** Whether there is a demo shop. */
  readonly withShop: boolean;
  readonly world: World;
  readonly worlds: readonly World[];
  readonly demoId: string;
  readonly clock: ClockView;
  readonly queue: readonly QueuedScenario[];
  readonly credentials: PresentedCredentials;
  /** Newest first. */
  readonly requests: readonly KeptRequest[];
  readonly list: Page<PaymentRow>;
  /** The payment that the page is about, and the requests about it. */
  readonly payment?: { readonly whole: WholePayment; readonly requests: readonly KeptRequest[] } | undefined;
}

/** How many payments one page of the list has. */
const rowsMax = 30;
const listName = "payments of the inspector";

/** The cursor of the page of the list after this one. */
export function nextCursor({ list }: PageData): string | undefined {
  return list.end === undefined ? undefined : presentCursor(listName, list.end);
}

/** Reads what a view shows, or says what is not there. */
export async function pageDataOf(
  c: Context<Env>,
  parts: InspectorParts,
  view: PageAddress,
  problem?: string,
): Promise<PageData | { readonly refusal: Refusal }> {
  const { addresses, clocks, gate, lists, merchants, payments, requestLog, scenarios, worlds } = parts;
  const whole = view.paymentId === undefined ? undefined : await payments.whole(view.paymentId);
  if (whole !== undefined && !whole.ok) return { refusal: whole.refusal };
  const found = await worlds.find(whole?.value.world.processingAccountId ?? view.world);
  if (!found.ok) return { refusal: found.refusal };
  const world = found.value;
  const id = world.processingAccountId;
  const base = addresses.base(requestOrigin(c));
  const [clock, queue, merchant, list, all] = await Promise.all([
    clocks.view(id),
    scenarios.queue(id),
    merchants.view(id),
    lists.search(id, searchOf(view)),
    worlds.list(),
  ]);
  for (const result of [clock, queue, merchant, list]) if (!result.ok) return { refusal: result.refusal };
  if (!clock.ok || !queue.ok || !merchant.ok || !list.ok) throw new Error("unreachable");
  return {
    view: { ...view, world: id === worlds.demoId ? undefined : id },
    problem,
    base,
    withSignIn: gate.isAdminToken !== undefined,
    withShop: parts.shop !== undefined,
    world,
    worlds: all,
    demoId: worlds.demoId,
    clock: clock.value,
    queue: queue.value,
    credentials: presentCredentials(merchant.value, base),
    requests: await requestLog.all(id),
    list: list.value,
    payment: whole && { whole: whole.value, requests: await requestLog.about(whole.value.payment) },
  };
}

function searchOf({ text, status, cursor }: PageAddress): Parameters<Queries["search"]>[1] {
  const [, major = ""] = /^\s*(?:HK)?\$?\s*(\d[\d,]*(?:\.\d{1,2})?)\s*$/i.exec(text ?? "") ?? [];
  const read = cursor === undefined ? undefined : cursorOf(listName).safeParse(cursor);
  return {
    limit: rowsMax,
    text: text?.trim(),
    amount: major === "" ? undefined : moneyFromMajor(Number(major.replaceAll(",", ""))),
    status: status !== undefined && Object.hasOwn(transitions, status) ? (status as PaymentStatus) : undefined,
    cursor: read?.success ? read.data : undefined,
  };
}
