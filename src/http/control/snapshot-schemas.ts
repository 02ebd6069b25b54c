import { z } from "zod";
import { firstKsuidTime, lastKsuidTime } from "../../domain/ksuid.ts";
import type { LoggedRequest } from "../../domain/logged-request.ts";
import { type Credential, type HmacKey, scopes } from "../../domain/merchant.ts";
import { defaultSettings, readSettings, writeSettings } from "../../domain/settings.ts";
import type { RealPart, SavedOpening, SavedSettings, SnapshotDocument } from "./snapshot-document.ts";
import { appliedScenario, count, ksuid, type Members, oneOf, savedRecords, text, time } from "./snapshot-records.ts";
import { wrongReferences } from "./snapshot-references.ts";

const clockTime = time.refine(
  (value) => value >= firstKsuidTime && value <= lastKsuidTime,
  `must lie between ${firstKsuidTime} and ${lastKsuidTime}`,
);

const clock = z.discriminatedUnion(
  "mode",
  [z.strictObject({ mode: z.literal("frozen"), time: clockTime }), z.strictObject({ mode: z.literal("running") })],
  { error: 'must be "frozen" or "running"' },
);

/** Those that a world cannot be without. */
const settingNames = Object.keys(writeSettings(defaultSettings));

const settings = z.custom<SavedSettings>().check(({ value, issues }) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    issues.push({ code: "invalid_type", expected: "object", input: value });
    return;
  }
  const wrong = (name: string, message: string, input?: unknown) =>
    issues.push({ code: "custom", path: [name], message, input });
  readSettings(value, (name, input, complaint) => wrong(name, complaint, input));
  for (const name of settingNames) if (!Object.hasOwn(value, name)) wrong(name, "is missing");
});

const opening = z.strictObject({
  settings: settings.exactOptional(),
  clock: clock.exactOptional(),
} satisfies Members<SavedOpening>);

const hmacKey = z.strictObject({ kid: ksuid, key: text } satisfies Members<HmacKey>);

const credential = z.strictObject({
  kid: ksuid,
  merchantId: text,
  publicKey: text,
  privateKey: z
    .string()
    .startsWith("-----BEGIN PRIVATE KEY-----", "must be a private key as PEM (PKCS #8)")
    .exactOptional(),
  scopes: z.array(z.enum(scopes)),
} satisfies Members<Credential>);

const merchant = z.strictObject({
  merchantId: text,
  hmacKeys: z.array(hmacKey).min(1, "must have at least one key"),
  credentials: z.array(credential),
} satisfies Members<SnapshotDocument["merchant"]>);

const request = z.strictObject({
  time,
  method: text,
  target: text,
  status: count,
  durationMs: count,
  signature: oneOf({ signed: true, unsigned: true, wrong: true, ignored: true }).exactOptional(),
  diagnosis: z.string().exactOptional(),
  scenario: appliedScenario.exactOptional(),
  body: z.string(),
  answer: z.string(),
  paymentId: ksuid.exactOptional(),
  at: time,
  place: count.exactOptional(),
} satisfies Members<LoggedRequest>);

const real = z.strictObject({
  time: clockTime.exactOptional(),
  attempts: z
    .record(z.string(), z.array(z.strictObject({ durationMs: count, signatures: z.array(z.string()) })))
    .exactOptional(),
  requests: z.array(request).exactOptional(),
} satisfies Members<RealPart>);

const shape = z
  .strictObject({
    format: z.literal(1),
    processingAccountId: ksuid,
    settings,
    opening: opening.exactOptional(),
    clock,
    merchant,
    records: savedRecords,
    ids: z.record(z.string(), count),
    real: real.exactOptional(),
  } satisfies Members<SnapshotDocument>)
  .check(({ value, issues }) => {
    for (const { path, message, input } of wrongReferences(value as SnapshotDocument)) {
      issues.push({ code: "custom", path: [...path], message, input });
    }
  });

/** A snapshot, checked. What comes out is what went in, so that members keep their order. */
export const snapshotDocument = z
  .unknown()
  .meta({ id: "Snapshot" })
  .transform((given, context): SnapshotDocument => {
    const checked = shape.safeParse(given, { reportInput: true });
    for (const issue of checked.error?.issues ?? []) context.issues.push(issue as z.core.$ZodRawIssue);
    return given as SnapshotDocument;
  });
