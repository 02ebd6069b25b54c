import type { World } from "../../domain/world.ts";
import type { Queries } from "../../services/payments/queries.ts";

/** A world that a page leads to, with the numbers of its payments. */
export interface WorldChoice {
  readonly world: World;
  /** At most one more than `countedMax`. */
  readonly payments: number;
  readonly pending: number;
}

export interface WorldChoices {
  /** The world of the page, the newest others, and the demo world. */
  readonly shown: readonly WorldChoice[];
  /** Number of the other worlds. */
  readonly hidden: number;
}

/** Maximum number of worlds beside the demo world and the world of the page. */
const shownMax = 100;
/** Maximum number of payments of a world that are counted. */
export const countedMax = 1000;

/** The worlds to choose from, newest first. The demo world is the last one. @param all oldest first. */
export async function worldChoices(
  all: readonly World[],
  current: World,
  demoId: string,
  lists: Queries,
): Promise<WorldChoices> {
  const { processingAccountId: currentId } = current;
  const others = all.filter(({ processingAccountId: id }) => id !== demoId && id !== currentId);
  const demo = all.filter(({ processingAccountId: id }) => id === demoId && id !== currentId);
  const worlds = [current, ...others.slice(-shownMax).reverse(), ...demo];
  const ids = worlds.map(({ processingAccountId }) => processingAccountId);
  const counts = await lists.paymentCounts(ids, countedMax + 1);
  const shown = worlds.map((world, index) => ({ world, payments: 0, pending: 0, ...counts[index] }));
  return { shown, hidden: Math.max(0, others.length - shownMax) };
}
