import type { Context, MiddlewareHandler } from "hono";
import { accept, invalidMember, type Result, refuse } from "../../domain/refusal.ts";
import {
  refusalOfFault,
  type Scenario,
  type ScenarioSubject,
  scenarioFor,
  scenarioNamed,
  scenarioNames,
} from "../../domain/scenario.ts";
import type { ScenarioResult } from "../../services/payments/scenarios.ts";
import type { Env } from "../env.ts";
import { respondRefusal } from "../respond.ts";

const header = "X-Sandbox-Scenario";

/** Reads the scenario in the request's header. Refuses one that is unknown or does not apply to such a request. */
export function readScenarioHeader(subject: ScenarioSubject): MiddlewareHandler<Env> {
  return async (c, next) => {
    const name = c.req.header(header);
    const asked = name === undefined ? accept(undefined) : scenarioByHeader(name, subject);
    if (!asked.ok) return respondRefusal(c, asked.refusal);
    c.set("asked", asked.value);
    return next();
  };
}

function scenarioByHeader(name: string, subject: ScenarioSubject): Result<Scenario> {
  const scenario = scenarioNamed(name);
  if (scenario === undefined) {
    return refuse(invalidMember(header, `is unknown: the catalogue has ${scenarioNames.join(", ")}`));
  }
  if (scenarioFor(subject, scenario) !== undefined) return accept(scenario);
  const request = { payment: "a new payment", refund: "a new refund", read: "a request that reads" }[subject];
  return refuse(invalidMember(header, `is ${name}, which does not apply to ${request}`));
}

/** Records the scenario that applied to a request, for the faults and the request log. */
export function recordScenario<T>(c: Context<Env>, { result, appliedScenario }: ScenarioResult<T>): Result<T> {
  c.set("appliedScenario", appliedScenario);
  return result;
}

/** Applies the header's scenario to a request that reads no single payment or refund, and so has no queue. */
export function applyHeaderScenario<T>(c: Context<Env>, result: Result<T>): Result<T> {
  const asked = c.get("asked");
  const fault = asked?.fault;
  if (asked === undefined || fault === undefined || !result.ok) return result;
  c.set("appliedScenario", { scenario: asked, trigger: "header" });
  const refusal = refusalOfFault(fault);
  return refusal === undefined ? result : refuse(refusal);
}

/**
 * Applies the fault of a scenario to the response, after the request was processed and stored. `response_lost` cuts the
 * connection before any byte is sent.
 * @param slowly resolves when a slow response may be sent.
 */
export function applyFaults(slowly: () => Promise<void>): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const fault = c.get("appliedScenario")?.scenario.fault;
    if (fault === "server_error_after") {
      c.res = respondRefusal(c, { code: "internal_error" });
      c.res.headers.delete("X-Sandbox-Diagnosis");
    }
    if (fault === "slow_response") await slowly();
    if (fault === "response_lost") {
      c.env?.outgoing?.destroy();
      c.env?.cut?.();
    }
  };
}
