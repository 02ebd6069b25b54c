import type { Context } from "hono";
import type { z } from "zod";
import { shortOrIsoDurationMs } from "../../domain/duration.ts";
import { accept, invalidMember, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { ScenarioName } from "../../domain/scenario.ts";
import type { ClockTarget } from "../../services/scheduling/clocks.ts";
import { presentRefusal } from "../api/refusals.ts";
import { advanceBody, clockBody } from "../control/clock.ts";
import { actBody } from "../control/payments.ts";
import { actOnRefundBody, providerRefundBody } from "../control/refunds.ts";
import { nextScenarioBody } from "../control/scenario-schema.ts";
import { changeWorldBody, resetBody } from "../control/worlds.ts";
import type { Env } from "../env.ts";
import { presentResult } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { type Done, doneOfAttempt } from "./done.ts";
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

type FormAction = (submission: Submission) => Promise<Result<Done> | ApiRefusal>;

/** Maximum time to wait for a requested delivery attempt, in milliseconds of real time. */
const attemptWaitMs = 10_000;

/** Validates the fields of a form by a schema of the control surface, without the empty ones, and runs the action. */
function validated<T>(
  schema: z.ZodType<T>,
  fields: object,
  run: (value: T) => Promise<Result<Done>>,
): Promise<Result<Done>> {
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
      async ({ action, reason, ...options }) =>
        presentResult(await parts.payments.act(id, action, reason, options), ({ payment: { amount } }) => ({
          kind: "acted",
          action,
          amount,
          reason,
        })),
    );
  },
  "/inspector/payments/:id/refunds": startRefund,
  "/inspector/refunds/:id/act": ({ parts, form, id }) =>
    validated(actOnRefundBody(), { action: form.get("action") }, async ({ action: outcome }) =>
      presentResult(await parts.refunds.act(id, outcome), ({ amount }) => ({
        kind: "refund_ended",
        outcome,
        amount,
        refund: id,
      })),
    ),
  "/inspector/notifications/:id/resend": resend,
  "/inspector/notifications/resend-failed": async ({ parts, form, processingAccountId }) => {
    const { resends } = deliveryGroups[deliveryFilterOf(form.get("deliveries")) ?? "all"];
    const limits = { limit: resentMax, timeoutMs: attemptWaitMs };
    return presentResult(await parts.deliveries.resendAll(processingAccountId, resends, limits), (counts) => ({
      kind: "resent_all",
      ...counts,
    }));
  },
  "/inspector/clock": ({ parts, form, processingAccountId }) =>
    validated(clockBody(), { mode: form.get("mode") }, async ({ mode }) =>
      presentResult(await parts.clocks.set({ mode }, processingAccountId), () => ({ kind: "clock", mode })),
    ),
  "/inspector/clock/advance": advance,
  "/inspector/scenarios": ({ parts, form, processingAccountId }) =>
    validated(
      nextScenarioBody(),
      { scenario: form.get("scenario"), times: Number(form.get("times") ?? 1) },
      async ({ scenario, times }) =>
        presentResult(await parts.scenarios.next(scenario, times, processingAccountId), () => ({
          kind: "queued",
          scenario: scenario.name as ScenarioName,
          times,
        })),
    ),
  "/inspector/scenarios/clear": async ({ parts, processingAccountId }) => {
    const queue = await parts.scenarios.queue(processingAccountId);
    const scenarios = queue.ok ? queue.value.length : 0;
    return presentResult(await parts.scenarios.clear(processingAccountId), () => ({ kind: "emptied", scenarios }));
  },
  "/inspector/endpoint": ({ parts, form, processingAccountId }) =>
    validated(
      changeWorldBody(),
      { settings: { webhookUrl: form.get("webhookUrl")?.trim() || null } },
      async ({ settings }) =>
        presentResult(await parts.worlds.change(processingAccountId, settings), () => ({
          kind: "endpoint",
          is: settings.webhookUrl === undefined ? "removed" : "set",
        })),
    ),
  "/inspector/reset": ({ parts, processingAccountId }) =>
    validated(resetBody(), { processingAccountId }, async () =>
      presentResult(await parts.lifecycle.reset(processingAccountId), () => ({ kind: "reset" })),
    ),
};

/** Advances the clock by the duration in `by`, or to the instant in `to`, which the button of a remedy sends. */
async function advance({ parts, form, processingAccountId }: Submission): Promise<Result<Done>> {
  const advanceTo = async (target: ClockTarget) =>
    presentResult(await parts.clocks.advance(target, processingAccountId), ({ from, now, effects }): Done => {
      return { kind: "advanced", ms: "byMs" in target ? target.byMs : now - from, ...effects };
    });
  const to = form.get("to") ?? "";
  if (to !== "") return validated(advanceBody(), { to }, ({ target }) => advanceTo(target));
  const by = form.get("by")?.trim() ?? "";
  const byMs = shortOrIsoDurationMs(by);
  if (byMs !== undefined) return advanceTo({ byMs });
  const given = by === "" ? "missing" : JSON.stringify(by);
  return refuse(invalidMember("by", `is ${given}; expected 30m, 1h30m or 2d, or PT30M in ISO 8601`));
}

function startRefund({ parts, form, id }: Submission): Promise<Result<Done>> {
  const amount = form.get("amount")?.trim() ?? "";
  if (!/^(\d+(\.\d+)?)?$/.test(amount)) {
    const complaint = `is ${JSON.stringify(amount)}; expected HKD with at most two decimals, such as 12.50`;
    return Promise.resolve(refuse(invalidMember("amount.value", complaint)));
  }
  const fields = {
    merchantReference: form.get("merchantReference"),
    amount: amount === "" ? undefined : { value: Number(amount), currency: "hkd" },
  };
  return validated(providerRefundBody(), fields, async (request) =>
    presentResult(await parts.refunds.startAtProvider(id, request), ({ amount, id: refund }) => ({
      kind: "refund_started",
      amount,
      refund,
    })),
  );
}

async function resend({ parts, id }: Submission): Promise<Result<Done>> {
  const resent = await parts.delivery.resend(id);
  if (!resent.ok) return resent;
  const made = await parts.arrivals.manualAttempt(resent.value, attemptWaitMs);
  if (!made.ok) return isTimeout(made.refusal) ? accept({ kind: "waiting", ms: attemptWaitMs }) : made;
  const world = await parts.worlds.find(resent.value.processingAccountId);
  if (!world.ok) return world;
  const { webhookTimeoutMs: timeoutMs } = world.value.settings;
  return accept(doneOfAttempt(made.value.attempt, { notification: id, index: made.value.index, timeoutMs }));
}

function isTimeout(refusal: Refusal): boolean {
  return refusal.code === "not_reached" && refusal.why === "time";
}

/** Creates a payment through the provider's API, as a merchant does. */
async function createTestPayment({
  parts,
  origin,
  processingAccountId,
}: Submission): Promise<Result<Done> | ApiRefusal> {
  const world = await parts.worlds.find(processingAccountId);
  if (!world.ok) return world;
  const { method, target, body } = testPayment(world.value, parts.addresses.base(origin));
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
  if (response.ok) return doneOfCreation(parts, answer.id);
  const descriptions = answer.errors ?? [answer.reason ?? { description: "" }];
  return {
    ok: false,
    problem: descriptions.map(({ description }) => description).join(" "),
    status: response.status,
  };
}

async function doneOfCreation({ payments, requestLog }: InspectorParts, id: string): Promise<Result<Done>> {
  const found = await payments.whole(id);
  if (!found.ok) return found;
  const { payment } = found.value;
  const call = (await requestLog.about(payment)).find(({ method }) => method === "POST")?.sequence;
  return accept({ kind: "created", amount: payment.amount, payment: id, call });
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
