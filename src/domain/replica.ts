/** How often a replica says that it lives, in milliseconds of real time. */
export const heartbeatMs = 1_000;

/** So long after its last beat a replica counts as dead, and its leases as void, in milliseconds of real time. */
export const leaseExpiryMs = 5_000;

/** A process that works with the same records as others. Its leases stand for as long as it beats. */
export interface Replica {
  readonly id: string;
  /** When it said last that it lives. Real time. */
  readonly heartbeatTime: number;
}

/** Who runs what falls due in a world, or moves its clock. */
export interface WorldLease {
  readonly processingAccountId: string;
  /** The replica. */
  readonly holder: string;
  /** Whether it moves the clock, which one may do at a time. */
  readonly advancing: boolean;
}

/** When a world was used last. Real time. */
export interface WorldUse {
  readonly processingAccountId: string;
  readonly time: number;
}

/** Somebody who has signed in to the inspector, by a text that nobody can guess. */
export interface Session {
  readonly id: string;
}

/** Whether a replica has not beaten for so long that its leases are void. */
export function isExpired(replica: Replica | undefined, realTime: number): boolean {
  return replica === undefined || realTime - replica.heartbeatTime >= leaseExpiryMs;
}
