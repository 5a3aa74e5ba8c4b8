import type { Approval } from "#core/approval/approval.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { LoadProfile } from "#core/calendar/advice/load-profile.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";
import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Upstream } from "#core/catalog/graph.ts";
import type { Person } from "#core/catalog/people.ts";
import type { ChangeAction, ChangeClass, Invoker } from "#core/catalog/scope.ts";
import type { Strategy } from "#core/rollout/strategy.ts";
import type { RollbackPlan } from "#core/rollback/plan.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Reservation } from "#core/plan/reservation.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { Debt, EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import type { Policy } from "#core/policy/policy.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type { Sequence, Setback } from "#core/release/sequence.ts";
import type {
  BookedRisk,
  ErrorBudget,
  EvidenceRecord,
  PassedStage,
  RecoveryReport,
  ResourceUse,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";
import type { Deployed, ExpectedDuration, HeldLock, PlannedBooking, Signal } from "#core/release/state.ts";

/** What is asked: may this version of this service go to this environment? */
export interface Subject {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly action: ChangeAction;
  readonly class: ChangeClass;
  readonly invoker: Invoker;
  /** Person who asks; null when nobody is known (a question without a request). */
  readonly requestedBy: string | null;
  /** Digest over everything that will run; null for a question without a request. */
  readonly contentDigest: string | null;
  /** Booking or deployment on whose behalf the question is asked: its own lock does not block it. */
  readonly onBehalfOf: string | null;
  /** As the request says; absent: that of the service's tier (`riskOf`). */
  readonly risk?: Risk;
  /** The requester has a plan for the way back; absent: none. */
  readonly hasRollbackPlan?: boolean;
}

/**
 * Everything a verdict may depend on, as of one instant. A rule names the facts it needs and sees no others,
 * so what is not listed by any rule need not be loaded.
 */
export interface Facts {
  /** The one `now()` of the use case. */
  readonly at: Temporal.Instant;
  /** Timelines are computed up to, not including, this instant. */
  readonly horizon: Temporal.Instant;
  readonly subject: Subject;
  /** null: the catalog knows no such service. */
  readonly service: Service | null;
  readonly environment: Environment | null;
  /** For a service or environment that is not known: the names nearest to what was asked (`nearestNames`). */
  readonly nearest: NearestNames;
  /** Windows and freezes of the whole calendar that may match; the rule matches scopes itself. */
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
  /** null: not registered. `assumed`: the source of facts lists no artifacts at all (`--from DIR` without State). */
  readonly artifact: Artifact | null | "assumed";
  readonly routes: readonly ApprovalRoute[];
  readonly approvals: readonly Approval[];
  readonly people: ReadonlyMap<string, Person>;
  /**
   * Deployed versions in the environment of the subject; `unknown` when the inventory cannot be read, `assumed` when
   * the source of facts keeps none at all (`--from DIR` without State).
   */
  readonly deployed: readonly Deployed[] | "unknown" | "assumed";
  readonly bookings: readonly PlannedBooking[];
  readonly durations: readonly ExpectedDuration[];
  readonly signals: readonly Signal[];
  readonly locks: readonly HeldLock[];
  /** How the version would get its traffic; part of what an approval binds to. */
  readonly strategies: readonly Strategy[];
  /** Load of the service and of what it depends on, in the environment. */
  readonly profiles: readonly LoadProfile[];
  /** The service itself first, then those that would feel its failure; empty for a service that is not known. */
  readonly impact: readonly ImpactedService[];
  /** Cover of the teams of the impact set. `none`: nobody has declared a rota. `unknown`: they cannot be read. */
  readonly rotas: readonly TeamCover[] | "none" | "unknown";
  /** What requester and operators agreed on for the work on whose behalf is asked. */
  readonly agreedSlot: AgreedSlot | null;
  /** Business events that call for caution and may concern the subject; the rule matches scopes itself. */
  readonly cautions: readonly Caution[];
  /** Policies that may match the subject, in force or not; the rules match scopes and spans themselves. */
  readonly policies: readonly Policy[];
  /** What the service needs, directly or through others; not the service itself. */
  readonly upstream: readonly Upstream[];
  /** Services that declare a direct edge to the service. */
  readonly dependants: readonly Service[];
  /** Environments that a digest passes before this one, directly or through others, in promotion order. */
  readonly stagesBefore: readonly string[];
  readonly holds: readonly Hold[];
  readonly stops: readonly Stop[];
  /** On the digest of the artifact; the newest of each kind and source. `assumed`: the source of facts keeps none. */
  readonly evidence: readonly EvidenceRecord[] | "assumed";
  readonly verifications: readonly Verification[] | "assumed";
  readonly tickets: readonly Ticket[] | "assumed";
  readonly errorBudget: ErrorBudget | null | "assumed";
  readonly riskScore: RiskScore | null | "assumed";
  /** Of the service in the environment: the newest of each act and source. */
  readonly recovery: readonly RecoveryReport[] | "assumed";
  /** Of other work that is open or has run, planned from a day before `at` to the horizon; what never ran spends nothing. */
  readonly exposure: readonly BookedRisk[];
  /** Of the digest of the artifact. */
  readonly passed: readonly PassedStage[] | "assumed";
  readonly usage: readonly ResourceUse[];
  readonly exemptions: readonly Exemption[];
  readonly overrides: readonly Override[];
  /** The newest ticket for this service, version and environment. */
  readonly emergency: EmergencyTicket | null;
  /** Of the team of the service, paid or not, newest first. */
  readonly debts: readonly Debt[];
  /** Those that say something about the service in the environment. */
  readonly sequences: readonly Sequence[];
  /** Of its own and of the services that go before it in those, the newest of each version. */
  readonly setbacks: readonly Setback[];
  /** Of the environment, and of what the policies count; the subject's own team is among them. */
  readonly reservations: readonly Reservation[];
  /** Of the service; null: nobody has written one. */
  readonly rollback: RollbackPlan | null;
}

export interface AgreedSlot {
  /** The proposal that was accepted. */
  readonly id: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  /** Person. */
  readonly acceptedBy: string;
}

export interface NearestNames {
  readonly services: readonly string[];
  readonly environments: readonly string[];
}

export type FactName = Exclude<keyof Facts, "at" | "horizon" | "subject">;
