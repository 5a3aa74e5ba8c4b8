/** One immutable (service, version, digest). */
export interface Artifact {
  readonly service: string;
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly registeredAt: Temporal.Instant | null;
  /** Person who wrote it, as far as known; compared with approvers. */
  readonly author: string | null;
}
