import type { EvidenceRecord } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";

/*
 * The way back, tried for the very pair of versions in an environment where nobody is hurt (capability J9). Its result is
 * evidence on the digest of the new version; the source names the version that was gone back to, so that the newest of
 * each pair counts.
 */

/** Kind of the evidence that the way back was tried with a digest. */
export const rehearsal = "rehearsal";

/** Sources with this beginning are our own: nobody else reports under them. */
export const ownSources = "tidegate:";

/** Source of the evidence of a rehearsal that went back to the version. */
export function rehearsalSource(former: string): string {
  return `${ownSources}back-to-${former}`;
}

/** What a rehearsal needs to know, as the team of the service has written it. */
export interface RehearsalPlan {
  /** Where it is rehearsed. */
  readonly environment: string;
  /** Tables whose rows must be the same before and after, by databases of the agent there. */
  readonly data: readonly TablesOf[];
  /** Databases to which the version brings scripts: applied, and taken back. */
  readonly migrates: readonly string[];
  /** Feature flags that go with the version: switched, and switched back to what they were. Absent: none. */
  readonly flags?: readonly FlagOf[];
}

export interface FlagOf {
  readonly project: string;
  readonly flag: string;
  readonly isOn: boolean;
}

/**
 * What becomes of configuration on the way back. Nothing keeps versions of it beside the version itself, whose digest
 * covers its files, arguments and variables; flags belong to another system, and what is changed by hand is known to nobody.
 */
export function sayConfiguration(plan: RehearsalPlan | null): string {
  const flags = plan?.flags ?? [];
  const named = flags.map(({ project, flag }) => `${project}/${flag}`).join(", ");
  const switched = flags.length === 0 ? "" : ` The rehearsal switches the flags ${named} and back to what they were.`;
  return `Files, arguments and variables are part of the digest and go back with the version.${switched} Configuration that is kept elsewhere has no versions here and is not taken back: say in a limit what becomes of it.`;
}

export interface TablesOf {
  /** Name in the agent's configuration. */
  readonly database: string;
  readonly tables: readonly string[];
}

/** Newest rehearsal of the pair, of two at one instant the one that failed; null: there is none, or no digest and former version to look for. */
export function newestRehearsal({
  evidence,
  digest,
  former,
}: {
  readonly evidence: readonly EvidenceRecord[] | "assumed";
  readonly digest: string | null;
  readonly former: string | null;
}): EvidenceRecord | null {
  if (evidence === "assumed" || digest === null || former === null) return null;
  const source = rehearsalSource(former);
  let newest: EvidenceRecord | null = null;
  for (const record of evidence) {
    if (record.kind !== rehearsal || record.digest !== digest || record.source !== source) continue;
    const order = newest === null ? -1 : compareInstants(newest.at, record.at);
    if (order < 0 || (order === 0 && record.outcome !== "pass")) newest = record;
  }
  return newest;
}

/** `database.table` → digest over its rows. */
export type TableDigests = Readonly<Record<string, string>>;

/** Tables whose rows are not the same, or that are on one side only, in the order of their names. */
export function differingTables(before: TableDigests, after: TableDigests): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).toSorted();
}

/** Of the lines that the agent prints, `data TABLE DIGEST ROWS`, with the database before each name. */
export function digestsIn(database: string, output: string): TableDigests {
  const lines = output.matchAll(/^data (\S+) (sha256:[0-9a-f]{64}) \d+$/gm);
  return Object.fromEntries([...lines].map(([, table, digest]) => [`${database}.${table ?? ""}`, digest ?? ""]));
}
