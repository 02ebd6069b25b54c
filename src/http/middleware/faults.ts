import type { Context, MiddlewareHandler } from "hono";
import { accept, invalidMember, type Result, refuse } from "../../domain/refusal.ts";
import {
  isBeforeCommit,
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

/** Reads the scenario that the request's header names; refuses one that is unknown or has nothing for such a request. */
export function askForScenario(subject: ScenarioSubject): MiddlewareHandler<Env> {
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
  const what = { payment: "a payment", refund: "a refund", read: "a request that reads" }[subject];
  return refuse(invalidMember(header, `is ${name}, which has nothing for ${what}`));
}

/** Keeps what struck a request, for the faults and the log. */
export function strikeOf<T>(c: Context<Env>, { result, appliedScenario }: ScenarioResult<T>): Result<T> {
  c.set("appliedScenario", appliedScenario);
  return result;
}

/** Strikes a request that reads no single payment or refund: there is no queue to look at, so the header decides. */
export function struckByHeader<T>(c: Context<Env>, result: Result<T>): Result<T> {
  const asked = c.get("asked");
  const fault = asked?.fault;
  if (asked === undefined || fault === undefined || !result.ok) return result;
  c.set("appliedScenario", { scenario: asked, trigger: "header" });
  if (!isBeforeCommit(fault)) return result;
  return refuse({ code: fault === "rate_limited" ? "rate_limited" : "internal_error" });
}

/**
 * Spoils the answer where a scenario says so, after all was done and stored as it should be. A lost one goes out in no
 * part: the connection is cut.
 * @param slowly resolves when a slow answer may go out.
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
