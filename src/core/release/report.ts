import type {
  EvidenceRecord,
  ErrorBudget,
  RecoveryReport,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";
import type { Signal } from "#core/release/state.ts";
import { unreachable } from "#core/result.ts";

/** How a service or vendor is, as its source saw it; the run of equal reports up to now is a `Signal`. */
export interface ReportedSignal {
  readonly service: string;
  /** null: everywhere. */
  readonly environment: string | null;
  readonly status: Signal["status"];
  readonly source: string;
  readonly at: Temporal.Instant;
  /** What happened, or where to read more; null when the source says nothing. */
  readonly ref: string | null;
  /** It holds up to, not at, this instant; absent: the source reports changes only and promises no next report. */
  readonly freshUntil?: Temporal.Instant | undefined;
  /** Put on record by Tidegate: the source has not been heard of again by this instant, as it had promised. */
  readonly silentSince?: Temporal.Instant | undefined;
}

interface RecordOf {
  readonly evidence: EvidenceRecord;
  readonly verification: Verification;
  readonly ticket: Ticket;
  readonly "error-budget": ErrorBudget;
  readonly "risk-score": RiskScore;
  readonly recovery: RecoveryReport;
  readonly signal: ReportedSignal;
}

export const reportKinds = [
  "evidence",
  "verification",
  "ticket",
  "error-budget",
  "risk-score",
  "signal",
  "recovery",
] as const;
export type ReportKind = keyof RecordOf;
export type Report = { readonly [K in ReportKind]: { readonly kind: K; readonly record: RecordOf[K] } }[ReportKind];

/** Clocks differ: an instant so far ahead of ours is taken for now, one further ahead is refused. */
export const reportTolerance = { seconds: 60 } as const;

/**
 * Different (kind, source) pairs on one digest, and sources on one service: more is a runaway source, and a verdict has
 * a bounded cost.
 */
export const maxKeysPerSubject = 200;

export interface ReportAddress {
  /** Reports with the same key take each other's place: the newest counts. */
  readonly key: string;
  /** What a verdict asks by. */
  readonly subject: string;
  readonly digest: string | null;
  readonly services: readonly string[];
  readonly environments: readonly string[];
  /** The word that reports of this kind are told apart by; null for a figure. */
  readonly outcome: string | null;
}

export function addressOf(report: Report): ReportAddress {
  const { kind, record } = report;
  switch (kind) {
    case "evidence":
      return onDigest(record.digest, [record.digest, record.kind, record.source], record.outcome);
    case "verification":
      return onDigest(record.digest, [record.digest, record.source], record.outcome);
    case "ticket": {
      const { key, services, environments, source, state } = record;
      return { key: keyOf([key, source]), subject: key, digest: null, services, environments, outcome: state };
    }
    case "error-budget":
      return onService(record, [record.service, record.environment, record.source], null);
    case "risk-score": {
      const about = [record.service, record.version, record.environment];
      return { ...onService(record, [...about, record.source], null), subject: keyOf(about) };
    }
    case "signal":
      return onService(record, [record.service, record.environment, record.source], record.status);
    case "recovery":
      return onService(record, [record.service, record.environment, record.act, record.source], record.outcome);
  }
  return unreachable(kind);
}

/** What a verdict asks risk scores by. */
export function scoreSubject(about: Pick<RiskScore, "service" | "version" | "environment">): string {
  return keyOf([about.service, about.version, about.environment]);
}

function onDigest(digest: string, key: readonly string[], outcome: string): ReportAddress {
  return { key: keyOf(key), subject: digest, digest, services: [], environments: [], outcome };
}

function onService(
  { service, environment }: { readonly service: string; readonly environment: string | null },
  key: readonly (string | null)[],
  outcome: string | null,
): ReportAddress {
  const environments = environment === null ? [] : [environment];
  return { key: keyOf(key), subject: service, digest: null, services: [service], environments, outcome };
}

function keyOf(parts: readonly (string | null)[]): string {
  return JSON.stringify(parts);
}
