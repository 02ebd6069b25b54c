import type { Context } from "hono";
import type { z } from "zod";
import type { Refusal, Result } from "../../domain/refusal.ts";
import { presentRefusal } from "../api/refusals.ts";
import { nextScenarioBody } from "../control/scenario-schema.ts";
import {
  actBody,
  actOnRefundBody,
  advanceBody,
  changeWorldBody,
  clockBody,
  providerRefundBody,
  resetBody,
} from "../control/schemas.ts";
import type { Env } from "../env.ts";
import { parseValue } from "../validate.ts";
import type { ActPath } from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";

/** What a form asks for, and of whom. */
interface Asked {
  readonly parts: InspectorParts;
  readonly form: URLSearchParams;
  /** The id in the form's address. */
  readonly id: string;
  readonly processingAccountId: string;
}

type Act = (asked: Asked) => Promise<Result<unknown>>;

/** So long is waited for an attempt that somebody asked for, in real time: then the page shows what there is. */
const attemptWaitMs = 3000;

/** Checks what a form says, with the rules of the control surface, and does it. */
function checked<T>(
  schema: z.ZodType<T>,
  given: object,
  act: (value: T) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const value = parseValue(
    schema,
    Object.fromEntries(
      Object.entries(given).filter(([, member]) => member !== null && member !== undefined && member !== ""),
    ),
  );
  return value.ok ? act(value.value) : Promise.resolve(value);
}

/** What the forms do, by their addresses: the same as the control surface does. */
export const acts: Readonly<Record<ActPath, Act>> = {
  "/inspector/payments/:id/act": ({ parts, form, id }) => {
    const action = form.get("action");
    const reason = action === "decline" ? form.get("reason") : undefined;
    return checked(actBody, { action, reason, wallet: form.get("wallet") ?? "" }, ({ action, reason, ...manner }) =>
      parts.payments.act(id, action, reason, manner),
    );
  },
  "/inspector/payments/:id/refunds": ({ parts, form, id }) => {
    const amount = form.get("amount")?.trim() ?? "";
    const given = {
      merchantReference: form.get("merchantReference"),
      amount: amount === "" ? undefined : { value: Number(amount), currency: "hkd" },
    };
    return checked(providerRefundBody, given, (request) => parts.refunds.startAtProvider(id, request));
  },
  "/inspector/refunds/:id/act": ({ parts, form, id }) =>
    checked(actOnRefundBody, { action: form.get("action") }, ({ action }) => parts.refunds.act(id, action)),
  "/inspector/notifications/:id/resend": async ({ parts, id }) => {
    const resent = await parts.delivery.resend(id);
    if (resent.ok) await parts.arrivals.attempt(resent.value, attemptWaitMs);
    return resent;
  },
  "/inspector/clock": ({ parts, form, processingAccountId }) =>
    checked(clockBody, { mode: form.get("mode") }, ({ mode }) => parts.clocks.set({ mode }, processingAccountId)),
  "/inspector/clock/advance": ({ parts, form, processingAccountId }) =>
    checked(advanceBody, { by: form.get("by")?.trim() ?? "", to: form.get("to") ?? "" }, ({ target }) =>
      parts.clocks.advance(target, processingAccountId),
    ),
  "/inspector/scenarios": ({ parts, form, processingAccountId }) =>
    checked(
      nextScenarioBody,
      { scenario: form.get("scenario"), times: Number(form.get("times") ?? 1) },
      ({ scenario, times }) => parts.scenarios.next(scenario, times, processingAccountId),
    ),
  "/inspector/scenarios/clear": ({ parts, processingAccountId }) => parts.scenarios.clear(processingAccountId),
  "/inspector/endpoint": ({ parts, form, processingAccountId }) =>
    checked(changeWorldBody, { settings: { webhookUrl: form.get("webhookUrl")?.trim() || null } }, ({ settings }) =>
      parts.worlds.change(processingAccountId, settings),
    ),
  "/inspector/reset": ({ parts, processingAccountId }) =>
    checked(resetBody, { processingAccountId }, () => parts.lifecycle.reset(processingAccountId)),
};

/** The form that a request brings. */
export function formOf(c: Context<Env>): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(c.get("body")));
}

/** A refusal as a person reads it. */
export function problemOf(refusal: Refusal): string {
  const { reason, errors } = presentRefusal(refusal).body;
  return errors?.map(({ description }) => description).join(" ") ?? reason.description;
}
