import { Hono } from "hono";
import type { Result } from "../../domain/refusal.ts";
import type { Snapshots, WorldSnapshot } from "../../services/lifecycle/snapshots.ts";
import type { WorldLifecycle } from "../../services/lifecycle/world-lifecycle.ts";
import { presentTime } from "../api/present.ts";
import { type Env, queryOf } from "../env.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { worldOnly } from "./schemas.ts";
import { presentSnapshot, readSnapshot } from "./snapshot-document.ts";

/** Takes and restores snapshots. */
export function snapshotRoutes(snapshots: Snapshots, lifecycle: WorldLifecycle): Hono<Env> {
  return new Hono<Env>()
    .get("/snapshot", async (c) => {
      const query = parseValue(worldOnly, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await snapshots.take(query.value.processingAccountId), 200, presentSnapshot);
    })
    .put("/snapshot", async (c) => {
      const snapshot = await parseSnapshot(c.get("body"));
      if (!snapshot.ok) return respondRefusal(c, snapshot.refusal);
      const restored = await lifecycle.restore(snapshot.value);
      return respondResult(c, restored, 200, ({ mode, now }) => ({ mode, now: presentTime(now) }));
    });
}

/** Loads the schema on the first restore: most sandboxes never restore a snapshot. */
async function parseSnapshot(bytes: Uint8Array): Promise<Result<WorldSnapshot>> {
  const { snapshotDocument } = await import("./snapshot-schema.ts");
  const document = parseControlBody(snapshotDocument, bytes);
  return document.ok ? { ok: true, value: readSnapshot(document.value) } : document;
}
