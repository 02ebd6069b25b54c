import type { Context } from "hono";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { QueuedScenario } from "../../domain/scenario.ts";
import type { World } from "../../domain/world.ts";
import type { WorldLifecycle } from "../../services/lifecycle/world-lifecycle.ts";
import type { RequestLog } from "../../services/observing/request-log.ts";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { PaymentRow } from "../../services/payments/payment-filters.ts";
import type { Payments, WholePayment } from "../../services/payments/payments.ts";
import type { Page, Queries } from "../../services/payments/queries.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import type { Scenarios } from "../../services/payments/scenarios.ts";
import type { ReceivedMessages } from "../../services/received-messages.ts";
import type { Clocks, ClockView } from "../../services/scheduling/clocks.ts";
import type { Deliveries } from "../../services/scheduling/deliveries.ts";
import type { WebhookDelivery } from "../../services/scheduling/delivery.ts";
import type { Signatures } from "../../services/signatures.ts";
import type { Merchants } from "../../services/worlds/merchants.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { cursorOf, presentCursor } from "../api/lists.ts";
import { type PresentedCredentials, presentCredentials } from "../control/merchants.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import type { Gate } from "../middleware/same-origin.ts";
import type { DoctorView } from "./doctor/examination.ts";
import type { Done } from "./done.ts";
import { filtersOf } from "./list-filters.ts";
import { isFiltered, type PageAddress } from "./page-address.ts";
import type { RefusedForm } from "./refused-form.ts";
import { type Times, timesFor } from "./times.ts";
import { type WebhooksData, webhooksOf } from "./webhooks-data.ts";
import { type WorldChoices, worldChoices } from "./world-choices.ts";

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
  readonly signatures: Signatures;
  readonly deliveries: Deliveries;
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
  readonly worldChoices: WorldChoices;
  readonly demoId: string;
  readonly clock: ClockView;
  /** Writes instants in the selected time zone. */
  readonly times: Times;
  readonly queue: readonly QueuedScenario[];
  readonly credentials: PresentedCredentials;
  /** Newest first. */
  readonly requests: readonly KeptRequest[];
  readonly list: Page<PaymentRow>;
  /** The number of payments of the world by status. */
  readonly statusCounts: ReadonlyMap<string, number>;
  /** The cursor of the page that starts with the payment, if it is not in this list without filters. */
  readonly paymentCursor: string | undefined;
  /** Explains attempts that the endpoint refused. */
  readonly receivedMessages: ReceivedMessages;
  /** If this world has no payments: the newest worlds that have some. */
  readonly busyWorlds: readonly World[];
  /** What the page of the doctor shows. */
  readonly doctor?: DoctorView;
  /** The payment of the page, with its requests. */
  readonly payment?: { readonly whole: WholePayment; readonly requests: readonly KeptRequest[] } | undefined;
  /** On the page of webhooks. */
  readonly webhooks?: WebhooksData | undefined;
}

/** Payments per page of the list. */
const rowsMax = 30;
/** Maximum number of other worlds on the page of an empty one. */
const busyWorldsMax = 5;
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
  const webhooks = address.place === "webhooks" ? await webhooksOf(parts, world, address) : undefined;
  if (webhooks !== undefined && !webhooks.ok) return { refusal: webhooks.refusal };
  const id = world.processingAccountId;
  const base = addresses.base(requestOrigin(c));
  const phone = addresses.phone(requestOrigin(c));
  const times = timesFor(c);
  const [clock, queue, merchant, list, statusCounts, choices] = await Promise.all([
    clocks.view(id),
    scenarios.queue(id),
    merchants.view(id),
    lists.search(id, searchOf(address, times)),
    lists.statusCounts(id),
    worlds.list().then((all) => worldChoices(all, world, worlds.demoId, lists)),
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
    worldChoices: choices,
    demoId: worlds.demoId,
    clock: clock.value,
    times,
    queue: queue.value,
    credentials: presentCredentials(merchant.value, base),
    requests: await requestLog.all(id),
    list: list.value,
    statusCounts,
    paymentCursor: whole && (await cursorTo(whole.value.payment, list.value, address, lists)),
    receivedMessages: parts.receivedMessages,
    busyWorlds: isEmpty(list.value, address) ? busyWorlds(choices) : [],
    webhooks: webhooks?.value,
    payment: whole && { whole: whole.value, requests: await requestLog.about(whole.value.payment) },
  };
}

/** Whether a list shows that its world has no payments. */
export function isEmpty({ data }: Page<PaymentRow>, address: PageAddress): boolean {
  return data.length === 0 && address.cursor === undefined && !isFiltered(address);
}

/** Cursor of the page that starts with a payment; `undefined` if the list has it, or has filters. */
async function cursorTo(
  payment: Payment,
  { data }: Page<PaymentRow>,
  address: PageAddress,
  lists: Queries,
): Promise<string | undefined> {
  if (isFiltered(address) || data.some((row) => row.payment.id === payment.id)) return undefined;
  const cursor = await lists.cursorTo(payment);
  return cursor === undefined ? undefined : presentCursor(listName, cursor);
}

function busyWorlds({ shown }: WorldChoices): World[] {
  const busy = shown.filter(({ payments }) => payments > 0);
  return busy.slice(0, busyWorldsMax).map(({ world }) => world);
}

function searchOf(address: PageAddress, times: Times): Parameters<Queries["search"]>[1] {
  const parsed = address.cursor === undefined ? undefined : cursorOf(listName).safeParse(address.cursor);
  return { ...filtersOf(address, times), limit: rowsMax, cursor: parsed?.success ? parsed.data : undefined };
}
