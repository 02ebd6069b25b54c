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
import type { RequestTrace } from "./route.ts";

export const scenarioHeader = "X-Sandbox-Scenario";

/**
 * Finds the scenario in the header of a request. Refuses one that is unknown or does not apply to such a request.
 * @param name the header; `undefined` without it.
 */
export function scenarioByHeader(name: string | undefined, subject: ScenarioSubject): Result<Scenario | undefined> {
  if (name === undefined) return accept(undefined);
  const scenario = scenarioNamed(name);
  if (scenario === undefined) {
    return refuse(invalidMember(scenarioHeader, `is unknown: the catalogue has ${scenarioNames.join(", ")}`));
  }
  if (scenarioFor(subject, scenario) !== undefined) return accept(scenario);
  const request = { payment: "a new payment", refund: "a new refund", read: "a request that reads" }[subject];
  return refuse(invalidMember(scenarioHeader, `is ${name}, which does not apply to ${request}`));
}

/** Records the scenario that applied to a request, for the faults and the request log. */
export function recordScenario<T>(trace: RequestTrace, { result, appliedScenario }: ScenarioResult<T>): Result<T> {
  trace.appliedScenario = appliedScenario;
  return result;
}

/** Applies the header's scenario to a request that reads no single payment or refund, and so has no queue. */
export function applyHeaderScenario<T>(trace: RequestTrace, asked: Scenario | undefined, result: Result<T>): Result<T> {
  const fault = asked?.fault;
  if (asked === undefined || fault === undefined || !result.ok) return result;
  trace.appliedScenario = { scenario: asked, trigger: "header" };
  const refusal = refusalOfFault(fault);
  return refusal === undefined ? result : refuse(refusal);
}
