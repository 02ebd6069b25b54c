import { z } from "zod";
import { accept, refuse } from "../../domain/refusal.ts";
import { isHttpUrl } from "../../domain/settings.ts";
import type { RestoredEndpoint, WorldSnapshot } from "../../services/lifecycle/snapshots.ts";
import { presentResult } from "../respond.ts";
import { lazySchema } from "../route.ts";
import { parseValue } from "../validate.ts";
import { clock, presentClock } from "./clock.ts";
import { worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";
import { isLarger, presentSnapshot, readSnapshot } from "./snapshot-document.ts";

/** A world as one JSON document, which can be restored. */
export interface Snapshot {
  readonly format: 1;
  /** The world that the snapshot was taken of and is restored into. */
  readonly processingAccountId: string;
  readonly [member: string]: unknown;
}

const takenSnapshot = lazySchema(() => z.unknown().meta({ id: "TakenSnapshot" }) as unknown as z.ZodType<Snapshot>);

const takeSnapshot = controlRoute({
  method: "GET",
  path: "/snapshot",
  operationId: "takeSnapshot",
  tag: "Worlds",
  inWorld: true,
  summary: "Take a snapshot of a world",
  description:
    "Measurements of the real clock are under `real`. An attempt in flight counts as not made. A snapshot that is " +
    "too large to be restored is refused.",
  query: worldInput,
  responses: { 200: { description: "The world, with the keys that the sandbox made.", schema: takenSnapshot } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ query }, { snapshots, snapshotMaxBytes, snapshotMaxValues }) => {
    const taken = await snapshots.take(query.processingAccountId);
    if (!taken.ok) return taken;
    const document = presentSnapshot(taken.value);
    // A snapshot that could not be restored is refused now, while the world is still there.
    if (isLarger(document, { bytes: snapshotMaxBytes, values: snapshotMaxValues })) {
      const status = `larger than ${snapshotMaxBytes} bytes or ${snapshotMaxValues} values`;
      return refuse({ code: "action_not_allowed", action: "snapshot", subject: "a world", status });
    }
    return accept<Snapshot>({ ...document });
  },
});

const endpoint = lazySchema(() =>
  z
    .string()
    .refine((value) => value === "keep" || value === "restore" || isHttpUrl(value), {
      error: 'must be "keep", "restore", or an http or https URL',
    })
    .meta({
      description:
        "The endpoint of the restored world: `keep` that of the world before, `restore` that of the snapshot, or " +
        "a URL.",
      override: { type: "string", default: "keep" },
    })
    .transform((value): RestoredEndpoint => {
      return value === "keep" || value === "restore" ? value : { webhookUrl: value };
    })
    .default("keep"),
);

/** Rewrites the origin of page URLs in stored responses, so that they lead to this sandbox. */
function withPagesAt(snapshot: WorldSnapshot, base: string): WorldSnapshot {
  const { payment, replay } = snapshot.records;
  const paths = new Map(payment.map(({ id, pageToken }) => [id, `/pay/${pageToken}"`]));
  const rewritten = replay.map((stored) => {
    const path = paths.get(stored.paymentId);
    if (path === undefined) return stored;
    const body = stored.body.replace(/"https?:\/\/[^"]*"/g, (url) => (url.endsWith(path) ? `"${base}${path}` : url));
    return { ...stored, body };
  });
  return { ...snapshot, records: { ...snapshot.records, replay: rewritten } };
}

const restoreSnapshot = controlRoute({
  method: "PUT",
  path: "/snapshot",
  operationId: "restoreSnapshot",
  tag: "Worlds",
  inWorld: true,
  isSnapshot: true,
  summary: "Restore a world from a snapshot",
  description:
    "Ids, times and due tasks are restored. The snapshot names the world, which must exist. The world keeps its " +
    "endpoint, unless `webhookUrl` asks for another one. Page URLs in stored responses get the origin of this sandbox.",
  query: () => z.strictObject({ webhookUrl: endpoint() }),
  body: { schema: () => z.unknown().meta({ id: "Snapshot" }) },
  responses: { 200: { description: "The clock after the restore.", schema: clock } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body, query, base }, { lifecycle }) => {
    // Loaded on first use: most sandboxes never restore a snapshot.
    const { snapshotDocument } = await import("./snapshot-schema.ts");
    const document = parseValue(snapshotDocument, body);
    if (!document.ok) return document;
    return presentResult(
      await lifecycle.restore(withPagesAt(readSnapshot(document.value), base), query.webhookUrl),
      presentClock,
    );
  },
});

export const snapshotRoutes = [takeSnapshot, restoreSnapshot] as const;
