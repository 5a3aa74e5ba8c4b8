import type { Environment } from "#core/catalog/environment.ts";
import type { Service } from "#core/catalog/service.ts";
import { type BookedWork, exposureOf, resourcesOf, riskSums, usageOf } from "#core/policy/booked-work.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Policy } from "#core/policy/policy.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { budgetOf, concerns, newestOf, scoreOf } from "#core/release/newest.ts";
import type { Report } from "#core/release/report.ts";
import type {
  ErrorBudget,
  EvidenceRecord,
  PassedStage,
  RecoveryReport,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type { PlannedBooking } from "#core/release/state.ts";
import { compareInstants } from "#core/span.ts";

/** Everything that was reported and is held, as lists with instants; `assumed`: the source of facts keeps no such list. */
export interface ReportLists {
  readonly evidence: readonly EvidenceRecord[] | "assumed";
  readonly verifications: readonly Verification[] | "assumed";
  readonly tickets: readonly Ticket[] | "assumed";
  readonly errorBudgets: readonly ErrorBudget[] | "assumed";
  readonly riskScores: readonly RiskScore[] | "assumed";
  readonly recoveries: readonly RecoveryReport[] | "assumed";
  readonly passed: readonly PassedStage[] | "assumed";
  readonly holds: readonly Hold[];
  readonly stops: readonly Stop[];
}

interface Asked {
  readonly subject: Subject;
  readonly at: Temporal.Instant;
  readonly digest: string | null;
  readonly policies: readonly Policy[];
  readonly services: ReadonlyMap<string, Service>;
  readonly environments: ReadonlyMap<string, Environment>;
  readonly bookings: readonly PlannedBooking[];
}

/** The facts that the lists give for one subject at one instant; what they date later is not known yet. */
export function reportFactsOf(
  lists: ReportLists,
  asked: Asked,
): Pick<
  Facts,
  | "evidence"
  | "verifications"
  | "tickets"
  | "errorBudget"
  | "riskScore"
  | "recovery"
  | "passed"
  | "holds"
  | "stops"
  | "usage"
  | "exposure"
> {
  const { subject, at, digest } = asked;
  const { service, version, environment } = subject;
  const isThen = ({ since, until }: Pick<Hold, "since" | "until">): boolean => isPast(since, at) && !isOver(until, at);
  return {
    evidence: unlessAssumed(lists.evidence, (rows) => newestOf(ofKind("evidence", onDigest(rows, digest)), at)),
    verifications: unlessAssumed(lists.verifications, (rows) =>
      newestOf(ofKind("verification", onDigest(rows, digest)), at),
    ),
    tickets: unlessAssumed(lists.tickets, (rows) =>
      newestOf(ofKind("ticket", rows), at).filter((ticket) => concerns(ticket, subject)),
    ),
    errorBudget: unlessAssumed(lists.errorBudgets, (rows) => {
      const own = rows.filter((row) => row.service === service);
      return budgetOf(newestOf(ofKind("error-budget", own), at), environment, at);
    }),
    riskScore: unlessAssumed(lists.riskScores, (rows) => {
      const own = rows.filter((row) => isAbout(row, { service, version, environment }));
      return scoreOf(newestOf(ofKind("risk-score", own), at));
    }),
    recovery: unlessAssumed(lists.recoveries, (rows) => {
      const own = rows.filter((row) => row.service === service && row.environment === environment);
      return newestOf(ofKind("recovery", own), at);
    }),
    passed: unlessAssumed(lists.passed, (rows) => onDigest(rows, digest).filter(({ since }) => isPast(since, at))),
    holds: lists.holds.filter(isThen),
    stops: lists.stops.filter(isThen),
    ...sharedWith(lists, asked),
  };
}

/** What the planned work of others takes; a list of bookings says neither class nor invoker, so the usual ones are taken. */
function sharedWith({ riskScores }: ReportLists, asked: Asked): Pick<Facts, "usage" | "exposure"> {
  const { subject, at, policies, services, environments, bookings } = asked;
  const scope = subjectScope({
    subject,
    service: services.get(subject.service) ?? null,
    environment: environments.get(subject.environment) ?? null,
  });
  if (scope === null) return { usage: [], exposure: [] };
  const work = bookings.map((booking, index): BookedWork & { readonly version: string } => {
    const id = booking.id ?? `booking-${index + 1}`;
    return { ...booking, booking: id, class: "normal", action: "deploy", invoker: "automation" };
  });
  const others = work.filter((each) => !isAbout(each, subject));
  const scores = riskScores === "assumed" ? [] : riskScores;
  const scored = others.flatMap((each) => {
    const own = scores.filter((row) => isAbout(row, each));
    const found = scoreOf(newestOf(ofKind("risk-score", own), at));
    return found === null ? [] : [{ ...each, score: found.score }];
  });
  const catalog = { services, environments };
  return {
    usage: usageOf(policies, resourcesOf(policies, scope), others, catalog),
    exposure: exposureOf(riskSums(policies, scope), scope, scored, catalog),
  };
}

type About = Pick<RiskScore, "service" | "version" | "environment">;

function isAbout(row: About, { service, version, environment }: About): boolean {
  return row.service === service && row.version === version && row.environment === environment;
}

type RecordOf<K extends Report["kind"]> = Extract<Report, { readonly kind: K }>["record"];

function ofKind<K extends Report["kind"]>(
  kind: K,
  rows: readonly RecordOf<K>[],
): readonly { readonly kind: K; readonly record: RecordOf<K> }[] {
  return rows.map((record) => ({ kind, record }));
}

function onDigest<Row extends { readonly digest: string }>(
  rows: readonly Row[],
  digest: string | null,
): readonly Row[] {
  return rows.filter((row) => row.digest === digest);
}

function unlessAssumed<Row, T>(rows: readonly Row[] | "assumed", read: (rows: readonly Row[]) => T): T | "assumed" {
  return rows === "assumed" ? "assumed" : read(rows);
}

function isPast(instant: Temporal.Instant, at: Temporal.Instant): boolean {
  return compareInstants(instant, at) <= 0;
}

function isOver(until: Temporal.Instant | null, at: Temporal.Instant): boolean {
  return until !== null && isPast(until, at);
}
