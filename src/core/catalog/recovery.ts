/** How much a service may lose and how long it may be away, as its owner says; `backup-proven` asks for the proof. */
export interface RecoveryLimits {
  /** The data of at most this long may be gone (RPO). */
  readonly lossFor: Temporal.Duration;
  /** Restored within this (RTO). */
  readonly restoredIn: Temporal.Duration;
  /** A measured restore older than this proves nothing any more. */
  readonly provenFor: Temporal.Duration;
  /** Empty: in all protected ones. */
  readonly environments: readonly string[];
}
