import type { Notification, NotificationState } from "../../domain/notification.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import type { World } from "../../domain/world.ts";
import type { Payments, WholePayment } from "../../services/payments/payments.ts";
import type { Page, Queries } from "../../services/payments/queries.ts";
import type { Deliveries, SentSignature } from "../../services/scheduling/deliveries.ts";
import type { WebhookRequest } from "../../services/scheduling/webhook-request.ts";
import { cursorOf, presentCursor } from "../api/lists.ts";
import type { DeliveryFilter, PageAddress } from "./page-address.ts";

/** Services of the page. */
interface WebhookServices {
  readonly deliveries: Deliveries;
  readonly lists: Queries;
  readonly payments: Payments;
}

/** A group of webhooks by their state. */
interface DeliveryGroup {
  readonly label: string;
  readonly states: readonly NotificationState[];
  /** The states that "resend all" includes. */
  readonly resends: readonly NotificationState[];
}

/** The groups, by the filter that shows them. */
export const deliveryGroups: Readonly<Record<DeliveryFilter, DeliveryGroup>> = {
  all: {
    label: "All",
    states: ["due", "retrying", "delivered", "exhausted", "no_endpoint", "suppressed"],
    resends: ["retrying", "exhausted"],
  },
  waiting: { label: "Waiting or retrying", states: ["due", "retrying"], resends: ["retrying"] },
  delivered: { label: "Delivered", states: ["delivered"], resends: [] },
  failed: { label: "Failed", states: ["exhausted"], resends: ["exhausted"] },
  unsent: { label: "Not sent", states: ["no_endpoint", "suppressed"], resends: ["no_endpoint"] },
};

/** Maximum number of webhooks that one form resends. */
export const resentMax = 100;
/** Webhooks per page of the list. */
const rowsMax = 50;
const listName = "webhooks of the inspector";

/** A page of the list, with the numbers of webhooks by state. */
export interface WebhookList {
  readonly filter: DeliveryFilter;
  readonly page: Page<Notification>;
  readonly nextCursor: string | undefined;
  readonly countOf: (states: readonly NotificationState[]) => number;
  /** Whether only the newest webhooks were counted. */
  readonly isPartial: boolean;
}

/** One webhook with its payment. */
export interface OpenedWebhook {
  readonly notification: Notification;
  readonly whole: WholePayment;
  /** The request of the last attempt, else the one of an attempt that begins now; `undefined` without an endpoint. */
  readonly request: WebhookRequest | undefined;
  readonly signatures: readonly SentSignature[];
}

export type WebhooksData = { readonly list: WebhookList } | { readonly opened: OpenedWebhook };

/** Reads the webhooks of a page. Refuses with `not_found` for a webhook of another world. */
export async function webhooksOf(
  services: WebhookServices,
  world: World,
  address: PageAddress,
): Promise<Result<WebhooksData>> {
  return address.notificationId === undefined
    ? listOf(services, world, address)
    : openedOf(services, world, address.notificationId);
}

async function listOf(
  { lists, deliveries }: WebhookServices,
  { processingAccountId }: World,
  address: PageAddress,
): Promise<Result<WebhooksData>> {
  const filter = address.deliveries ?? "all";
  const parsed = cursorOf(listName).safeParse(address.deliveryCursor);
  const cursor = parsed.success ? parsed.data : undefined;
  const [page, { byState, isPartial }] = await Promise.all([
    lists.notificationsOf(processingAccountId, { states: deliveryGroups[filter].states, limit: rowsMax, cursor }),
    deliveries.counts(processingAccountId),
  ]);
  if (!page.ok) return page;
  const { end } = page.value;
  const nextCursor = end === undefined ? undefined : presentCursor(listName, end);
  const countOf = (states: readonly NotificationState[]) =>
    states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  return accept({ list: { filter, page: page.value, nextCursor, countOf, isPartial } });
}

async function openedOf(
  { lists, payments, deliveries }: WebhookServices,
  { processingAccountId }: World,
  id: string,
): Promise<Result<WebhooksData>> {
  const found = await lists.notification(id);
  if (!found.ok) return found;
  const notification = found.value;
  if (notification.processingAccountId !== processingAccountId) return refuse({ code: "not_found" });
  const whole = await payments.whole(notification.paymentId);
  if (!whole.ok) return whole;
  const last = notification.attempts.at(-1);
  const now = last === undefined ? await deliveries.requestNow(id) : undefined;
  const { body } = notification;
  const sent = last && { url: last.url, headers: last.requestHeaders, body };
  const request = sent ?? (now?.ok ? now.value : undefined);
  const signatures = await deliveries.signatures(notification, request?.headers ?? []);
  return accept({ opened: { notification, whole: whole.value, request, signatures } });
}
