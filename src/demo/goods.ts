/** Something that the shop sells. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly words: string;
  /** In cents. */
  readonly price: number;
}

/** What everybody sees. */
export const menu: readonly Item[] = [
  { id: "flat-white", name: "Flat white", words: "A double shot under silky milk.", price: 38_00 },
  { id: "milk-tea", name: "Iced milk tea", words: "Strong, the way the harbour likes it.", price: 24_00 },
  { id: "pineapple-bun", name: "Pineapple bun", words: "Warm, with a slice of butter.", price: 12_50 },
  { id: "beans", name: "House beans", words: "250 g, roasted this week.", price: 128_50 },
];

/** For testing: by its amount the sandbox knows what is to happen to the payment. */
export const testingShelf: readonly Item[] = [
  { id: "paid", name: "Pays by itself", words: "No payer needed: paid after two seconds.", price: 8888_90 },
  { id: "declined", name: "Too little money", words: "The wallet declines after two seconds.", price: 8888_01 },
  { id: "cancelled", name: "Payer cancels", words: "Cancelled after two seconds.", price: 8888_05 },
  { id: "expired", name: "Runs out of time", words: "Expires after two seconds.", price: 8888_06 },
  { id: "failed", name: "Cannot be processed", words: "Fails after two seconds.", price: 8888_07 },
  {
    id: "lying-return",
    name: "Lying return",
    words: "Declined, but the browser says that it is paid.",
    price: 8888_11,
  },
  { id: "return-by-post", name: "Return by POST", words: "Paid, and the browser comes back by POST.", price: 8888_12 },
  { id: "webhook-twice", name: "Webhook twice", words: "The same notification comes again at once.", price: 8888_20 },
  { id: "webhook-never", name: "No webhook", words: "Paid, and the shop has to find out by itself.", price: 8888_22 },
  { id: "webhook-first", name: "Webhook first", words: "It comes before the answer to the request.", price: 8888_23 },
  { id: "wrong-amount", name: "Wrong amount", words: "The webhook says a dollar less.", price: 8888_27 },
  { id: "refund-fails", name: "Refund fails", words: "Paid; a refund of it fails.", price: 8888_30 },
  {
    id: "answer-lost",
    name: "Answer lost",
    words: "The payment is there, but the answer never comes.",
    price: 8888_40,
  },
  { id: "too-many", name: "Too many requests", words: "The first request is turned away.", price: 8888_43 },
];

/** Finds an item by its id. */
export function findItem(id: string | undefined): Item | undefined {
  return [...menu, ...testingShelf].find((item) => item.id === id);
}
