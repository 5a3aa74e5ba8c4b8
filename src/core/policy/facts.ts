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
import type { Person } from "#core/catalog/people.ts";
import type { ChangeAction, ChangeClass, Invoker } from "#core/catalog/scope.ts";
import type { Strategy } from "#core/rollout/strategy.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Artifact } from "#core/release/artifact.ts";
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
