/** Interval between heartbeats of a replica, in milliseconds of real time. */
export const heartbeatMs = 1_000;

/** Lease lifetime after the last heartbeat, in milliseconds of real time. */
export const leaseExpiryMs = 5_000;

/** A process that shares the records with others. Its heartbeat keeps its leases alive. */
export interface Replica {
  readonly id: string;
  /** Real time of the last heartbeat. */
  readonly heartbeatTime: number;
}

/** The lease of a world: its holder runs the due tasks or advances the clock. */
export interface WorldLease {
  readonly processingAccountId: string;
  /** The replica. */
  readonly holder: string;
  /** Whether it advances the clock. One replica at a time may do so. */
  readonly advancing: boolean;
}

/** The last use of a world. Real time. */
export interface WorldUse {
  readonly processingAccountId: string;
  readonly time: number;
}

/** A session of the inspector. Its id is random and secret. */
export interface Session {
  readonly id: string;
  /** Binds the session to the admin token that began it. Sessions of version 0.1 have none, and have ended. */
  readonly proof?: string;
}

/** Whether the leases of a replica have expired. */
export function isExpired(replica: Replica | undefined, realTime: number): boolean {
  return replica === undefined || realTime - replica.heartbeatTime >= leaseExpiryMs;
}
