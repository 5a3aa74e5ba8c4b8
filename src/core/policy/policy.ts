import type { Impact } from "#core/catalog/service.ts";
import type { Scope } from "#core/catalog/scope.ts";

/**
 * Policy as code (semantics §3.9): what the owner of a resource demands beyond windows, freezes and approvals. Every
 * setting has an order of strictness; the settings that apply to a subject are the strictest of all policies that match
 * it, so that a team's overlay can tighten and never loosen.
 */
export interface Policy {
  readonly name: string;
  readonly scope: Scope;
  /** `central` is mandatory for all it matches; an `overlay` belongs to a team and holds for its own services only. */
  readonly level: "central" | "overlay";
  /** Team that answers for it; of an overlay: the team whose services it tightens. */
  readonly owner: string;
  /** In force in `[from, until)`; null: always before, for ever after. */
  readonly from: Temporal.Instant | null;
  readonly until: Temporal.Instant | null;
  /** Digest of the document as it was written: what a verdict cites. */
  readonly version: string;
  readonly settings: PolicySettings;
  /** Of a central policy: how far an overlay may move a named setting away from what is demanded here. */
  readonly bounds: readonly Bound[];
}

/** A setting that is absent demands nothing. */
export interface PolicySettings {
  readonly evidence: readonly EvidenceDemand[];
  readonly verification: VerificationDemand | null;
  readonly ticket: TicketDemand | null;
  readonly risk: RiskDemand | null;
  readonly errorBudget: ErrorBudgetDemand | null;
  readonly capacity: readonly CapacityLimit[];
  readonly signals: SignalDemand | null;
  readonly coreUpgrades: CoreUpgradeDemand | null;
  readonly stabilisation: StabilisationDemand | null;
  readonly promotion: PromotionDemand | null;
  readonly rollback: RollbackDemand | null;
  readonly emergency: EmergencyDemand | null;
  readonly clauses: readonly Clause[];
  readonly rollout: RolloutDemand | null;
}

/** Expression of a clause whose sentence says why nobody can tell whether it holds; no text of a configuration is empty. */
export const unreadable = "";

/** What a policy starts from that says nothing. */
export const demandsNothing: PolicySettings = {
  evidence: [],
  verification: null,
  ticket: null,
  risk: null,
  errorBudget: null,
  capacity: [],
  signals: null,
  coreUpgrades: null,
  stabilisation: null,
  promotion: null,
  rollback: null,
  rollout: null,
  emergency: null,
  clauses: [],
};

/** An item of evidence on the artifact's digest; all that is named must hold. */
export interface EvidenceDemand {
  /** E.g. `unit-tests`, `coverage`, `sast`, `licences`, `load-test`, `peer-review`. */
  readonly kind: string;
  readonly min: number | null;
  readonly max: number | null;
  /** No older than this; null for any age. */
  readonly maxAge: Temporal.Duration | null;
  /** Taken with this version of the rule set or a later one, compared as semantic versions; null for any. */
  readonly ruleSet: string | null;
}

/** The digest and its signature were verified against the trust policy, no longer ago than this. */
export interface VerificationDemand {
  readonly maxAge: Temporal.Duration | null;
}

/** A ticket that names the service, in one of these states at the start. */
export interface TicketDemand {
  readonly states: readonly string[];
}

/** Risk scores are 0 to 100; `appetite` bounds the sum of one local day of the environment. */
export interface RiskDemand {
  readonly maxScore: number | null;
  readonly appetite: number | null;
  readonly per: "environment" | "unit" | "region";
}

export interface ErrorBudgetDemand {
  /** Part of the budget of the window that must be left, 0 to 1. */
  readonly minLeft: number;
}

/** At most `max` bookings at the same time on what carries this name, over all services that the policy matches. */
export interface CapacityLimit {
  readonly resource: string;
  readonly max: number;
}

/** A degraded upstream service holds until it has been ok for so long. */
export interface SignalDemand {
  readonly okFor: Temporal.Duration;
}

/** A booked major version of these services defers dependants up to its end and `soak` more. */
export interface CoreUpgradeDemand {
  /** Globs on names of services. */
  readonly services: readonly string[];
  readonly soak: Temporal.Duration;
  /** Services of these tiers pass with a notice. */
  readonly criticalTiers: readonly number[];
}

/** For so long after a deployment its neighbours in the graph may not change. */
export interface StabilisationDemand {
  readonly lasts: Temporal.Duration;
  /** The service itself waits as well; absent: its neighbours alone. */
  readonly own?: boolean;
}

/** The same digest has been live in every environment that comes before, for at least so long. */
export interface PromotionDemand {
  readonly soak: Temporal.Duration;
}

/** The way back was thought out, and tried, before anything goes. */
export interface RollbackDemand {
  /** Whose way back needs a whole plan. */
  readonly plan: PlanDemand;
  /** The way back was rehearsed for the very pair of versions, no longer ago than this; null: it need not be. */
  readonly rehearsedWithin: Temporal.Duration | null;
}

/** In the order of strictness. */
export const planDemands = ["none", "high-risk", "every-change"] as const;
export type PlanDemand = (typeof planDemands)[number];

/** Terms count from the start of the emergency; their days are working days (`dueAfter`). */
export interface EmergencyDemand {
  /** Distinct approvers of the ticket. */
  readonly approvals: number;
  readonly validFor: Temporal.Duration;
  /** What has to be confirmed when the ticket is opened. */
  readonly criteria: readonly string[];
  readonly reviewWithin: Temporal.Duration;
  readonly backMergeWithin: Temporal.Duration;
  /** null: no rehearsal of the way back is owed. */
  readonly rehearsalWithin: Temporal.Duration | null;
  /** For so long a debt may be overdue before it stops everything else that the team wants to change; null: it never does. */
  readonly stopsAfter: Temporal.Duration | null;
}

/** Services whose defects have one of these impacts get new versions by a canary only; an impact nobody has told counts as each. */
export interface RolloutDemand {
  readonly canaryFor: readonly Impact[];
}

/** An expression of the Common Expression Language over the facts; false or an error stops. */
export interface Clause {
  readonly id: string;
  readonly expression: string;
  /** One sentence for a person. */
  readonly sentence: string;
  readonly who: string;
  readonly remedy: string;
}

/** `coverage.min` may be moved by an overlay within these limits, both included. */
export interface Bound {
  /** Path of a number in the settings: `evidence.coverage.min`, `risk.maxScore`, `capacity.db-cluster-1`. */
  readonly setting: string;
  readonly least: number;
  readonly most: number;
}
