/** Kinds of records whose name in databases and snapshots differs from the one in code. */
const storedKinds = { consumedAmountFault: "struck", clockChange: "move" } as const;

/** Members of records whose name in databases and snapshots differs from the one in code. */
const storedMembers = {
  payment: { appliedScenario: "strike" },
  refund: { appliedScenario: "strike" },
  event: { payload: "happening" },
  replica: { heartbeatTime: "beatTime" },
} as const;

type StoredKinds = typeof storedKinds;
type StoredMembers = typeof storedMembers;

/** A kind as databases and snapshots name it. */
export type StoredKind<K extends string> = K extends keyof StoredKinds ? StoredKinds[K] : K;

/** A record of a kind with the member names of databases and snapshots. */
export type StoredRecord<K extends string, T> = K extends keyof StoredMembers
  ? { [M in keyof T as M extends keyof StoredMembers[K] ? StoredMembers[K][M] & string : M]: T[M] }
  : T;

/** The stored name of a kind. */
export function storedKind<K extends string>(kind: K): StoredKind<K> {
  return ((storedKinds as Readonly<Record<string, string>>)[kind] ?? kind) as StoredKind<K>;
}

/** Reverses `storedKind`. */
export function kindOfStored(stored: string): string {
  return Object.entries(storedKinds).find(([, name]) => name === stored)?.[0] ?? stored;
}

/** Renames the members of a record for a database or a snapshot; their order stays. */
export function toStored<K extends string, T extends object>(kind: K, record: T): StoredRecord<K, T> {
  return renamed(record, storedMembersOf(kind)) as StoredRecord<K, T>;
}

/** Reverses `toStored`. */
export function fromStored<K extends string, T extends object>(kind: K, record: StoredRecord<K, T> & object): T {
  const names = Object.entries(storedMembersOf(kind)).map(([name, stored]) => [stored, name]);
  return renamed(record, Object.fromEntries(names)) as T;
}

function storedMembersOf(kind: string): Readonly<Record<string, string>> {
  return (storedMembers as Readonly<Record<string, Readonly<Record<string, string>>>>)[kind] ?? {};
}

/** The record itself where nothing changes. */
function renamed(record: object, names: Readonly<Record<string, string>>): object {
  if (!Object.keys(names).some((name) => name in record)) return record;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [names[name] ?? name, value]));
}
