import { isAfter } from "#core/policy/moments.ts";
import type { EvidenceDemand } from "#core/policy/policy.ts";
import { after, isOver, sayDuration } from "#core/policy/say.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import { compareVersions, parseVersion } from "#core/release/semver.ts";
import { saySource } from "#core/release/source.ts";
import { compareInstants } from "#core/span.ts";

/** Why a demand for evidence is not met, the gravest first. */
export const evidenceFaults = [
  "evidence-failed",
  "evidence-missing",
  "evidence-below",
  "evidence-above",
  "evidence-rule-set",
  "evidence-stale",
  "evidence-not-enough",
] as const;
export type EvidenceFault = (typeof evidenceFaults)[number];

/** How one demand stands at an instant. */
export interface EvidenceStanding {
  readonly kind: string;
  /** null: it is met. */
  readonly fault: EvidenceFault | null;
  /** A part of a sentence: `coverage is 78, below 80`. */
  readonly said: string;
  /** What the answer rests on; null where nothing was reported. */
  readonly record: EvidenceRecord | null;
}

/**
 * Of each source the newest record counts. A failure of any source, or its "not enough yet", is the answer whatever the
 * others say; figures and rule sets of all of them are compared; the age is that of the newest.
 */
export function evidenceStanding(
  demand: EvidenceDemand,
  records: readonly EvidenceRecord[],
  moment: Temporal.Instant,
): EvidenceStanding {
  const own = newestBySource(records.filter(({ kind }) => kind === demand.kind));
  const [newest] = own;
  if (newest === undefined) {
    return { kind: demand.kind, fault: "evidence-missing", said: `${demand.kind} is missing`, record: null };
  }
  const faults = [...own.map((record) => faultOf(demand, record)), staleness(demand, newest, moment)];
  const found = faults.filter((fault) => fault !== null).toSorted(byGravity)[0];
  if (found !== undefined) return { kind: demand.kind, ...found };
  const figure = newest.value === null ? "" : ` with ${newest.value}`;
  return { kind: demand.kind, fault: null, said: `${demand.kind} passed${figure}`, record: newest };
}

/** The instants behind `from` at which what is there becomes too old. */
export function staleMoments(
  { kind, maxAge }: EvidenceDemand,
  records: readonly EvidenceRecord[],
  from: Temporal.Instant,
): readonly Temporal.Instant[] {
  if (maxAge === null) return [];
  const fresh = records.filter((record) => record.kind === kind && !isOver(record.at, maxAge, from));
  return fresh.map((record) => after(record.at, maxAge));
}

type Found = Omit<EvidenceStanding, "kind" | "fault"> & { readonly fault: EvidenceFault };

function byGravity(a: Found, b: Found): number {
  return evidenceFaults.indexOf(a.fault) - evidenceFaults.indexOf(b.fault);
}

/** Newest first. */
function newestBySource(records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  if (records.length <= 1) return records;
  const newest = new Map<string, EvidenceRecord>();
  for (const record of records) {
    const known = newest.get(record.source);
    if (known === undefined || isAfter(record.at, known.at)) newest.set(record.source, record);
  }
  return [...newest.values()].sort(
    (a, b) => compareInstants(b.at, a.at) || (a.source < b.source ? -1 : Number(a.source > b.source)),
  );
}

function faultOf(demand: EvidenceDemand, record: EvidenceRecord): Found | null {
  const { kind, min, max, ruleSet } = demand;
  const { outcome, value } = record;
  const source = saySource(record);
  if (outcome === "fail") return { fault: "evidence-failed", said: `${kind} failed at ${source}`, record };
  if (outcome === "not-enough") {
    return { fault: "evidence-not-enough", said: `${kind} has not enough evidence yet at ${source}`, record };
  }
  if (min !== null && (value === null || value < min)) {
    return { fault: "evidence-below", said: `${kind} ${sayValue(value)}, below ${min}`, record };
  }
  if (max !== null && (value === null || value > max)) {
    return { fault: "evidence-above", said: `${kind} ${sayValue(value)}, above ${max}`, record };
  }
  if (ruleSet !== null && isOlderRuleSet(record.ruleSet, ruleSet)) {
    const taken = record.ruleSet ?? "no rule set";
    return { fault: "evidence-rule-set", said: `${kind} was taken with ${taken}, older than ${ruleSet}`, record };
  }
  return null;
}

function staleness(demand: EvidenceDemand, newest: EvidenceRecord, moment: Temporal.Instant): Found | null {
  const { kind, maxAge } = demand;
  if (maxAge === null || !isOver(newest.at, maxAge, moment)) return null;
  return { fault: "evidence-stale", said: `${kind} is older than ${sayDuration(maxAge)}`, record: newest };
}

function sayValue(value: number | null): string {
  return value === null ? "has no figure" : `is ${value}`;
}

/** What cannot be compared counts as older: a rule set that nobody can place is no answer to a new demand. */
function isOlderRuleSet(taken: string | null, wanted: string): boolean {
  if (taken === null) return true;
  if (taken === wanted) return false;
  const left = parseVersion(taken);
  const right = parseVersion(wanted);
  return left === null || right === null || compareVersions(left, right) < 0;
}
