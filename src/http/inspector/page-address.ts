/** Which requests a page of the log shows. `loose`: requests without a payment. */
export type RequestFilter = "loose" | "all" | "unsigned" | "wrong";

/** Which webhooks a page lists, by the state of their delivery. */
export const deliveryFilters = ["all", "waiting", "delivered", "failed", "unsent"] as const;
export type DeliveryFilter = (typeof deliveryFilters)[number];

/** Each page of the inspector, with its route pattern. */
const places = {
  home: "/",
  controls: "/inspector/controls",
  requests: "/inspector/requests",
  connect: "/inspector/connect",
  doctor: "/inspector/doctor",
  webhooks: "/inspector/webhooks",
  rules: "/inspector/rules",
  payment: "/inspector/payments/:paymentId",
} as const;

export type Place = keyof typeof places;

/** The filters of the list of payments, with their query parameters. */
const filterParameters = {
  text: "q",
  status: "status",
  only: "only",
  from: "from",
  until: "until",
  least: "least",
  most: "most",
} as const;
const filterEntries = Object.entries(filterParameters) as [keyof ListFilters, string][];

/** The filters of the list of payments, as they are in the address. */
export type ListFilters = { readonly [F in keyof typeof filterParameters]?: string | undefined };

/** The address without filters: all payments. */
export const noFilters: ListFilters = Object.fromEntries(filterEntries.map(([filter]) => [filter, undefined]));

/** Whether an address filters the list of payments. */
export function isFiltered(address: ListFilters): boolean {
  return filterEntries.some(([filter]) => address[filter] !== undefined);
}

/** The parsed address of a page of the inspector. */
export interface PageAddress extends ListFilters {
  readonly place: Place;
  readonly paymentId?: string | undefined;
  /** The world in the address; a payment has its own. */
  readonly world?: string | undefined;
  readonly cursor?: string | undefined;
  readonly requests?: RequestFilter | undefined;
  readonly requestCursor?: string | undefined;
  /** Sequence of the logged request that the doctor examines. */
  readonly request?: string | undefined;
  readonly deliveries?: DeliveryFilter | undefined;
  readonly deliveryCursor?: string | undefined;
  /** The webhook of the page, in place of the list. */
  readonly notificationId?: string | undefined;
}

/** Route patterns of the pages. */
export const pagePaths: readonly string[] = Object.values(places);

/** Route pattern of the page of the doctor, which also takes its forms. */
export const doctorPath = places.doctor;

/** The address of the doctor's page about a logged request. */
export function doctorUrl(sequence: number, world: string): string {
  return `${doctorPath}?world=${world}&request=${sequence}`;
}

/** Route pattern of the page with the command of a logged request. */
export const signedCommandPath = "/inspector/requests/:sequence/command";

/** The address of that page. */
export function signedCommandUrl(sequence: number, world: string): string {
  return `${signedCommandPath.replace(":sequence", String(sequence))}?world=${world}`;
}

/** Route pattern of the page with the command of a webhook. */
export const webhookCommandPath = "/inspector/webhooks/:id/command";

/** The address of that page. @param attempt number of the attempt, from 1; without it, an attempt that begins now. */
export function webhookCommandUrl(id: string, attempt?: number): string {
  return webhookCommandPath.replace(":id", id) + (attempt === undefined ? "" : `?attempt=${attempt}`);
}

/** The formats of a payment as a file. */
export const exportFormats = ["json", "har"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The address of a payment as a file; `:id` in route patterns. */
export function exportUrl(id: string, format: ExportFormat): string {
  return `/inspector/payments/${id}/export.${format}`;
}

/** Route of the form that selects the time zone. It changes no world. */
export const timeZonePath = "/inspector/time-zone";

/** Route patterns of the forms. */
export const formPaths = [
  "/inspector/payments",
  "/inspector/payments/:id/act",
  "/inspector/payments/:id/refunds",
  "/inspector/refunds/:id/act",
  "/inspector/notifications/:id/resend",
  "/inspector/notifications/resend-failed",
  "/inspector/clock",
  "/inspector/clock/advance",
  "/inspector/scenarios",
  "/inspector/scenarios/clear",
  "/inspector/endpoint",
  "/inspector/reset",
] as const;
export type FormPath = (typeof formPaths)[number];

const requestFilters: readonly RequestFilter[] = ["loose", "all", "unsigned", "wrong"];

/** Parses path and query of a URL; `undefined` if no page has them. */
export function pageAddressOf(url: string): PageAddress | undefined {
  if (!URL.canParse(url, "http://sandbox")) return undefined;
  const { pathname, searchParams } = new URL(url, "http://sandbox");
  const [, paymentId] = /^\/inspector\/payments\/([0-9A-Za-z]+)$/.exec(pathname) ?? [];
  const place = paymentId === undefined ? placeAt(pathname) : "payment";
  if (place === undefined) return undefined;
  const read = (name: string) => searchParams.get(name) || undefined;
  return {
    place,
    paymentId,
    world: read("world"),
    ...Object.fromEntries(filterEntries.map(([filter, parameter]) => [filter, read(parameter)])),
    cursor: read("cursor"),
    requests: requestFilters.find((filter) => filter === read("requests")),
    requestCursor: read("before"),
    request: read("request"),
    deliveries: deliveryFilterOf(read("deliveries")),
    deliveryCursor: read("deliveries_before"),
    notificationId: read("notification"),
  };
}

export function deliveryFilterOf(text: string | null | undefined): DeliveryFilter | undefined {
  return deliveryFilters.find((filter) => filter === text);
}

function placeAt(pathname: string): Place | undefined {
  return Object.keys(places).find((place): place is Place => places[place as Place] === pathname);
}

/** The URL of a page, with changes to its address. */
export function addressOf(address: PageAddress, changes: Partial<PageAddress> = {}): string {
  const changed = { ...address, ...changes };
  const { place, paymentId, world, cursor, requests, requestCursor, request } = changed;
  const path = places[place].replace(":paymentId", paymentId ?? "");
  const query = new URLSearchParams();
  const write = (name: string, value: string | undefined) => value && query.set(name, value);
  write("world", world);
  for (const [filter, parameter] of filterEntries) write(parameter, changed[filter]);
  write("cursor", cursor);
  if (place === "requests") {
    write("requests", requests);
    write("before", requestCursor);
  }
  if (place === "doctor") write("request", request);
  if (place === "webhooks") {
    write("deliveries", changed.deliveries);
    write("deliveries_before", changed.deliveryCursor);
    write("notification", changed.notificationId);
  }
  return query.size === 0 ? path : `${path}?${query}`;
}
