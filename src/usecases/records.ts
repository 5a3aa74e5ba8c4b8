import type { Document } from "#config/document.ts";
import type { Approval } from "#core/approval/approval.ts";
import type { ServicePlace } from "#core/catalog/place.ts";
import type { DeploymentId, BookingId, VerdictId } from "#core/id.ts";
import type { Correction } from "#core/policy/correction.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { Span } from "#core/span.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { HeldLock } from "#core/release/state.ts";
import type { NegotiationRecords, ProfileRecords } from "#usecases/calendar/advice-types.ts";
import type { BusinessCalendarRecords } from "#usecases/calendar/import-types.ts";
import type { RotaRecords } from "#usecases/calendar/cover-types.ts";
import type { CriteriaRecords } from "#usecases/criteria/criteria-records.ts";
import type { ExemptionRecords } from "#usecases/exemption/exemption-records.ts";
import type { PlanRecords } from "#usecases/plan/plan-records.ts";
import type { ReservationRecords } from "#usecases/plan/reservation-records.ts";
import type { StepStore } from "#usecases/plan/step-records.ts";
import type { GateStore } from "#usecases/release/gate-records.ts";
import type { IntakeRecords } from "#usecases/release/intake-types.ts";
import type { RollbackRecords } from "#usecases/rollback/rollback-records.ts";
import type { WatchRecords } from "#usecases/rollout/watch-records.ts";
import type { SubscriptionRecords } from "#usecases/calendar/rota-types.ts";

/**
 * What use cases and workflows need of the store, as function types. One `Records` is one transaction: everything
 * done through it commits together or not at all. `main/compose` binds it to PostgreSQL; tests bind it to the same.
 */
export interface Records
  extends
    IntakeRecords,
    ExemptionRecords,
    GateStore,
    PlanRecords,
    StepStore,
    ReservationRecords,
    CriteriaRecords,
    RollbackRecords,
    WatchRecords {
  readonly facts: FactRecords;
  readonly verdicts: VerdictRecords;
  readonly notices: NoticeRecords;
  readonly deployments: DeploymentRecords;
  readonly approvals: ApprovalRecords;
  readonly artifacts: ArtifactRecords;
  readonly inventory: InventoryRecords;
  readonly locks: LockRecords;
  readonly timeline: TimelineRecords;
  readonly audit: AuditRecords;
  readonly configuration: ConfigurationRecords;
  readonly profiles: ProfileRecords;
  readonly negotiations: NegotiationRecords;
  readonly cover: CoverRecords;
  readonly business: BusinessCalendarRecords;
}

/** Runs `body` in one transaction, repeated within a limit when the database asks for it. */
export type Transact = <T>(body: (records: Records) => Promise<T>) => Promise<T>;

export interface FactRecords {
  /** All facts that a verdict on the subject may depend on, read in this transaction's snapshot. */
  readonly load: (subject: Subject, at: Temporal.Instant, horizon: Temporal.Instant) => Promise<Facts>;
  /** The person behind an account, from the configuration in force; null if there is none. */
  readonly personOfAccount: (account: string) => Promise<string | null>;
}

export interface ConfigurationRecords {
  /** The documents in force, in the order of an export. */
  readonly inForce: () => Promise<readonly Document[]>;
  /** Makes exactly these the documents in force from `at` on; rows of before keep their time. Returns the revision. */
  readonly replace: (documents: readonly Document[], at: Temporal.Instant, by: string) => Promise<number>;
  /** Makes exactly these the cases (kind PolicyCase) that are kept beside the configuration. */
  readonly keepCases: (documents: readonly Document[], at: Temporal.Instant, by: string) => Promise<void>;
}

export const gates = ["question", "request", "gate", "sweep", "start", "stage"] as const;
/** Where a verdict was asked for (semantics §1). Always the same function. */
export type Gate = (typeof gates)[number];

export interface VerdictRecords {
  /** Stored with its facts, never overwritten; allowed ones too. */
  readonly save: (verdict: Verdict, facts: Facts, gate: Gate, deployment: DeploymentId | null) => Promise<VerdictId>;
  readonly find: (id: VerdictId) => Promise<Verdict | null>;
}

/** Records for those who were told an earlier verdict on the work that it no longer holds; how many they are. */
export interface NoticeRecords {
  readonly add: (notice: {
    readonly deployment: DeploymentId;
    readonly verdict: VerdictId;
    readonly at: Temporal.Instant;
    readonly correction: Correction;
  }) => Promise<number>;
}

/** One execution of a booking, from request to end. */
export interface DeploymentRecord {
  readonly id: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  readonly digest: string;
  readonly contentDigest: string;
  readonly state: DeploymentState;
  /** `fail`: a request that must not wait ends as `rejected` when it is not allowed at once. */
  readonly whenBlocked: "wait" | "fail";
  /** The verdict in force. */
  readonly verdict: VerdictId | null;
  /** Durable timer of waiting work: judged again at or after this instant; null when not waiting. */
  readonly nextCheckAt: Temporal.Instant | null;
  readonly requestedAt: Temporal.Instant;
  readonly startedAt: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  /** Version that was live when the run started; null before, or if there was none. */
  readonly control: string | null;
  readonly fence: number | null;
  /** Share of live traffic of the new version, in per cent, as last confirmed at the target. */
  readonly percent: number;
  /** Why it ended as it did, for a person; null before the end. */
  readonly outcome: string | null;
  readonly abortRequestedBy: string | null;
  /** Account and idempotency key of the request that made it; null when the request carried no key. */
  readonly requestKey: string | null;
  /** Id of its durable run, once there is one: messages go there. */
  readonly run: string | null;
  /** Why the run holds its position and asks a person; null when it does not. */
  readonly held: string | null;
}

export interface DeploymentRecords {
  readonly insert: (deployment: DeploymentRecord, planned: Span) => Promise<void>;
  /** Moves the planned span of its booking. */
  readonly replan: (booking: BookingId, planned: Span) => Promise<void>;
  readonly find: (id: DeploymentId) => Promise<DeploymentRecord | null>;
  /** Locks the row for this transaction. */
  readonly findForUpdate: (id: DeploymentId) => Promise<DeploymentRecord | null>;
  /** Fails (throws) when the state in the store is not `from`: terminal states are final. */
  readonly move: (
    id: DeploymentId,
    from: DeploymentState,
    to: DeploymentState,
    change: DeploymentChange,
  ) => Promise<void>;
  readonly note: (id: DeploymentId, change: DeploymentChange) => Promise<void>;
  /** Waiting deployments whose timer is due, oldest first, locked and skipping what another node holds. */
  readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly DeploymentRecord[]>;
  /** Makes waiting work in the environment (null: everywhere) due at once: a fact it may wait for has changed. */
  readonly wake: (environment: string | null, now: Temporal.Instant) => Promise<void>;
  /** What a request with this account and key made before. */
  readonly findByRequest: (requestKey: string) => Promise<DeploymentRecord | null>;
  /** Running deployments, those on hold and paused included. */
  readonly running: () => Promise<readonly DeploymentRecord[]>;
  /** Another deployment of the same service, version and environment that has not ended. */
  readonly findOpen: (service: string, version: string, environment: string) => Promise<DeploymentRecord | null>;
  /** What has not ended of what the person asked for, and of what he wrote, the newest first. */
  readonly openOf: (person: string, limit: number) => Promise<readonly DeploymentRecord[]>;
}

/** Fields that may change after insertion; absent means unchanged. */
export interface DeploymentChange {
  readonly verdict?: VerdictId;
  readonly nextCheckAt?: Temporal.Instant | null;
  readonly startedAt?: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  readonly control?: string | null;
  readonly fence?: number;
  readonly percent?: number;
  readonly outcome?: string;
  readonly abortRequestedBy?: string;
  readonly run?: string;
  readonly held?: string | null;
}

export interface ApprovalRecords {
  /** One per person and content; the answer is false when this person has decided on this content before. */
  readonly insert: (deployment: DeploymentId, approval: Approval) => Promise<boolean>;
}

export interface ArtifactRecords {
  readonly find: (service: string, version: string) => Promise<Artifact | null>;
  /** The newest version of the service with this digest. */
  readonly findByDigest: (service: string, digest: string) => Promise<Artifact | null>;
  /** `conflict`: the version exists with another digest; versions are immutable. */
  readonly register: (artifact: Artifact) => Promise<"registered" | "known" | "conflict">;
}

export interface InventoryRecords {
  /** Version live in the environment now. */
  readonly current: (
    service: string,
    environment: string,
  ) => Promise<{ readonly version: string; readonly digest: string } | null>;
  /** What was live there before it; null: nothing is live, nothing else ever was, or what is live came back itself. */
  readonly former: (
    service: string,
    environment: string,
  ) => Promise<{ readonly version: string; readonly digest: string } | null>;
  /** What is live at these places, without those where something is being changed, in no order. */
  readonly settled: (
    places: readonly ServicePlace[],
  ) => Promise<readonly (ServicePlace & { readonly version: string; readonly digest: string })[]>;
  /**
   * Whether somebody knows better what is live there than the holder of a lock that has ended: another run of the
   * service has started under a higher number, or what is live was recorded after the instant.
   */
  readonly isOvertaken: (
    former: ServicePlace & { readonly fence: number | null; readonly endedAt: Temporal.Instant },
  ) => Promise<boolean>;
  /** Ends the row in force and opens a new one at `at`; nothing is overwritten. */
  readonly record: (
    live: ServicePlace & {
      readonly version: string;
      readonly digest: string;
      readonly at: Temporal.Instant;
      readonly deployment: DeploymentId | null;
    },
  ) => Promise<void>;
}

export interface LockRecords {
  /** The lock with a new, higher fencing number, or the holder that has it. Taking it again by its holder keeps the number. */
  readonly take: (
    key: string,
    holder: string,
    until: Temporal.Instant | null,
  ) => Promise<{ readonly taken: true; readonly fence: number } | { readonly taken: false; readonly by: HeldLock }>;
  /** True when the holder still had it. */
  readonly release: (key: string, holder: string) => Promise<boolean>;
  /** A new, higher number for a holder that keeps it; null: it does not have it. */
  readonly renew: (key: string, holder: string) => Promise<number | null>;
  /** The keys of what it holds. */
  readonly heldBy: (holder: string) => Promise<readonly string[]>;
}

export interface CoverRecords extends RotaRecords, SubscriptionRecords {
  /** Work not begun whose failure the team would feel, in the order of its planned start. */
  readonly plannedFelt: (
    team: string,
    limit: number,
  ) => Promise<readonly { readonly deployment: DeploymentRecord; readonly planned: Span }[]>;
}

export const stepKinds = [
  "lock",
  "judge",
  "preflight",
  "start-version",
  "smoke",
  "shift-traffic",
  "observe",
  "roll-back",
  "verify",
  "record",
  "stop-version",
  "wait",
] as const;
export type StepKind = (typeof stepKinds)[number];

/** One line of a deployment's timeline. */
export interface TimelineEvent {
  readonly deployment: DeploymentId;
  readonly at: Temporal.Instant;
  readonly step: StepKind;
  /** Unique within the deployment: a repeated step writes its line once. */
  readonly name: string;
  readonly phase: "started" | "done" | "failed" | "info";
  readonly sentence: string;
  readonly detail: unknown;
}

export interface TimelineRecords {
  /** False when this line (deployment, name, phase) is there already: the step is being repeated. */
  readonly append: (event: TimelineEvent) => Promise<boolean>;
  /**
   * Keeps what was seen of runs, each once. A repeated second of traffic overwrites itself with equal values; what was
   * judged stays. Who has asked to abort which of them.
   */
  readonly keepSights: (sights: readonly Sight[]) => Promise<ReadonlyMap<DeploymentId, string>>;
}

/** What one look at a version under way has brought: seconds of traffic for its chart, and what the judge made of them. */
export interface Sight {
  readonly deployment: DeploymentId;
  readonly samples: readonly TrafficSample[];
  readonly looks: readonly StageLook[];
}

export interface TrafficSample {
  readonly second: number;
  readonly arm: "control" | "canary";
  readonly requests: number;
  readonly errors: number;
  /** 95th percentile of the latency in this second, in milliseconds; null without requests. */
  readonly p95Ms: number | null;
}

/** Who did it: person and the account and method used; `system` for what nobody asked for at that moment. */
export interface Actor {
  readonly person: string;
  readonly account: string;
  readonly method: "session" | "token" | "system";
}

export const systemActor: Actor = { person: "system", account: "tidegate", method: "system" };

export interface AuditRecord {
  readonly at: Temporal.Instant;
  readonly actor: Actor;
  /** `noun.verb`, in the words of the glossary: `deployment.request`, `approval.decide`, `deployment.roll-back`. */
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly verdict: VerdictId | null;
  readonly requestId: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditRecords {
  /** Appended in the transaction of the act. */
  readonly append: (entry: AuditRecord) => Promise<void>;
}
