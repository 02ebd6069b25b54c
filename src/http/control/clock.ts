import { z } from "zod";
import type { ClockTarget, ClockView } from "../../services/scheduling/clocks.ts";
import { presentTime } from "../api/fields.ts";
import { isFromSocket } from "../env.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { duration, instant, named, processingAccountId, responseInstant, worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";

/** Body of a change of the clock, which the inspector's form uses too. */
export const clockBody = lazySchema(() =>
  z.discriminatedUnion(
    "mode",
    [
      z.strictObject({
        processingAccountId: processingAccountId(),
        mode: z.literal("frozen"),
        at: instant().optional(),
      }),
      z.strictObject({ processingAccountId: processingAccountId(), mode: z.literal("running") }),
    ],
    { error: 'must be "frozen" or "running"' },
  ),
);

/** Body of an advance, which the inspector's form uses too. */
export const advanceBody = lazySchema(() =>
  z
    .strictObject({ processingAccountId: processingAccountId(), by: duration().optional(), to: instant().optional() })
    .refine(({ by, to }) => (by === undefined) !== (to === undefined), 'must have either "by" or "to"')
    .transform(({ processingAccountId, by, to }) => {
      const target: ClockTarget = by === undefined ? { to: to as number } : { byMs: by };
      return { processingAccountId, target };
    }),
);

const mode = () => z.enum(["frozen", "running"]);
const ran = () => z.number().meta({ description: "Number of tasks that ran." });

/** The clock of a world. */
export const clock = lazySchema(() =>
  named("Clock", "The clock of a world.", z.object({ mode: mode(), now: responseInstant() })),
);

const clockMove = lazySchema(() =>
  named("ClockMove", "The clock after an advance.", z.object({ now: responseInstant(), ran: ran() })),
);
/** The clock after a change, and how many tasks ran during the change. */
export type ClockMove = Resource<typeof clockMove>;

const clockSet = lazySchema(() =>
  named(
    "ClockSet",
    "The clock of a world after it was set.",
    z.object({ mode: mode(), now: responseInstant(), ran: ran() }),
  ),
);

export const presentClock = ({ mode, now }: ClockView): Resource<typeof clock> => ({ mode, now: presentTime(now) });

const getClock = controlRoute({
  method: "GET",
  path: "/clock",
  operationId: "getClock",
  tag: "Clock",
  inWorld: true,
  summary: "Read the time of a world",
  query: worldInput,
  responses: { 200: { description: "The clock of the world.", schema: clock } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query }, { clocks }) => presentResult(await clocks.view(query.processingAccountId), presentClock),
});

const setClock = controlRoute({
  method: "POST",
  path: "/clock",
  operationId: "setClock",
  tag: "Clock",
  inWorld: true,
  summary: "Freeze the clock of a world, now or at a later instant, or let it run",
  body: { schema: clockBody, example: { mode: "frozen" } },
  responses: { 200: { description: "The clock after the change.", schema: clockSet } },
  refusals: ["invalid_request", "not_found", "clock_busy", "advance_limit"],
  handler: async ({ body, c }, { clocks }) => {
    const { mode } = body;
    const time = body.mode === "frozen" ? body.at : undefined;
    const set = await clocks.set({ mode, time }, body.processingAccountId, isFromSocket(c));
    return presentResult(set, ({ now, ran }) => ({ ...presentClock({ mode, now }), ran }));
  },
});

const advanceClock = controlRoute({
  method: "POST",
  path: "/clock/advance",
  operationId: "advanceClock",
  tag: "Clock",
  inWorld: true,
  summary: "Advance the clock of a world, and run all tasks that become due",
  description: "Each task runs at its own due time. The advance waits for the responses to the deliveries it starts.",
  body: { schema: advanceBody, example: { by: "PT30M" } },
  responses: { 200: { description: "The clock after the advance.", schema: clockMove } },
  refusals: ["invalid_request", "not_found", "clock_busy", "advance_limit"],
  handler: async ({ body, c }, { clocks }) => {
    const advanced = await clocks.advance(body.target, body.processingAccountId, isFromSocket(c));
    return presentResult(advanced, ({ now, ran }) => ({ now: presentTime(now), ran }));
  },
});

const settle = controlRoute({
  method: "POST",
  path: "/settle",
  operationId: "settle",
  tag: "Clock",
  inWorld: true,
  summary: "Wait until no task is due and no delivery is in flight",
  body: { schema: worldInput, optional: true, example: {} },
  responses: { 200: { description: "The clock, which does not move.", schema: clock } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ body, c }, { clocks }) =>
    presentResult(await clocks.settle(body.processingAccountId, isFromSocket(c)), presentClock),
});

export const clockRoutes = [getClock, setClock, advanceClock, settle] as const;
