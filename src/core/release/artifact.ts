/** One immutable (service, version, digest). */
export interface Artifact {
  readonly service: string;
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly registeredAt: Temporal.Instant | null;
  /** Person who wrote it, as far as known; compared with approvers. */
  readonly author: string | null;
  /**
   * Person who registered it; absent where a machine did, which speaks for a pipeline, or where it was not kept yet. It is
   * that person's work whomever it names as author.
   */
  readonly registeredBy?: string | undefined;
}

/** Persons or accounts whose own work it is, as far as known: they neither approve it nor let it past a rule. */
export function makersOf(artifact: Artifact | "assumed" | null): readonly string[] {
  if (artifact === null || artifact === "assumed") return [];
  const makers = [artifact.author, artifact.registeredBy ?? null].filter((name) => name !== null);
  return [...new Set(makers)];
}
