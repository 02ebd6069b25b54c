/** An item on sale. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** In cents. */
  readonly price: number;
}

/** The ordinary items. */
export const menu: readonly Item[] = [
  { id: "flat-white", name: "Flat white", description: "A double shot under silky milk.", price: 38_00 },
  { id: "milk-tea", name: "Iced milk tea", description: "Strong, the way the harbour likes it.", price: 24_00 },
  { id: "pineapple-bun", name: "Pineapple bun", description: "Warm, with a slice of butter.", price: 12_50 },
  { id: "beans", name: "House beans", description: "250 g, roasted this week.", price: 128_50 },
];

/** Items for testing: their amount selects a scenario of the sandbox. */
export const testingShelf: readonly Item[] = [
  { id: "paid", name: "Pays by itself", description: "No payer needed: paid after two seconds.", price: 8888_90 },
  { id: "declined", name: "Insufficient funds", description: "The wallet declines after two seconds.", price: 8888_01 },
  { id: "cancelled", name: "Payer cancels", description: "Cancelled after two seconds.", price: 8888_05 },
  { id: "expired", name: "Runs out of time", description: "Expires after two seconds.", price: 8888_06 },
  { id: "failed", name: "Cannot be processed", description: "Fails after two seconds.", price: 8888_07 },
  {
    id: "lying-return",
    name: "Lying return",
    description: "Declined, but the return URL reports success.",
    price: 8888_11,
  },
  {
    id: "return-by-post",
    name: "Return by POST",
    description: "Paid, and the browser returns by POST.",
    price: 8888_12,
  },
  { id: "webhook-twice", name: "Webhook twice", description: "The same notification arrives twice.", price: 8888_20 },
  {
    id: "webhook-never",
    name: "No webhook",
    description: "Paid, but without a webhook: the shop must track.",
    price: 8888_22,
  },
  {
    id: "webhook-first",
    name: "Webhook first",
    description: "It arrives before the response to the request.",
    price: 8888_23,
  },
  {
    id: "wrong-amount",
    name: "Wrong amount",
    description: "The amount in the webhook is one dollar too low.",
    price: 8888_27,
  },
  { id: "refund-fails", name: "Refund fails", description: "Paid, but its refund fails.", price: 8888_30 },
  {
    id: "answer-lost",
    name: "Response lost",
    description: "The payment exists, but the response is lost.",
    price: 8888_40,
  },
  { id: "too-many", name: "Too many requests", description: "The first request is refused.", price: 8888_43 },
];

/** Finds an item by its id. */
export function findItem(id: string | undefined): Item | undefined {
  return [...menu, ...testingShelf].find((item) => item.id === id);
}
