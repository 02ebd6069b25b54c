import { z } from "zod";
import { presentResult } from "../respond.ts";
import { lazySchema } from "../route.ts";
import { parseValue } from "../validate.ts";
import { clock, presentClock } from "./clock.ts";
import { worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";
import { presentSnapshot, readSnapshot } from "./snapshot-document.ts";

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
  description: "Measurements of the real clock are under `real`. An attempt in flight counts as not made.",
  query: worldInput,
  responses: { 200: { description: "The world, with the keys that the sandbox made.", schema: takenSnapshot } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query }, { snapshots }) =>
    presentResult(
      await snapshots.take(query.processingAccountId),
      (world): Snapshot => ({ ...presentSnapshot(world) }),
    ),
});

const restoreSnapshot = controlRoute({
  method: "PUT",
  path: "/snapshot",
  operationId: "restoreSnapshot",
  tag: "Worlds",
  inWorld: true,
  isSnapshot: true,
  summary: "Restore a world from a snapshot",
  description: "Ids, times and due tasks are restored. The snapshot names the world, which must exist.",
  body: { schema: () => z.unknown().meta({ id: "Snapshot" }) },
  responses: { 200: { description: "The clock after the restore.", schema: clock } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body }, { lifecycle }) => {
    // Loaded on first use: most sandboxes never restore a snapshot.
    const { snapshotDocument } = await import("./snapshot-schema.ts");
    const document = parseValue(snapshotDocument, body);
    if (!document.ok) return document;
    return presentResult(await lifecycle.restore(readSnapshot(document.value)), presentClock);
  },
});

export const snapshotRoutes = [takeSnapshot, restoreSnapshot] as const;
