import { Hono } from "hono";
import { catalogue, type QueuedScenario } from "../../domain/scenario.ts";
import type { Scenarios } from "../../services/payments/scenarios.ts";
import { type Env, queryOf } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respond, respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { nextScenarioBody, presentCatalogueScenario, presentScenario } from "./scenario-schema.ts";
import { worldOnly } from "./schemas.ts";

const presentQueue = (queue: readonly QueuedScenario[]) => ({
  data: queue.map(({ scenario, times }) => ({ scenario: presentScenario(scenario), times })),
});

/** The catalogue, and the scenarios that wait in a world. */
export function scenarioRoutes(scenarios: Scenarios): Hono<Env> {
  return new Hono<Env>()
    .get("/scenarios", noQuery, (c) => respond(c, 200, { data: catalogue.map(presentCatalogueScenario) }))
    .get("/scenarios/next", async (c) => {
      const query = parseValue(worldOnly, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await scenarios.queue(query.value.processingAccountId), 200, presentQueue);
    })
    .post("/scenarios/next", async (c) => {
      const body = parseControlBody(nextScenarioBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { scenario, times, processingAccountId } = body.value;
      return respondResult(c, await scenarios.next(scenario, times, processingAccountId), 201, presentQueue);
    })
    .delete("/scenarios/next", async (c) => {
      const query = parseValue(worldOnly, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await scenarios.clear(query.value.processingAccountId), 200, presentQueue);
    });
}
