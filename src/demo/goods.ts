/** The ordinary items. Prices are in cents. */
export const menu = [
  { id: "flat-white", price: 38_00 },
  { id: "milk-tea", price: 24_00 },
  { id: "pineapple-bun", price: 12_50 },
  { id: "beans", price: 128_50 },
] as const;

/** Items for testing: their amount selects a scenario of the sandbox. */
export const testingShelf = [
  { id: "paid", price: 8888_90 },
  { id: "declined", price: 8888_01 },
  { id: "cancelled", price: 8888_05 },
  { id: "expired", price: 8888_06 },
  { id: "failed", price: 8888_07 },
  { id: "lying-return", price: 8888_11 },
  { id: "return-by-post", price: 8888_12 },
  { id: "webhook-twice", price: 8888_20 },
  { id: "webhook-never", price: 8888_22 },
  { id: "webhook-first", price: 8888_23 },
  { id: "wrong-amount", price: 8888_27 },
  { id: "refund-fails", price: 8888_30 },
  { id: "answer-lost", price: 8888_40 },
  { id: "too-many", price: 8888_43 },
] as const;

/** An item on sale. Its name and description are in the texts. */
export interface Item {
  readonly id: ItemId;
  /** In cents. */
  readonly price: number;
}
export type ItemId = (typeof menu | typeof testingShelf)[number]["id"];

/** Finds an item by its id. */
export function findItem(id: string | undefined): Item | undefined {
  return [...menu, ...testingShelf].find((item) => item.id === id);
}
