import { z } from "zod";
import { accept } from "../../domain/refusal.ts";
import { type QueuedScenario, type ScenarioName, catalogue as scenarioCatalogue } from "../../domain/scenario.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { named, worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";
import {
  type CatalogueScenarioView,
  nextScenarioBody,
  presentCatalogueScenario,
  presentScenario,
  type ScenarioSpec,
} from "./scenario-schema.ts";

// The document fills in the scenarios.
const queuedScenario = lazySchema(() =>
  z.object({
    scenario: z.unknown().meta({ id: "WaitingScenario" }) as unknown as z.ZodType<ScenarioName | ScenarioSpec>,
    times: z.number(),
  }),
);
/** A queued scenario, and the number of requests that it applies to. */
export type QueuedScenarioView = Resource<typeof queuedScenario>;

const queue = lazySchema(() =>
  named("Queue", "The queued scenarios of a world, in order.", z.object({ data: z.array(queuedScenario()) })),
);

const catalogue = lazySchema(() =>
  named(
    "Catalogue",
    "All named scenarios, with the amount in HKD that triggers each.",
    z.object({
      data: z.array(
        z.looseObject({
          name: z.string(),
          amount: z.number(),
          description: z.string(),
          on: z.string(),
        }) as unknown as z.ZodType<CatalogueScenarioView>,
      ),
    }),
  ),
);

const presentQueue = (queued: readonly QueuedScenario[]): Resource<typeof queue> => ({
  data: queued.map(({ scenario, times }) => ({ scenario: presentScenario(scenario), times })),
});

const listScenarios = controlRoute({
  method: "GET",
  path: "/scenarios",
  operationId: "listScenarios",
  tag: "Scenarios",
  summary: "Read the catalogue of scenarios",
  responses: { 200: { description: "The whole catalogue.", schema: catalogue } },
  refusals: ["invalid_request"],
  handler: () => accept({ data: scenarioCatalogue.map(presentCatalogueScenario) }),
});

const listNextScenarios = controlRoute({
  method: "GET",
  path: "/scenarios/next",
  operationId: "listNextScenarios",
  tag: "Scenarios",
  inWorld: true,
  summary: "List the queued scenarios of a world",
  query: worldInput,
  responses: { 200: { description: "The queue.", schema: queue } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query }, { scenarios }) =>
    presentResult(await scenarios.queue(query.processingAccountId), presentQueue),
});

const addNextScenario = controlRoute({
  method: "POST",
  path: "/scenarios/next",
  operationId: "addNextScenario",
  tag: "Scenarios",
  inWorld: true,
  summary: "Append a scenario to the queue",
  body: { schema: nextScenarioBody, example: { scenario: "declined_insufficient_funds", times: 2 } },
  responses: { 201: { description: "The queue with the scenario.", schema: queue } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body: { scenario, times, processingAccountId } }, { scenarios }) =>
    presentResult(await scenarios.next(scenario, times, processingAccountId), presentQueue),
});

const clearNextScenarios = controlRoute({
  method: "DELETE",
  path: "/scenarios/next",
  operationId: "clearNextScenarios",
  tag: "Scenarios",
  inWorld: true,
  summary: "Clear the queue",
  query: worldInput,
  responses: { 200: { description: "The empty queue.", schema: queue } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query }, { scenarios }) =>
    presentResult(await scenarios.clear(query.processingAccountId), presentQueue),
});

export const scenarioRoutes = [listScenarios, listNextScenarios, addNextScenario, clearNextScenarios] as const;
