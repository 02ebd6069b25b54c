import { type By, type Kind, type Records, type Store, tables } from "../../src/store/store.ts";
import {
  clockChange,
  consumedAmountFault,
  credential,
  entry,
  event,
  lease,
  merchant,
  notification,
  payment,
  queued,
  refund,
  replay,
  replica,
  session,
  start,
  storedSeed,
  task,
  use,
  world,
} from "../support/records.ts";

const examples: Records = {
  merchant: merchant(),
  credential: credential({ privateKey: "-----BEGIN PRIVATE KEY-----" }),
  world: world(),
  payment: payment(),
  refund: refund(),
  entry: entry({ refundId: "refund-1" }),
  notification: notification({
    attempts: [
      {
        startedAt: start,
        url: "https://merchant.example/hook",
        requestHeaders: [
          ["X-Signature", "first line"],
          ["X-Signature", "second line"],
        ],
        answer: { status: 500, body: "<h1>Oh</h1>" },
        durationMs: 12,
      },
    ],
  }),
  replay: replay(),
  task: task({ lease: "lease-1" }),
  queued: queued(),
  consumedAmountFault: consumedAmountFault(),
  event: event(),
  clockChange: clockChange(),
  replica: replica(),
  lease: lease(),
  use: use(),
  session: session(),
  seed: storedSeed(),
  logo: { address: "/logos/1.png", content: "iVBORw0KGgo=" },
  logoUse: { id: "world-1 /logos/1.png", owner: "world-1", address: "/logos/1.png" },
};

export const kinds = Object.keys(tables) as Kind[];

interface IndexOfKind {
  readonly kind: Kind;
  readonly members: readonly string[];
  /** The members, for the name of a test. */
  readonly names: string;
}

/** Every index of every kind. */
export const indexes: readonly IndexOfKind[] = kinds.flatMap((kind) =>
  tables[kind].indexes.map((members: readonly string[]) => ({ kind, members, names: members.join(" and ") })),
);

/** The example of its kind under another key. */
export function example<K extends Kind>(kind: K, key: string, members: object = {}): Records[K] {
  return { ...examples[kind], ...members, [tables[kind].key]: key };
}

export function keyOf(kind: Kind, record: Records[Kind]): unknown {
  return Reflect.get(record, tables[kind].key);
}

/** The same text for each of the members. */
export function byText(members: readonly string[], text: string): By<Kind> {
  return byTexts(
    members,
    members.map(() => text),
  );
}

/** A text for each of the members. */
export function byTexts(members: readonly string[], texts: readonly string[]): By<Kind> {
  return Object.fromEntries(members.map((member, index) => [member, texts[index]])) as By<Kind>;
}

export function get<K extends Kind>(store: Store, kind: K, key: string): Promise<Records[K] | undefined> {
  return store.atomically((unit) => unit.get(kind, key));
}

/** The keys of a list. */
export async function listed(store: Store, kind: Kind, by: By<Kind>): Promise<unknown[]> {
  const records = await store.atomically((unit) => unit.list(kind, by));
  return records.map((record) => keyOf(kind, record));
}

/** The keys of a page. */
export async function paged(
  store: Store,
  kind: Kind,
  by: By<Kind>,
  range: { readonly limit: number; readonly before?: number | undefined },
): Promise<unknown[]> {
  const rows = await store.atomically((unit) => unit.page(kind, by, range));
  return rows.map(({ record }) => keyOf(kind, record));
}
