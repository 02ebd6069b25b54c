import type { Context } from "hono";
import type { z } from "zod";
import { accept, type Refusal, type Result } from "../../domain/refusal.ts";
import { presentRefusal } from "../api/refusals.ts";
import { advanceBody, clockBody } from "../control/clock.ts";
import { actBody } from "../control/payments.ts";
import { actOnRefundBody, providerRefundBody } from "../control/refunds.ts";
import { nextScenarioBody } from "../control/scenario-schema.ts";
import { changeWorldBody, resetBody } from "../control/worlds.ts";
import type { Env } from "../env.ts";
import { parseValue } from "../validate.ts";
import { deliveryFilterOf, type FormPath } from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";
import { testPayment } from "./test-payment.ts";
import { deliveryGroups, resentMax } from "./webhooks-data.ts";

/** A submitted form, and the services that process it. */
interface Submission {
  readonly parts: InspectorParts;
  /** Origin of the form's URL. */
  readonly origin: string;
  readonly form: URLSearchParams;
  /** The id in the form's URL. */
  readonly id: string;
  readonly processingAccountId: string;
}

/** A response of the provider's API that is no success, as a sentence. */
interface ApiRefusal {
  readonly ok: false;
  readonly problem: string;
  readonly status: number;
}

type FormAction = (submission: Submission) => Promise<Result<unknown> | ApiRefusal>;

/** Maximum time to wait for a requested delivery attempt, in milliseconds of real time. */
const attemptWaitMs = 3000;

/** Validates the fields of a form by a schema of the control surface, without the empty ones, and runs the action. */
function validated<T>(
  schema: z.ZodType<T>,
  fields: object,
  run: (value: T) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const present = Object.entries(fields).filter(([, field]) => field !== null && field !== undefined && field !== "");
  const parsed = parseValue(schema, Object.fromEntries(present));
  return parsed.ok ? run(parsed.value) : Promise.resolve(parsed);
}

/** The action of each form, by its path. They match the routes of the control surface. */
export const formActions: Readonly<Record<FormPath, FormAction>> = {
  "/inspector/payments": createTestPayment,
  "/inspector/payments/:id/act": ({ parts, form, id }) => {
    const action = form.get("action");
    const reason = action === "decline" ? form.get("reason") : undefined;
    return validated(
      actBody(),
      { action, reason, wallet: form.get("wallet") ?? "" },
      ({ action, reason, ...options }) => parts.payments.act(id, action, reason, options),
    );
  },
  "/inspector/payments/:id/refunds": ({ parts, form, id }) => {
    const amount = form.get("amount")?.trim() ?? "";
    const fields = {
      merchantReference: form.get("merchantReference"),
      amount: amount === "" ? undefined : { value: Number(amount), currency: "hkd" },
    };
    return validated(providerRefundBody(), fields, (request) => parts.refunds.startAtProvider(id, request));
  },
  "/inspector/refunds/:id/act": ({ parts, form, id }) =>
    validated(actOnRefundBody(), { action: form.get("action") }, ({ action }) => parts.refunds.act(id, action)),
  "/inspector/notifications/:id/resend": async ({ parts, id }) => {
    const resent = await parts.delivery.resend(id);
    if (resent.ok) await parts.arrivals.attempt(resent.value, attemptWaitMs);
    return resent;
  },
  "/inspector/notifications/resend-failed": ({ parts, form, processingAccountId }) => {
    const { resends } = deliveryGroups[deliveryFilterOf(form.get("deliveries")) ?? "all"];
    const limits = { limit: resentMax, timeoutMs: attemptWaitMs };
    return parts.deliveries.resendAll(processingAccountId, resends, limits);
  },
  "/inspector/clock": ({ parts, form, processingAccountId }) =>
    validated(clockBody(), { mode: form.get("mode") }, ({ mode }) => parts.clocks.set({ mode }, processingAccountId)),
  "/inspector/clock/advance": ({ parts, form, processingAccountId }) =>
    validated(advanceBody(), { by: form.get("by")?.trim() ?? "", to: form.get("to") ?? "" }, ({ target }) =>
      parts.clocks.advance(target, processingAccountId),
    ),
  "/inspector/scenarios": ({ parts, form, processingAccountId }) =>
    validated(
      nextScenarioBody(),
      { scenario: form.get("scenario"), times: Number(form.get("times") ?? 1) },
      ({ scenario, times }) => parts.scenarios.next(scenario, times, processingAccountId),
    ),
  "/inspector/scenarios/clear": ({ parts, processingAccountId }) => parts.scenarios.clear(processingAccountId),
  "/inspector/endpoint": ({ parts, form, processingAccountId }) =>
    validated(changeWorldBody(), { settings: { webhookUrl: form.get("webhookUrl")?.trim() || null } }, ({ settings }) =>
      parts.worlds.change(processingAccountId, settings),
    ),
  "/inspector/reset": ({ parts, processingAccountId }) =>
    validated(resetBody(), { processingAccountId }, () => parts.lifecycle.reset(processingAccountId)),
};

/** Creates a payment through the provider's API, as a merchant does. @returns its id. */
async function createTestPayment({
  parts,
  origin,
  processingAccountId,
}: Submission): Promise<Result<string> | ApiRefusal> {
  const { method, target, body } = testPayment(processingAccountId, parts.addresses.base(origin));
  const signed = await parts.merchants.sign(
    { method, target, body: new TextEncoder().encode(body) },
    processingAccountId,
  );
  if (!signed.ok) return signed;
  const headers = { "Content-Type": "application/json", ...(signed.value && { "X-Signature": signed.value }) };
  const response = await parts.sendToApi(new Request(origin + target, { method, headers, body }));
  const answer = (await response.json()) as {
    readonly id: string;
    readonly reason?: { readonly description: string };
    readonly errors?: readonly { readonly description: string }[];
  };
  if (response.ok) return accept(answer.id);
  const descriptions = answer.errors ?? [answer.reason ?? { description: "" }];
  return {
    ok: false,
    problem: descriptions.map(({ description }) => description).join(" "),
    status: response.status,
  };
}

/** The fields of a submitted form. */
export function formOf(c: Context<Env>): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(c.get("body")));
}

/** A refusal as a sentence. */
export function problemOf(refusal: Refusal): string {
  const { reason, errors } = presentRefusal(refusal).body;
  return errors?.map(({ description }) => description).join(" ") ?? reason.description;
}
