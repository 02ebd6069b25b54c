type Names = Readonly<Record<string, string>>;

/** Kinds of records whose name in databases and snapshots differs from the one in code. */
const storedKinds: Names = { consumedAmountFault: "struck", clockChange: "move" };

/** Members of records, by kind, whose name in databases and snapshots differs from the one in code. */
const storedMembers: Readonly<Record<string, Names>> = {
  payment: { appliedScenario: "strike" },
  refund: { appliedScenario: "strike" },
  event: { payload: "happening" },
  replica: { heartbeatTime: "beatTime" },
};

/** Returns the stored name of a kind. */
export function storedKind(kind: string): string {
  return storedKinds[kind] ?? kind;
}

/** Returns the stored name of a member. */
export function storedMember(kind: string, member: string): string {
  return storedMembers[kind]?.[member] ?? member;
}

/** Renames the members of a record for a database or a snapshot. Their order stays. */
export function toStored(kind: string, record: object): object {
  return renamed(record, storedMembers[kind]);
}

/** Reverses `toStored`. */
export function fromStored(kind: string, record: object): object {
  const names = Object.entries(storedMembers[kind] ?? {}).map(([name, stored]) => [stored, name]);
  return renamed(record, Object.fromEntries(names));
}

/** Returns the record itself if nothing changes. */
function renamed(record: object, names: Names = {}): object {
  if (!Object.keys(names).some((name) => name in record)) return record;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [names[name] ?? name, value]));
}
