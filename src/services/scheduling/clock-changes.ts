import { clockChangesMax } from "../../domain/timeline.ts";
import type { World } from "../../domain/world.ts";
import type { Ids } from "../../platform/ids.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** Keeps that a world's clock was moved, for the timelines. World times. */
export async function recordClockChange(
  unit: UnitOfWork,
  ids: Ids,
  world: World,
  from: number,
  to: number,
): Promise<void> {
  const { processingAccountId, clock } = world;
  const before = await unit.list("clockChange", { processingAccountId });
  if (to === from && before.at(-1)?.mode === clock.mode) return;
  if (before.length >= clockChangesMax && before[0] !== undefined) await unit.remove("clockChange", before[0].id);
  const id = ids.ksuid("clock_move", processingAccountId, to);
  await unit.save("clockChange", { id, processingAccountId, from, to, mode: clock.mode });
}
