import { z } from "zod";
import {
  readSettings,
  removableSettings,
  settingWarnings,
  withSettings,
  writeSettings,
} from "../../domain/settings.ts";
import type { World, WorldClock, WorldSettings } from "../../domain/world.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { clock, presentClock } from "./clock.ts";
import { instant, named, optionalText, processingAccountId } from "./fields.ts";
import { credentials, nothing, presentCredentials } from "./merchants.ts";
import { controlRoute } from "./route.ts";

function settingsFrom(given: object, context: z.RefinementCtx): Partial<WorldSettings> {
  return readSettings(given, (name, input, complaint) => {
    context.issues.push({ code: "custom", path: [name], message: complaint, input });
  });
}

const settings = lazySchema(() => z.looseObject({}).meta({ id: "Settings" }).transform(settingsFrom));

/** Changed settings; `null` removes one that has no default. */
const settingChanges = lazySchema(() =>
  z
    .looseObject({})
    .meta({ id: "SettingChanges" })
    .transform((given, context): Partial<WorldSettings> => {
      const isRemoved = ([name, value]: [string, unknown]) => value === null && removableSettings.includes(name);
      const entries = Object.entries(given);
      const changed = Object.fromEntries(entries.filter((entry) => !isRemoved(entry)));
      const removed = Object.fromEntries(entries.filter(isRemoved).map(([name]) => [name, undefined]));
      return { ...settingsFrom(changed, context), ...removed };
    }),
);

const openingClock = lazySchema(() =>
  z.union(
    [
      z.literal("running").transform((): WorldClock => ({ mode: "running", shiftMs: 0 })),
      instant().transform((time): WorldClock => ({ mode: "frozen", time })),
    ],
    { error: 'must be "running", or an instant like 2026-01-05T09:00:00Z' },
  ),
);

/** Body of a change of settings, which the inspector's form uses too. */
export const changeWorldBody = lazySchema(() => z.strictObject({ settings: settingChanges() }));

/** Body of a reset, which the inspector's form uses too. */
export const resetBody = lazySchema(() =>
  z
    .strictObject({ processingAccountId: processingAccountId(), all: z.literal(true).optional() })
    .refine(({ processingAccountId, all }) => processingAccountId === undefined || all === undefined, {
      error: 'must not have both "processingAccountId" and "all"',
    }),
);

const world = lazySchema(() =>
  named(
    "World",
    "A world and its settings.",
    // The document fills in the settings.
    z.object({
      processingAccountId: z.string(),
      settings: z.looseObject({}).meta({ id: "WorldSettings" }),
      warnings: z
        .array(z.string())
        .exactOptional()
        .meta({ description: "What the settings together cause that you may not expect; absent without any." }),
    }),
  ),
);

const presentWorld = ({ processingAccountId, settings }: World): Resource<typeof world> => {
  const warnings = settingWarnings(settings);
  return {
    processingAccountId,
    settings: writeSettings(settings),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
};

const openWorld = controlRoute({
  method: "POST",
  path: "/worlds",
  operationId: "openWorld",
  tag: "Merchants",
  summary: "Create a merchant with one world",
  body: {
    schema: () =>
      z.strictObject({
        processingAccountId: optionalText("Id of the new world; by default a generated one."),
        merchantName: z
          .string()
          .min(1, "must be a text that is not empty")
          .optional()
          .meta({ description: "Name of the merchant. It overrides the setting `merchantName`." }),
        settings: settings().optional(),
        clock: openingClock().optional(),
      }),
    optional: true,
    example: {
      merchantName: "Harbour Coffee",
      settings: { webhookUrl: "http://localhost:3000/webhooks" },
      clock: "2026-01-05T09:00:00Z",
    },
  },
  responses: { 201: { description: "Keys and ids of the merchant.", schema: credentials } },
  refusals: ["invalid_request", "action_not_allowed"],
  handler: async ({ body: { merchantName, ...body }, base }, { merchants, settings: defaults }) => {
    const named = merchantName === undefined ? {} : { merchantName };
    const opened = await merchants.open({ ...body, settings: withSettings(defaults, { ...body.settings, ...named }) });
    return presentResult(opened, (view) => presentCredentials(view, base));
  },
});

const getWorld = controlRoute({
  method: "GET",
  path: "/worlds/{processingAccountId}",
  operationId: "getWorld",
  tag: "Worlds",
  summary: "Read the settings of a world",
  responses: { 200: { description: "All current settings.", schema: world } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ params }, { worlds }) => presentResult(await worlds.find(params.processingAccountId), presentWorld),
});

const changeWorld = controlRoute({
  method: "PATCH",
  path: "/worlds/{processingAccountId}",
  operationId: "changeWorld",
  tag: "Worlds",
  summary: "Change settings of a world",
  body: { schema: changeWorldBody, example: { settings: { expiry: "PT5M" } } },
  responses: { 200: { description: "All current settings.", schema: world } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ params, body }, { worlds }) =>
    presentResult(await worlds.change(params.processingAccountId, body.settings), presentWorld),
});

const removeWorld = controlRoute({
  method: "DELETE",
  path: "/worlds/{processingAccountId}",
  operationId: "removeWorld",
  tag: "Worlds",
  summary: "Remove a world with all its records",
  description: "The demo world cannot be removed. Waits end, and deliveries in flight are aborted.",
  responses: { 200: { description: "The world is removed.", schema: nothing } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ params }, { lifecycle }) =>
    presentResult(await lifecycle.remove(params.processingAccountId), () => ({})),
});

const reset = controlRoute({
  method: "POST",
  path: "/reset",
  operationId: "reset",
  tag: "Worlds",
  inWorld: true,
  summary: "Reset a world, or the whole sandbox",
  description:
    "Waits end with `not_reached`, deliveries in flight are aborted, and no request that began earlier writes " +
    "afterwards.",
  body: { schema: resetBody, optional: true, example: { all: true } },
  responses: { 200: { description: "The clock after the reset.", schema: clock } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ body }, { lifecycle }) =>
    presentResult(await (body.all ? lifecycle.resetAll() : lifecycle.reset(body.processingAccountId)), presentClock),
});

export const worldRoutes = [openWorld, getWorld, changeWorld, removeWorld, reset] as const;
