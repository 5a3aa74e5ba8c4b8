import type { Document } from "#config/document.ts";
import { compareDocuments } from "#config/encode.ts";
import type { Approval } from "#core/approval/approval.ts";
import type { Span } from "#core/span.ts";
import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { Artifact } from "#core/release/artifact.ts";
import { newId } from "#runtime/ids.ts";
import { insertApproval } from "./approval.ts";
import { findArtifact, findArtifactByDigest, registerArtifact } from "./artifact.ts";
import { appendAudit, type AuditAct } from "./audit.ts";
import { applyDocuments, documentsInForce } from "./configuration.ts";
import {
  dueDeployments,
  findDeployment,
  findDeploymentForUpdate,
  findOpenDeployment,
  openDeploymentsOf,
  findRequestedDeployment,
  insertDeployment,
  moveDeployment,
  noteDeployment,
  replanBooking,
  runningDeployments,
  type StoredChange,
  type StoredDeployment,
} from "./deployment.ts";
import { wakeConcerned, type Wake } from "./deployment-wake.ts";
import { loadFacts } from "./facts.ts";
import { currentVersion, formerVersion, isOvertaken, recordVersion, settledAt } from "./inventory.ts";
import { locksOf, releaseLock, renewLock, takeLock, type LockHolder, type Take } from "./lock.ts";
import { keepPolicyCases } from "./policy-case.ts";
import { insertNotices, type NoticeEntry } from "./notice.ts";
import { personOfAccount, type OrganisationCache } from "./organisation.ts";
import type { Queryable } from "./sql.ts";
import { keepSights, type Sight } from "./sight.ts";
import { appendLine, type TimelineLine } from "./timeline.ts";
import { businessRecordsOf, type BusinessRecords } from "./records-business.ts";
import { criteriaRecordsOf, type CriteriaRecords } from "./records-criteria.ts";
import { exemptionRecordsOf, type ExemptionRecords } from "./records-exemption.ts";
import { intakeRecordsOf, type IntakeRecords } from "./records-intake.ts";
import { calendarRecordsOf, type CalendarRecords } from "./records-calendar.ts";
import { planRecordsOf, type PlanRecords } from "./records-plan.ts";
import { stepRecordsOf, type StepRecords } from "./plan-step-kept.ts";
import { gateRecordsOf, type GateRecords } from "./records-gate.ts";
import { rollbackRecordsOf, type RollbackRecords } from "./records-rollback.ts";
import { watchRecordsOf, type WatchRecords } from "./records-watch.ts";
import { reservationRecordsOf, type ReservationRecords } from "./records-reservation.ts";
import { findVerdict, parseVerdict, saveVerdict, type VerdictGate } from "./verdict.ts";

export interface RecordHooks {
  /** Shared by all records of a process. */
  readonly organisations: OrganisationCache;
  /** How waiting work is woken; absent: its rows are locked and made due at once. */
  readonly wake?: Wake | undefined;
}

/** What use cases and workflows do in one transaction: that of `client`. */
export interface StoreRecords
  extends
    CalendarRecords,
    BusinessRecords,
    IntakeRecords,
    GateRecords,
    ExemptionRecords,
    PlanRecords,
    StepRecords,
    ReservationRecords,
    WatchRecords,
    CriteriaRecords,
    RollbackRecords {
  readonly facts: {
    readonly load: (subject: Subject, at: Temporal.Instant, horizon: Temporal.Instant) => Promise<Facts>;
    readonly personOfAccount: (account: string) => Promise<string | null>;
  };
  readonly verdicts: {
    readonly save: (
      verdict: Verdict,
      facts: Facts,
      gate: VerdictGate,
      deployment: DeploymentId | null,
    ) => Promise<VerdictId>;
    readonly find: (id: VerdictId) => Promise<Verdict | null>;
  };
  readonly notices: { readonly add: (notice: NoticeEntry) => Promise<number> };
  readonly deployments: {
    readonly insert: (deployment: StoredDeployment, planned: Span) => Promise<void>;
    readonly replan: (booking: BookingId, planned: Span) => Promise<void>;
    readonly find: (id: DeploymentId) => Promise<StoredDeployment | null>;
    readonly findForUpdate: (id: DeploymentId) => Promise<StoredDeployment | null>;
    readonly move: (
      id: DeploymentId,
      from: DeploymentState,
      to: DeploymentState,
      change: StoredChange,
    ) => Promise<void>;
    readonly note: (id: DeploymentId, change: StoredChange) => Promise<void>;
    readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly StoredDeployment[]>;
    readonly wake: (environment: string | null, now: Temporal.Instant) => Promise<void>;
    readonly findByRequest: (requestKey: string) => Promise<StoredDeployment | null>;
    readonly running: () => Promise<readonly StoredDeployment[]>;
    readonly findOpen: (service: string, version: string, environment: string) => Promise<StoredDeployment | null>;
    readonly openOf: (person: string, limit: number) => Promise<readonly StoredDeployment[]>;
  };
  readonly approvals: { readonly insert: (deployment: DeploymentId, approval: Approval) => Promise<boolean> };
  readonly artifacts: {
    readonly find: (service: string, version: string) => Promise<Artifact | null>;
    readonly findByDigest: (service: string, digest: string) => Promise<Artifact | null>;
    readonly register: (artifact: Artifact) => Promise<"registered" | "known" | "conflict">;
  };
  readonly inventory: {
    readonly current: (
      service: string,
      environment: string,
    ) => Promise<{ readonly version: string; readonly digest: string } | null>;
    readonly former: (
      service: string,
      environment: string,
    ) => Promise<{ readonly version: string; readonly digest: string } | null>;
    readonly settled: (places: Parameters<typeof settledAt>[1]) => ReturnType<typeof settledAt>;
    readonly isOvertaken: (former: Parameters<typeof isOvertaken>[1]) => Promise<boolean>;
    readonly record: (live: Parameters<typeof recordVersion>[1]) => Promise<void>;
  };
  readonly locks: {
    readonly take: (key: string, holder: LockHolder, until: Temporal.Instant | null) => Promise<Take>;
    readonly release: (key: string, holder: LockHolder) => Promise<boolean>;
    readonly renew: (key: string, holder: LockHolder) => Promise<number | null>;
    readonly heldBy: (holder: LockHolder) => Promise<readonly string[]>;
  };
  readonly timeline: {
    readonly append: (line: TimelineLine) => Promise<boolean>;
    readonly keepSights: (sights: readonly Sight[]) => Promise<ReadonlyMap<DeploymentId, string>>;
  };
  readonly audit: { readonly append: (act: AuditAct) => Promise<void> };
  readonly configuration: {
    readonly inForce: () => Promise<readonly Document[]>;
    readonly replace: (documents: readonly Document[], at: Temporal.Instant, by: string) => Promise<number>;
    readonly keepCases: (documents: readonly Document[], at: Temporal.Instant, by: string) => Promise<void>;
  };
}

export function recordsOf(client: Queryable, { organisations, wake = wakeConcerned }: RecordHooks): StoreRecords {
  return {
    ...calendarRecordsOf(client, organisations),
    ...businessRecordsOf(client, organisations),
    ...intakeRecordsOf(client, organisations, wake),
    ...gateRecordsOf(client),
    ...criteriaRecordsOf(client),
    ...exemptionRecordsOf(client),
    ...planRecordsOf(client),
    ...stepRecordsOf(client),
    ...reservationRecordsOf(client),
    ...watchRecordsOf(client),
    ...rollbackRecordsOf(client),
    facts: {
      load: (subject, at, horizon) => loadFacts(client, organisations, subject, at, horizon),
      personOfAccount: (account) => personOfAccount(client, organisations, account),
    },
    verdicts: verdictRecordsOf(client),
    notices: { add: (notice) => insertNotices(client, notice) },
    deployments: deploymentRecordsOf(client, wake),
    approvals: {
      insert: (deployment, approval) => insertApproval(client, newId("approval"), deployment, approval),
    },
    artifacts: {
      find: (service, version) => findArtifact(client, service, version),
      findByDigest: (service, digest) => findArtifactByDigest(client, service, digest),
      register: (artifact) => registerArtifact(client, artifact),
    },
    inventory: {
      current: (service, environment) => currentVersion(client, service, environment),
      former: (service, environment) => formerVersion(client, service, environment),
      settled: (places) => settledAt(client, places),
      isOvertaken: (former) => isOvertaken(client, former),
      record: (live) => recordVersion(client, live),
    },
    locks: {
      take: (key, holder, until) => takeLock(client, key, holder, until),
      release: (key, holder) => releaseLock(client, key, holder),
      renew: (key, holder) => renewLock(client, key, holder),
      heldBy: (holder) => locksOf(client, holder),
    },
    timeline: timelineRecordsOf(client),
    audit: { append: (act) => appendAudit(client, newId("audit"), act) },
    configuration: {
      inForce: async () => (await documentsInForce(client)).toSorted(compareDocuments),
      replace: async (documents, at, by) => (await applyDocuments(client, { documents, at, by })).revision,
      keepCases: (documents, at, by) => keepPolicyCases(client, { documents, at, by }),
    },
  };
}

function timelineRecordsOf(client: Queryable): StoreRecords["timeline"] {
  return {
    append: (line) => appendLine(client, line),
    keepSights: (sights) => keepSights(client, sights),
  };
}

function verdictRecordsOf(client: Queryable): StoreRecords["verdicts"] {
  return {
    async save(verdict, facts, gate, deployment) {
      const id = newId<"VerdictId">("verdict");
      await saveVerdict(client, id, { verdict, facts, gate, deployment });
      return id;
    },
    async find(id) {
      const stored = await findVerdict(client, id);
      return stored === null ? null : parseVerdict(stored.verdict);
    },
  };
}

function deploymentRecordsOf(client: Queryable, wake: Wake): StoreRecords["deployments"] {
  return {
    insert: (deployment, planned) => insertDeployment(client, deployment, planned),
    replan: (booking, planned) => replanBooking(client, booking, planned),
    find: (id) => findDeployment(client, id),
    findForUpdate: (id) => findDeploymentForUpdate(client, id),
    move: (id, from, to, change) => moveDeployment(client, id, from, to, change),
    note: (id, change) => noteDeployment(client, id, change),
    due: (now, limit) => dueDeployments(client, now, limit),
    wake: (environment, now) =>
      wake(client, { services: null, environments: environment === null ? [] : [environment], digest: null }, now),
    findByRequest: (requestKey) => findRequestedDeployment(client, requestKey),
    running: () => runningDeployments(client),
    findOpen: (service, version, environment) => findOpenDeployment(client, service, version, environment),
    openOf: (person, limit) => openDeploymentsOf(client, person, limit),
  };
}
