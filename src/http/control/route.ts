import type { z } from "zod";
import { type Absent, type Method, type ResponseDescriptions, type Route, withLazySchemas } from "../route.ts";
import type { ControlServices } from "./services.ts";

/** The groups of the control surface, in the order of the document. */
export const controlTags = {
  Sandbox: "The sandbox itself. These routes need no token.",
  Merchants: "Merchants, their keys and their worlds.",
  Worlds: "Settings, removal, reset and snapshot of a world.",
  Clock: "The clock of a world.",
  Payments: "Read payments, and act on them without a browser.",
  Scenarios: "Plan what happens to the next requests.",
  Notifications: "Notifications to the merchant's endpoint.",
  Requests: "Requests to the provider's API.",
} as const;

/** A route below `/_sandbox`. */
export interface ControlRoute<
  M extends Method = Method,
  P extends string = string,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends ResponseDescriptions = ResponseDescriptions,
> extends Route<unknown, ControlServices, M, P, Q, B, R> {
  readonly tag: keyof typeof controlTags;
  /** Also mounted below `/worlds/{processingAccountId}`, where it acts on that world only. */
  readonly inWorld?: true;
  /** `open`: no token. `session`: the admin token or a browser session. By default the admin token, if configured. */
  readonly access?: "open" | "session";
  /** The body is a snapshot, which may be larger than other bodies. */
  readonly isSnapshot?: true;
}

/** Describes one route of the control surface. */
export function controlRoute<
  const M extends Method,
  const P extends string,
  R extends ResponseDescriptions,
  Q extends z.ZodType = Absent,
  B extends z.ZodType = Absent,
>(route: ControlRoute<M, P, Q, B, R>): ControlRoute<M, P, Q, B, R> {
  return withLazySchemas(route);
}
