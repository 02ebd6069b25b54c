import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { WorldSettings } from "../domain/world.ts";
import type { Control } from "../services/control.ts";
import type { Lists } from "../services/lists.ts";
import type { Merchants } from "../services/merchants.ts";
import type { Payments } from "../services/payments.ts";
import type { Refunds } from "../services/refunds.ts";
import { paymentRoutes } from "./api/payments.ts";
import { refundRoutes } from "./api/refunds.ts";
import { requestRoutes } from "./api/requests.ts";
import { transactionRoutes } from "./api/transactions.ts";
import { refuseUnsupported } from "./api/unsupported.ts";
import { type Health, healthRoutes } from "./control/health.ts";
import { type LookingParts, lookingRoutes } from "./control/looking.ts";
import { merchantRoutes } from "./control/merchants.ts";
import { controlPaymentRoutes } from "./control/payments.ts";
import { clockRoutes, worldRoutes } from "./control/worlds.ts";
import { docsRoutes } from "./docs/routes.ts";
import { type Addresses, type Env, requestOrigin } from "./env.ts";
import { authenticate, requireScope } from "./middleware/authenticate.ts";
import { logRequests, type RequestListener } from "./middleware/log-requests.ts";
import { readBody } from "./middleware/read-body.ts";
import { type Gate, requireAdminToken, sameOrigin } from "./middleware/same-origin.ts";
import { type OnSigned, signResponse } from "./middleware/sign-response.ts";
import { homePage } from "./pages/home.ts";
import { respondPage } from "./pages/layout.ts";
import { pageRoutes } from "./pages/routes.ts";
import { respondRefusal } from "./respond.ts";

/** What stands behind the surfaces. */
export interface AppParts extends RequestListener, LookingParts {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly lists: Lists;
  readonly control: Control;
  readonly merchants: Merchants;
  readonly addresses: Addresses;
  readonly gate: Gate;
  /** The sandbox's own version. */
  readonly version: string;
  readonly health: () => Health;
  /** What a world begins with. */
  readonly settings: WorldSettings;
  readonly bodyMaxBytes: number;
  readonly controlBodyMaxBytes: number;
  readonly onSigned: OnSigned;
  readonly onDefect: (error: unknown) => void;
}

/** Every surface, and what each request passes on its way. */
export function createApp(parts: AppParts): Hono<Env> {
  const { addresses, control, gate, lists, signatures } = parts;
  const app = new Hono<Env>();
  app.use(logRequests(parts));
  app.use("/v1/*", signResponse(signatures, parts.onSigned), readBody(parts.bodyMaxBytes));
  app.use("/v1/*", authenticate(signatures), requireScope());
  app.use("/_sandbox/*", sameOrigin(gate));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, allow) => respondRefusal(c, { code: "method_not_allowed", allow }),
    }),
  );

  app.route("/v1", paymentRoutes(parts.payments, lists, addresses));
  app.route("/v1", refundRoutes(parts.refunds));
  app.route("/v1", requestRoutes(lists));
  app.route("/v1", transactionRoutes(lists));
  app.route("/v1", refuseUnsupported());

  app.use("/pay/*", readBody(parts.bodyMaxBytes));
  app.use("/wallet/*", readBody(parts.bodyMaxBytes));
  app.route("/", pageRoutes(parts.payments, addresses));
  app.use("/openapi.json", sameOrigin(gate));
  app.use("/docs", sameOrigin(gate, true));
  app.route("/", docsRoutes(addresses, parts.version));
  app.get("/", sameOrigin(gate, true), (c) =>
    respondPage(c, homePage(addresses.base(requestOrigin(c)), gate.isAdminToken === undefined)),
  );

  app.route("/_sandbox", healthRoutes(parts.health));
  app.use("/_sandbox/*", requireAdminToken(gate), readBody(parts.controlBodyMaxBytes));
  app.route("/_sandbox", merchantRoutes(parts.merchants, parts.settings, addresses));
  app.route("/_sandbox", controlPaymentRoutes(control, addresses));
  app.route("/_sandbox", worldRoutes(control));
  app.route("/_sandbox", clockRoutes(control));
  app.route("/_sandbox", lookingRoutes(parts));

  app.notFound((c) => respondRefusal(c, { code: "not_found" }));
  app.onError((error, c) => {
    parts.onDefect(error);
    return respondRefusal(c, { code: "internal_error" });
  });
  return app;
}
