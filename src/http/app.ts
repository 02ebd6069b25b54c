import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Control } from "../services/control.ts";
import type { Payments } from "../services/payments.ts";
import type { Refunds } from "../services/refunds.ts";
import type { Signatures } from "../services/signatures.ts";
import { paymentRoutes } from "./api/payments.ts";
import { refundRoutes } from "./api/refunds.ts";
import { controlRoutes, type Health, healthRoutes, type PresentedCredentials } from "./control/routes.ts";
import { type Addresses, type Env, requestOrigin } from "./env.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { logRequests, type RequestLine } from "./middleware/log-requests.ts";
import { readBody } from "./middleware/read-body.ts";
import { type Gate, requireAdminToken, sameOrigin } from "./middleware/same-origin.ts";
import { signResponse } from "./middleware/sign-response.ts";
import { homePage } from "./pages/home.ts";
import { respondPage } from "./pages/layout.ts";
import { pageRoutes } from "./pages/routes.ts";
import { respondRefusal } from "./respond.ts";

/** What stands behind the surfaces. */
export interface AppParts {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly signatures: Signatures;
  readonly control: Control;
  readonly addresses: Addresses;
  readonly gate: Gate;
  readonly health: () => Health;
  readonly credentials: (baseUrl: string) => PresentedCredentials;
  readonly bodyMaxBytes: number;
  readonly controlBodyMaxBytes: number;
  readonly onRequest: (line: RequestLine) => void;
  readonly onDefect: (error: unknown) => void;
}

/** Every surface, and what each request passes on its way. */
export function createApp(parts: AppParts): Hono<Env> {
  const { addresses, signatures } = parts;
  const app = new Hono<Env>();
  app.use(logRequests(parts.onRequest));
  app.use("/v1/*", signResponse(signatures), readBody(parts.bodyMaxBytes), authenticate(signatures));
  app.use("/_sandbox/*", sameOrigin(parts.gate));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, allow) => respondRefusal(c, { code: "method_not_allowed", allow }),
    }),
  );

  app.route("/v1", paymentRoutes(parts.payments, addresses));
  app.route("/v1", refundRoutes(parts.refunds));

  app.use("/pay/*", readBody(parts.bodyMaxBytes));
  app.use("/wallet/*", readBody(parts.bodyMaxBytes));
  app.route("/", pageRoutes(parts.payments, addresses));
  app.get("/", sameOrigin(parts.gate), (c) => respondPage(c, homePage(addresses.base(requestOrigin(c)))));

  app.route("/_sandbox", healthRoutes(parts.health));
  app.use("/_sandbox/*", requireAdminToken(parts.gate), readBody(parts.controlBodyMaxBytes));
  app.route("/_sandbox", controlRoutes(parts.control, addresses, parts.credentials));

  app.notFound((c) => respondRefusal(c, { code: "not_found" }));
  app.onError((error, c) => {
    parts.onDefect(error);
    return respondRefusal(c, { code: "internal_error" });
  });
  return app;
}
