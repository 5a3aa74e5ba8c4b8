import type { DeploymentId } from "#core/id.ts";
import type { DecisionEnd, DecisionStatement, RollbackDecision } from "#core/rollback/decision.ts";
import { newId } from "#runtime/ids.ts";
import type { LeftVersion } from "#core/rollout/left-version.ts";
import { claimLeft, decideOnLeft, insertLeft, leftOf, saveLeft } from "./left-version.ts";
import { insertRehearsal, rehearsalsOf, type StoredRehearsal } from "./rehearsal.ts";
import {
  decisionsOf,
  dueDecisions,
  endDecision,
  insertDecision,
  insertStatement,
  noteSent,
  openDecisionOf,
  openDecisions,
} from "./rollback-decision.ts";
import { askedSessions, heldRuns, type AskedRun } from "./run-asks.ts";
import type { Queryable } from "./sql.ts";

/** Who decides on the way back, and what was rehearsed, in one transaction. */
export interface RollbackRecords {
  readonly rollbackDecisions: {
    readonly newId: () => string;
    readonly open: (decision: RollbackDecision, dueAt: Temporal.Instant | null) => Promise<boolean>;
    readonly openOf: (deployment: DeploymentId) => Promise<RollbackDecision | null>;
    readonly of: (deployment: DeploymentId) => Promise<readonly RollbackDecision[]>;
    readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly RollbackDecision[]>;
    readonly allOpen: (limit: number) => Promise<readonly RollbackDecision[]>;
    readonly say: (decision: string, statement: DecisionStatement) => Promise<void>;
    readonly sent: (decision: string, keys: readonly string[], dueAt: Temporal.Instant | null) => Promise<void>;
    readonly end: (decision: string, end: DecisionEnd) => Promise<void>;
  };
  readonly rehearsals: {
    readonly newReportId: () => string;
    readonly insert: (rehearsal: StoredRehearsal) => Promise<boolean>;
    readonly of: (service: string | null, limit: number) => Promise<readonly StoredRehearsal[]>;
  };
  readonly leftVersions: {
    readonly insert: (left: LeftVersion) => Promise<void>;
    readonly claim: (now: Temporal.Instant, until: Temporal.Instant) => Promise<LeftVersion | null>;
    readonly save: (left: LeftVersion) => Promise<boolean>;
    readonly decide: (left: LeftVersion) => Promise<boolean>;
    readonly of: (deployment: DeploymentId) => Promise<readonly LeftVersion[]>;
  };
  readonly runAsks: {
    readonly held: (limit: number) => Promise<readonly AskedRun[]>;
    readonly sessions: (limit: number) => Promise<readonly AskedRun[]>;
  };
}

export function rollbackRecordsOf(client: Queryable): RollbackRecords {
  return {
    rollbackDecisions: {
      newId: () => newId("decision"),
      open: (decision, dueAt) => insertDecision(client, decision, dueAt),
      openOf: (deployment) => openDecisionOf(client, deployment),
      of: (deployment) => decisionsOf(client, deployment),
      due: (now, limit) => dueDecisions(client, now, limit),
      allOpen: (limit) => openDecisions(client, limit),
      say: (decision, statement) => insertStatement(client, decision, statement),
      sent: (decision, keys, dueAt) => noteSent(client, decision, keys, dueAt),
      end: (decision, end) => endDecision(client, decision, end),
    },
    rehearsals: {
      newReportId: () => newId("report"),
      insert: (rehearsal) => insertRehearsal(client, rehearsal),
      of: (service, limit) => rehearsalsOf(client, service, limit),
    },
    leftVersions: {
      insert: (left) => insertLeft(client, left),
      claim: (now, until) => claimLeft(client, now, until),
      save: (left) => saveLeft(client, left),
      decide: (left) => decideOnLeft(client, left),
      of: (deployment) => leftOf(client, deployment),
    },
    runAsks: {
      held: (limit) => heldRuns(client, limit),
      sessions: (limit) => askedSessions(client, limit),
    },
  };
}
