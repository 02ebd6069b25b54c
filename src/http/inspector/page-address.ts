/** Which requests a page of the log shows. */
export type RequestFilter = "loose" | "all" | "unsigned" | "wrong";

/** What a page of the inspector shows: its address, read. */
export interface PageAddress {
  readonly place: "home" | "controls" | "requests" | "payment";
  readonly paymentId?: string | undefined;
  /** The world that the address names; a payment has its own. */
  readonly world?: string | undefined;
  /** What is looked for in the list of payments. */
  readonly text?: string | undefined;
  readonly status?: string | undefined;
  readonly cursor?: string | undefined;
  readonly requests?: RequestFilter | undefined;
  readonly requestCursor?: string | undefined;
}

const places = { "/": "home", "/inspector/controls": "controls", "/inspector/requests": "requests" } as const;
/** The pages of the inspector. */
export const pagePaths: readonly string[] = [...Object.keys(places), "/inspector/payments/:paymentId"];

/** Where the forms of the inspector go. */
export const actPaths = [
  "/inspector/payments/:id/act",
  "/inspector/payments/:id/refunds",
  "/inspector/refunds/:id/act",
  "/inspector/notifications/:id/resend",
  "/inspector/clock",
  "/inspector/clock/advance",
  "/inspector/scenarios",
  "/inspector/scenarios/clear",
  "/inspector/endpoint",
  "/inspector/reset",
] as const;
export type ActPath = (typeof actPaths)[number];

const filters: readonly RequestFilter[] = ["loose", "all", "unsigned", "wrong"];

/** Reads path and query of an address, whatever else it has; `undefined` where they are none of a page. */
export function pageAddressOf(address: string): PageAddress | undefined {
  if (!URL.canParse(address, "http://here")) return undefined;
  const { pathname, searchParams } = new URL(address, "http://here");
  const [, paymentId] = /^\/inspector\/payments\/([0-9A-Za-z]+)$/.exec(pathname) ?? [];
  const place = paymentId === undefined ? places[pathname as keyof typeof places] : "payment";
  if (place === undefined) return undefined;
  const read = (name: string) => searchParams.get(name) || undefined;
  return {
    place,
    paymentId,
    world: read("world"),
    text: read("q"),
    status: read("status"),
    cursor: read("cursor"),
    requests: filters.find((filter) => filter === read("requests")),
    requestCursor: read("before"),
  };
}

/** The address of a view, with changes. */
export function addressOf(view: PageAddress, changes: Partial<PageAddress> = {}): string {
  const { place, paymentId, world, text, status, cursor, requests, requestCursor } = { ...view, ...changes };
  const paths = {
    home: "/",
    payment: `/inspector/payments/${paymentId}`,
    controls: "/inspector/controls",
    requests: "/inspector/requests",
  };
  const query = new URLSearchParams();
  const write = (name: string, value: string | undefined) => value && query.set(name, value);
  write("world", world);
  write("q", text);
  write("status", status);
  write("cursor", cursor);
  if (place === "requests") {
    write("requests", requests);
    write("before", requestCursor);
  }
  return query.size === 0 ? paths[place] : `${paths[place]}?${query}`;
}
