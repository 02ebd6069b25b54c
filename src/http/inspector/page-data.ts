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
import type { ReceivedMessages } from "../../services/received-messages.ts";
import type { Clocks, ClockView } from "../../services/scheduling/clocks.ts";
import type { WebhookDelivery } from "../../services/scheduling/delivery.ts";
import type { Merchants } from "../../services/worlds/merchants.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { cursorOf, presentCursor } from "../api/lists.ts";
import { type PresentedCredentials, presentCredentials } from "../control/merchants.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import type { Gate } from "../middleware/same-origin.ts";
import type { Done } from "./done.ts";
import type { PageAddress } from "./page-address.ts";
import type { RefusedForm } from "./refused-form.ts";

/** Services and settings of the inspector. */
export interface InspectorParts {
  readonly addresses: Addresses;
  readonly arrivals: WaitFor;
  readonly clocks: Clocks;
  readonly lifecycle: WorldLifecycle;
  readonly payments: Payments;
  readonly gate: Gate;
  readonly lists: Queries;
  readonly merchants: Merchants;
  readonly receivedMessages: ReceivedMessages;
  readonly refunds: Refunds;
  readonly requestLog: RequestLog;
  readonly scenarios: Scenarios;
  readonly delivery: WebhookDelivery;
  readonly worlds: Worlds;
  /** The version of the sandbox. */
  readonly version: string;
  /** Sends a request to the provider's API of this sandbox. */
  readonly sendToApi: (request: Request) => Promise<Response>;
  /** The demo shop, if enabled. */
  readonly shop?: unknown;
  readonly bodyMaxBytes: number;
}

/** All data of a page of the inspector. */
export interface PageData {
  readonly address: PageAddress;
  /** Why the submitted form was refused. */
  readonly problem?: string | undefined;
  /** The refused form, if it has fields. */
  readonly refused?: RefusedForm | undefined;
  /** What the last form did. */
  readonly done?: Done | undefined;
  /** Base URL of the sandbox. */
  readonly base: string;
  /** The same for other machines, where they can reach the sandbox. */
  readonly shareBase: string;
  /** The demo shop's URL for a phone; `undefined` without a shop, or if no phone can reach it. */
  readonly phoneShop: string | undefined;
  /** Whether the inspector requires a sign-in, so that the page needs a button to sign out. */
  readonly withSignIn: boolean;
  /** Whether the demo shop is enabled. */
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
  /** Explains attempts that the endpoint refused. */
  readonly receivedMessages: ReceivedMessages;
  /** If this world has no payments: the newest worlds that have some. */
  readonly busyWorlds: readonly World[];
  /** The payment of the page, with its requests. */
  readonly payment?: { readonly whole: WholePayment; readonly requests: readonly KeptRequest[] } | undefined;
}

/** Payments per page of the list. */
const rowsMax = 30;
/** Maximum number of other worlds on the page of an empty one. */
const busyWorldsMax = 5;
/** Maximum number of worlds to look for payments in. */
const lookedAtMax = 100;
const listName = "payments of the inspector";

/** Cursor of the next page of the list. */
export function nextCursor({ list }: PageData): string | undefined {
  return list.end === undefined ? undefined : presentCursor(listName, list.end);
}

/** Reads the data of a page; a refusal if its world or payment does not exist. */
export async function pageDataOf(
  c: Context<Env>,
  parts: InspectorParts,
  address: PageAddress,
): Promise<PageData | { readonly refusal: Refusal }> {
  const { addresses, clocks, gate, lists, merchants, payments, requestLog, scenarios, worlds } = parts;
  const whole = address.paymentId === undefined ? undefined : await payments.whole(address.paymentId);
  if (whole !== undefined && !whole.ok) return { refusal: whole.refusal };
  const found = await worlds.find(whole?.value.world.processingAccountId ?? address.world);
  if (!found.ok) return { refusal: found.refusal };
  const world = found.value;
  const id = world.processingAccountId;
  const base = addresses.base(requestOrigin(c));
  const phone = addresses.phone(requestOrigin(c));
  const [clock, queue, merchant, list, all] = await Promise.all([
    clocks.view(id),
    scenarios.queue(id),
    merchants.view(id),
    lists.search(id, searchOf(address)),
    worlds.list(),
  ]);
  for (const result of [clock, queue, merchant, list]) if (!result.ok) return { refusal: result.refusal };
  if (!clock.ok || !queue.ok || !merchant.ok || !list.ok) throw new Error("unreachable");
  return {
    address: { ...address, world: id === worlds.demoId ? undefined : id },
    base,
    shareBase: phone.reachable ? phone.base : base,
    phoneShop: phone.reachable && parts.shop !== undefined ? `${phone.base}/demo` : undefined,
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
    receivedMessages: parts.receivedMessages,
    busyWorlds: isEmpty(list.value, address) ? await busyWorlds(all, parts) : [],
    payment: whole && { whole: whole.value, requests: await requestLog.about(whole.value.payment) },
  };
}

/** Whether a list shows that its world has no payments. */
export function isEmpty({ data }: Page<PaymentRow>, { text, status, cursor }: PageAddress): boolean {
  return data.length === 0 && text === undefined && status === undefined && cursor === undefined;
}

async function busyWorlds(all: readonly World[], { lists, worlds }: InspectorParts): Promise<World[]> {
  const ids = all.map(({ processingAccountId }) => processingAccountId).reverse();
  const newest = new Set([...ids.slice(0, lookedAtMax), worlds.demoId]);
  const busy = await lists.withPayments([...newest], busyWorldsMax);
  return busy.flatMap((id) => all.find(({ processingAccountId }) => processingAccountId === id) ?? []);
}

function searchOf({ text, status, cursor }: PageAddress): Parameters<Queries["search"]>[1] {
  const [, major = ""] = /^\s*(?:HK)?\$?\s*(\d[\d,]*(?:\.\d{1,2})?)\s*$/i.exec(text ?? "") ?? [];
  const parsed = cursor === undefined ? undefined : cursorOf(listName).safeParse(cursor);
  return {
    limit: rowsMax,
    text: text?.trim(),
    amount: major === "" ? undefined : moneyFromMajor(Number(major.replaceAll(",", ""))),
    status: status !== undefined && Object.hasOwn(transitions, status) ? (status as PaymentStatus) : undefined,
    cursor: parsed?.success ? parsed.data : undefined,
  };
}
