import type { Approval } from "#core/approval/approval.ts";
import type { ConsentQuestion } from "#core/approval/open-consent.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Correction } from "#core/policy/correction.ts";
import type { EffectiveSettings } from "#core/policy/effective.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { RegisteredDebt, RegisteredExemption } from "#core/exemption/register.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Person } from "#core/catalog/people.ts";
import type { Service } from "#core/catalog/service.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { CriterionResultView } from "#usecases/criteria/criteria-records.ts";
import type { HoldState } from "#usecases/release/intake-types.ts";
import type { DeploymentRecord, TimelineEvent, TrafficSample } from "#usecases/records.ts";

/** What pages and lists read, each answer from one snapshot. Nothing here decides anything. */
export interface Views {
  readonly listDeployments: (query: DeploymentQuery) => Promise<Page<DeploymentView>>;
  readonly deployment: (id: DeploymentId) => Promise<DeploymentFullView | null>;
  readonly traffic: (id: DeploymentId) => Promise<readonly TrafficSample[]>;
  /** What the judge made of it, in order; thinned out evenly to about `most`, the last of each stage always among them. */
  readonly looks: (id: DeploymentId, most: number) => Promise<readonly StageLook[]>;
  /** How success criteria stand or ended in each stage. */
  readonly criteria: (id: DeploymentId) => Promise<readonly CriterionResultView[]>;
  readonly matrix: (at: Temporal.Instant) => Promise<MatrixView>;
  /** Everything about one service; null when the configuration in force knows none of that name. */
  readonly service: (name: string, at: Temporal.Instant) => Promise<ServiceView | null>;
  /** Deployments that may wait for the decision of this person: waiting, not requested by them, not decided by them. */
  readonly undecided: (person: string) => Promise<readonly DeploymentConsentView[]>;
  readonly audit: (query: AuditQuery) => Promise<Page<AuditView>>;
  /** Canonical entries in order, at most `limit`. */
  readonly auditRange: (
    since: Temporal.Instant | null,
    until: Temporal.Instant | null,
    limit: number,
  ) => Promise<readonly { readonly entry: string; readonly leaf: string }[]>;
  readonly notices: (query: NoticeQuery) => Promise<Page<NoticeView>>;
  readonly people: () => Promise<ReadonlyMap<string, Person>>;
  readonly configurationYaml: () => Promise<{ readonly revision: number | null; readonly yaml: string }>;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

export interface DeploymentQuery {
  readonly environment: string | null;
  readonly service: string | null;
  readonly state: DeploymentState | "open" | "ended" | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface DeploymentView {
  readonly record: DeploymentRecord;
  readonly verdict: Verdict | null;
}

export interface DeploymentConsentView extends DeploymentView {
  /** Decisions on its present content. */
  readonly approvals: readonly Approval[];
  readonly consent: ConsentQuestion;
}

export interface DeploymentFullView extends DeploymentConsentView {
  readonly timeline: readonly (TimelineEvent & { readonly seq: number })[];
  /** What is live there now, whichever deployment brought it; null when nothing is known to be. */
  readonly liveVersion: string | null;
  /** Place in the queue of the environment for queued work. */
  readonly queue: {
    readonly position: number;
    readonly holder: string | null;
    readonly expectedTo: Temporal.Instant | null;
  } | null;
}

export interface MatrixView {
  readonly services: readonly Service[];
  readonly environments: readonly Environment[];
  readonly live: readonly {
    readonly service: string;
    readonly environment: string;
    readonly version: string;
    readonly since: Temporal.Instant;
  }[];
  readonly open: readonly DeploymentRecord[];
}

export interface ServiceView {
  readonly service: Service;
  /** Services that depend on it, by name. */
  readonly dependants: readonly string[];
  /** In the order of promotion. */
  readonly places: readonly {
    readonly environment: Environment;
    readonly live: { readonly version: string; readonly since: Temporal.Instant } | null;
    /** What policies demand of an ordinary deployment of it there. */
    readonly settings: EffectiveSettings;
    /** The same of an emergency. */
    readonly emergency: EmergencyDemand;
  }[];
  /** In force and about it. */
  readonly holds: readonly HoldState[];
  /** Not ended and about it. */
  readonly exemptions: readonly RegisteredExemption[];
  /** Not over. */
  readonly emergencies: readonly EmergencyTicket[];
  /** What its team owes. */
  readonly debts: readonly RegisteredDebt[];
}

export interface NoticeQuery {
  readonly person: string | null;
  readonly deployment: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** What somebody was told about work of his and no longer holds. */
export interface NoticeView {
  readonly deployment: DeploymentId;
  readonly person: string;
  readonly at: Temporal.Instant;
  /** The verdict that says otherwise. */
  readonly verdict: string;
  readonly correction: Correction;
}

export interface AuditQuery {
  readonly object: string | null;
  readonly action: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface AuditView {
  readonly seq: number;
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly person: string;
  readonly account: string;
  readonly method: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly verdict: string | null;
}
