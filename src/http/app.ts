import { Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { WorldSettings } from "../domain/world.ts";
import type { Snapshots } from "../services/lifecycle/snapshots.ts";
import type { WorldLifecycle } from "../services/lifecycle/world-lifecycle.ts";
import type { PaymentCreator } from "../services/payments/payment-creator.ts";
import type { Payments } from "../services/payments/payments.ts";
import type { Queries } from "../services/payments/queries.ts";
import type { Refunds } from "../services/payments/refunds.ts";
import type { Scenarios } from "../services/payments/scenarios.ts";
import type { Clocks } from "../services/scheduling/clocks.ts";
import type { Merchants } from "../services/worlds/merchants.ts";
import { paymentRoutes } from "./api/payments.ts";
import { refundRoutes } from "./api/refunds.ts";
import { requestRoutes } from "./api/requests.ts";
import { transactionRoutes } from "./api/transactions.ts";
import { refuseUnsupported } from "./api/unsupported.ts";
import { type Health, healthRoutes, type Readiness } from "./control/health.ts";
import { type LookingParts, lookingRoutes } from "./control/looking.ts";
import { merchantRoutes } from "./control/merchants.ts";
import { controlPaymentRoutes } from "./control/payments.ts";
import { scenarioRoutes } from "./control/scenarios.ts";
import { snapshotRoutes } from "./control/snapshots.ts";
import { clockRoutes, worldRoutes } from "./control/worlds.ts";
import { docsRoutes } from "./docs/routes.ts";
import type { Addresses, Env } from "./env.ts";
import { inspectorRoutes } from "./inspector/routes.ts";
import { authenticate, requireScope } from "./middleware/authenticate.ts";
import { applyFaults } from "./middleware/faults.ts";
import { logRequests, type RequestListener } from "./middleware/log-requests.ts";
import { oneWayIn } from "./middleware/one-way-in.ts";
import { readBody } from "./middleware/read-body.ts";
import { type Gate, requireAdminToken, sameOrigin } from "./middleware/same-origin.ts";
import { type OnSigned, signResponse } from "./middleware/sign-response.ts";
import { pageRoutes } from "./pages/routes.ts";
import { respondRefusal } from "./respond.ts";

/** What stands behind the surfaces. */
export interface AppParts extends RequestListener, LookingParts {
  readonly payments: Payments;
  readonly paymentCreator: PaymentCreator;
  readonly refunds: Refunds;
  readonly lists: Queries;
  readonly lifecycle: WorldLifecycle;
  readonly clocks: Clocks;
  readonly snapshots: Snapshots;
  readonly scenarios: Scenarios;
  readonly merchants: Merchants;
  readonly addresses: Addresses;
  readonly gate: Gate;
  /** Whose pages may frame the payer's pages, as a list of sources for their policy. */
  readonly frameAncestors: string;
  /** How long the status of a payment is held for a page that has seen it, in milliseconds. */
  readonly heldStatusMaxMs: number;
  /** The sandbox's own version. */
  readonly version: string;
  readonly health: () => Health;
  readonly readiness: () => Promise<Readiness>;
  /** What a world begins with. */
  readonly settings: WorldSettings;
  readonly bodyMaxBytes: number;
  readonly controlBodyMaxBytes: number;
  readonly snapshotMaxBytes: number;
  readonly onSigned: OnSigned;
  /** The demo shop at `/demo`, where there is one. */
  readonly shop: ((request: Request) => Promise<Response>) | undefined;
  /** Resolves when a slow answer may go out. */
  readonly slowly: () => Promise<void>;
  readonly onDefect: (error: unknown) => void;
}

/** Every surface, and what each request passes on its way. */
export function createApp(parts: AppParts): Hono<Env> {
  const { addresses, clocks, gate, lifecycle, lists, signatures } = parts;
  const app = new Hono<Env>();
  app.use(logRequests(parts));
  app.use("/v1/*", signResponse(signatures, parts.onSigned), applyFaults(parts.slowly), readBody(parts.bodyMaxBytes));
  app.use("/v1/*", authenticate(signatures), requireScope());
  app.use("/_sandbox/*", sameOrigin(gate));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, allow) => respondRefusal(c, { code: "method_not_allowed", allow }),
    }),
  );

  app.route("/v1", paymentRoutes(parts.payments, parts.paymentCreator, lists, addresses));
  app.route("/v1", refundRoutes(parts.refunds));
  app.route("/v1", requestRoutes(lists));
  app.route("/v1", transactionRoutes(lists));
  app.route("/v1", refuseUnsupported());

  app.use("/pay/*", readBody(parts.bodyMaxBytes));
  app.use("/wallet/*", readBody(parts.bodyMaxBytes));
  app.route("/", pageRoutes(parts));
  app.use("/openapi.json", sameOrigin(gate));
  app.use("/docs", sameOrigin(gate, true));
  app.route("/", docsRoutes(addresses, parts.version));
  app.route("/", inspectorRoutes(parts));

  if (parts.shop !== undefined) app.route("/demo", shopRoutes(parts, parts.shop));

  app.route("/_sandbox", healthRoutes(parts.health, parts.readiness));
  app.use("/_sandbox/*", requireAdminToken(gate), readControlBody(parts), oneWayIn);
  app.route("/_sandbox", merchantRoutes(parts.merchants, parts.settings, addresses));
  app.route("/_sandbox", controlPaymentRoutes(parts.payments, parts.refunds, parts.requestLog, addresses));
  app.route("/_sandbox", scenarioRoutes(parts.scenarios));
  app.route("/_sandbox", worldRoutes(parts.worlds, lifecycle));
  app.route("/_sandbox", clockRoutes(clocks, lifecycle));
  app.route("/_sandbox", snapshotRoutes(parts.snapshots, lifecycle));
  app.route("/_sandbox", lookingRoutes(parts));

  app.notFound((c) => respondRefusal(c, { code: "not_found" }));
  app.onError((error, c) => {
    parts.onDefect(error);
    return respondRefusal(c, { code: "internal_error" });
  });
  return app;
}

/** The way to the demo shop. No foreign page drives it, but webhooks and payers who come back are let through. */
function shopRoutes({ gate, bodyMaxBytes }: AppParts, shop: NonNullable<AppParts["shop"]>): Hono<Env> {
  const fromAnywhere = /^\/demo\/(webhooks|orders\/[^/]*\/return)$/;
  const gated = sameOrigin(gate, true);
  return new Hono<Env>()
    .use((c, next) => (fromAnywhere.test(c.req.path) ? next() : gated(c, next)), readBody(bodyMaxBytes))
    .all("/*", (c) => {
      const { method, url, headers } = c.req.raw;
      const body = ["GET", "HEAD"].includes(method) ? {} : { body: c.get("body") };
      return shop(new Request(url, { method, headers, ...body }));
    });
}

/** A snapshot may be larger than everything else. */
function readControlBody({ controlBodyMaxBytes, snapshotMaxBytes }: AppParts): MiddlewareHandler<Env> {
  const [others, snapshots] = [readBody(controlBodyMaxBytes), readBody(snapshotMaxBytes)];
  return (c, next) => (c.req.path === "/_sandbox/snapshot" ? snapshots : others)(c, next);
}
