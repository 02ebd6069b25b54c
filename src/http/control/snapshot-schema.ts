import { z } from "zod";
import { checkWorld, type WorldProblem } from "../../domain/check-world.ts";
import { firstKsuidTime, lastKsuidTime } from "../../domain/ksuid.ts";
import { loggedRequestMembers } from "../../domain/logged-request.ts";
import type { Members } from "../../domain/members.ts";
import { credentialMembers, merchantMembers } from "../../domain/merchant.ts";
import { attemptMembers } from "../../domain/notification.ts";
import { type WorldKind, worldRecords } from "../../domain/records.ts";
import { defaultSettings, readSettings, settingsConflict, writeSettings } from "../../domain/settings.ts";
import { storedKind, storedMember } from "../../domain/stored-names.ts";
import type { WorldSettings } from "../../domain/world.ts";
import { BoundedIssues, listOf, recordOf } from "../bounded-issues.ts";
import { recordSchema, simpleSchemas } from "./record-schema.ts";
import {
  type RealPart,
  type RealPartOfAttempt,
  recordsFrom,
  type SavedOpening,
  type SavedSettings,
  type SnapshotDocument,
} from "./snapshot-document.ts";

/** A schema for every member: a new member without a schema does not compile. */
type SchemaOfEach<T> = { readonly [M in keyof T]-?: z.ZodType };

const { count, header, ksuid, string, time } = simpleSchemas;

const clockTime = time.refine(
  (value) => value >= firstKsuidTime && value <= lastKsuidTime,
  `must be between ${firstKsuidTime} and ${lastKsuidTime}`,
);

const clock = z.discriminatedUnion(
  "mode",
  [z.strictObject({ mode: z.literal("frozen"), time: clockTime }), z.strictObject({ mode: z.literal("running") })],
  { error: 'must be "frozen" or "running"' },
);

/** The settings that every world has. */
const requiredSettings = Object.keys(writeSettings(defaultSettings));

const settings = z.custom<SavedSettings>().check(({ value, issues }) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    issues.push({ code: "invalid_type", expected: "object", input: value });
    return;
  }
  const bounded = new BoundedIssues(issues);
  const addIssue = (name: string, message: string, input?: unknown) =>
    bounded.add({ code: "custom", path: [name], message, input });
  const read = readSettings(value, (name, input, complaint) => addIssue(name, complaint, input));
  for (const name of requiredSettings) if (!Object.hasOwn(value, name)) addIssue(name, "is missing");
  const conflict = issues.length === 0 ? settingsConflict(read as WorldSettings) : undefined;
  if (conflict !== undefined) addIssue(conflict.name, conflict.complaint);
  bounded.end();
});

const opening = z.strictObject({
  settings: settings.exactOptional(),
  clock: clock.exactOptional(),
} satisfies SchemaOfEach<SavedOpening>);

const merchant = recordSchema({ ...merchantMembers, credentials: { list: { object: credentialMembers } } }).refine(
  ({ hmacKeys }) => (hmacKeys as unknown[]).length > 0,
  { path: ["hmacKeys"], error: "must have at least one key" },
);

/** Snapshots contain no leases, and the measurements of an attempt under `real`. */
const { lease: _lease, holder: _holder, ...task } = worldRecords.task;
const { durationMs: _durationMs, ...attempt } = attemptMembers;
const answer = { optional: { object: { status: "count", body: "string" } } } as const;
const savedMembers: Readonly<Record<WorldKind, Members>> = {
  ...worldRecords,
  notification: { ...worldRecords.notification, attempts: { list: { object: { ...attempt, answer } } } },
  task,
};

const records = z.strictObject(
  Object.fromEntries(
    Object.entries(savedMembers).map(([kind, members]) => {
      const stored = Object.entries(members).map(([member, value]) => [storedMember(kind, member), value]);
      return [storedKind(kind), listOf(recordSchema(Object.fromEntries(stored) as Members))];
    }),
  ),
);

const measured = z.strictObject({
  durationMs: count,
  signatures: listOf(string),
  answerHeaders: listOf(header).exactOptional(),
} satisfies SchemaOfEach<RealPartOfAttempt>);
const real = z.strictObject({
  time: clockTime.exactOptional(),
  attempts: recordOf(listOf(measured)).exactOptional(),
  requests: listOf(recordSchema(loggedRequestMembers)).exactOptional(),
} satisfies SchemaOfEach<RealPart>);

const shape = z
  .strictObject({
    format: z.literal(1),
    processingAccountId: ksuid,
    settings,
    opening: opening.exactOptional(),
    clock,
    merchant,
    records,
    ids: recordOf(count),
    real: real.exactOptional(),
  } satisfies SchemaOfEach<SnapshotDocument>)
  .check(({ value, issues }) => {
    const bounded = new BoundedIssues(issues);
    for (const { path, message, value: input } of problemsOf(value as unknown as SnapshotDocument)) {
      bounded.add({ code: "custom", path: [...path], message, input });
    }
    bounded.end();
  });

/** Returns the problems between the members of a document, with paths of the document. */
function problemsOf({ processingAccountId, clock, merchant, records, real }: SnapshotDocument): WorldProblem[] {
  const { credentials } = merchant;
  const frozenTime = clock.mode === "frozen" ? clock.time : undefined;
  const world = { processingAccountId, merchant, credentials, records: recordsFrom(records), frozenTime };
  const problems = checkWorld(world).map((problem) => ({ ...problem, path: storedPath(problem.path) }));
  const attempts = new Map(world.records.notification.map((notification) => [notification.id, notification.attempts]));
  for (const [id, value] of Object.entries(real?.attempts ?? {})) {
    const made = attempts.get(id)?.length ?? 0;
    if (value.length <= made) continue;
    const message = `must not have more items than the ${made} attempts of that notification`;
    problems.push({ path: ["real", "attempts", id], value, message });
  }
  return problems;
}

function storedPath(path: WorldProblem["path"]): WorldProblem["path"] {
  const [part, kind = "", index = 0, member = "", ...rest] = path;
  if (part === "credentials") return ["merchant", ...path];
  if (part !== "records") return path;
  return [part, storedKind(String(kind)), index, storedMember(String(kind), String(member)), ...rest];
}

/** The schema of a snapshot. Its output is its input, so that members keep their order. */
export const snapshotDocument = z.unknown().transform((given, context): SnapshotDocument => {
  const checked = shape.safeParse(given, { reportInput: true });
  for (const issue of checked.error?.issues ?? []) context.issues.push(issue as z.core.$ZodRawIssue);
  return given as SnapshotDocument;
});
