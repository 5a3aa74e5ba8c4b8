import { z } from "zod";
import { runEnds, stepStates } from "#core/plan/advance.ts";
import { parts } from "#core/plan/plan.ts";
import { deploymentId } from "#store/row.ts";
import type { SimDatabase } from "./database.ts";

/** The second of the three ledgers: what the database says at one instant, read past all faults. */
export interface Snapshot {
  readonly runs: readonly RunRow[];
  readonly steps: readonly StepRow[];
  readonly claims: readonly ClaimRow[];
  readonly deployments: readonly DeploymentRow[];
  readonly approvals: readonly { readonly digest: string; readonly person: string; readonly decision: string }[];
  readonly holds: readonly HoldRow[];
  readonly stops: readonly { readonly id: string; readonly ended: boolean }[];
  readonly acts: readonly { readonly action: string; readonly object: string; readonly count: number }[];
  readonly flows: readonly {
    readonly id: string;
    readonly state: string;
    readonly takes: number;
    readonly output: string | null;
  }[];
  readonly decisions: readonly DecisionRow[];
  /** What steps do at targets. */
  readonly deeds: readonly DeedRow[];
  /** Locks of environments, and who has them. */
  readonly locks: readonly { readonly key: string; readonly holder: string; readonly fence: number }[];
  /** Messages of steps, by key: persons who got it. */
  readonly told: readonly { readonly key: string; readonly count: number }[];
  readonly gates: readonly { readonly id: string; readonly run: string | null }[];
  /** Webhooks that nobody has handled yet. */
  readonly hooksLeft: number;
  readonly auditEntries: number;
}

const instant = z.string().transform((text) => Temporal.Instant.from(text));

const decisionRow = z.object({
  run: z.string(),
  part: z.enum(parts),
  name: z.string(),
  person: z.string(),
  decision: z.enum(["approved", "rejected"]),
});
export type DecisionRow = z.infer<typeof decisionRow>;

const deedRow = z.object({
  run: z.string(),
  part: z.enum(parts),
  name: z.string(),
  environment: z.string(),
  service: z.string(),
  fence: z.int().nullable(),
  version: z.string().nullable(),
  digest: z.string().nullable(),
});
export type DeedRow = z.infer<typeof deedRow>;

const runRow = z.object({
  id: z.string(),
  runbook: z.string(),
  state: z.enum(["running", ...runEnds]),
  key: z.string().nullable(),
  owner: z.string(),
  startedBy: z.string(),
  turnAt: instant,
  turnedBy: z.string().nullable(),
  turnedAt: instant.nullable(),
  endedAt: instant.nullable(),
  outcome: z.string().nullable(),
  priority: z.int(),
});
export type RunRow = z.infer<typeof runRow>;

const stepRow = z.object({
  run: z.string(),
  part: z.enum(parts),
  name: z.string(),
  state: z.enum(stepStates),
  begunAt: instant,
  deadline: instant,
  lookAt: instant.nullable(),
  endedAt: instant.nullable(),
  outcome: z.string().nullable(),
  answeredBy: z.string().nullable(),
  deployment: z.string().nullable(),
  /** Digest of the content that consent is asked for. */
  content: z.string().nullable(),
  /** It says what it waits for, and looks for that every few seconds or minutes. */
  waits: z.boolean(),
});
export type StepRow = z.infer<typeof stepRow>;

const claimRow = z.object({
  seq: z.int(),
  run: z.string(),
  part: z.enum(parts),
  name: z.string(),
  resource: z.string(),
  units: z.int(),
  priority: z.int(),
  fence: z.int().nullable(),
  released: z.boolean(),
});
export type ClaimRow = z.infer<typeof claimRow>;

const deploymentRow = z.object({
  id: deploymentId,
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  action: z.string(),
  state: z.string(),
  requestedBy: z.string(),
  key: z.string().nullable(),
  digest: z.string(),
  contentDigest: z.string(),
  fence: z.int().nullable(),
  nextCheckAt: instant.nullable(),
  run: z.string().nullable(),
  held: z.string().nullable(),
  abort: z.string().nullable(),
});
export type DeploymentRow = z.infer<typeof deploymentRow>;

const holdRow = z.object({ id: z.string(), by: z.string(), environment: z.string().nullable(), ended: z.boolean() });
export type HoldRow = z.infer<typeof holdRow>;

const snapshot = z.object({
  runs: z.array(runRow),
  steps: z.array(stepRow),
  claims: z.array(claimRow),
  deployments: z.array(deploymentRow),
  approvals: z.array(z.object({ digest: z.string(), person: z.string(), decision: z.string() })),
  holds: z.array(holdRow),
  stops: z.array(z.object({ id: z.string(), ended: z.boolean() })),
  acts: z.array(z.object({ action: z.string(), object: z.string(), count: z.int() })),
  flows: z.array(z.object({ id: z.string(), state: z.string(), takes: z.int(), output: z.string().nullable() })),
  decisions: z.array(decisionRow),
  deeds: z.array(deedRow),
  locks: z.array(z.object({ key: z.string(), holder: z.string(), fence: z.int() })),
  told: z.array(z.object({ key: z.string(), count: z.int() })),
  gates: z.array(z.object({ id: z.string(), run: z.string().nullable() })),
  hooksLeft: z.int(),
  auditEntries: z.int(),
});

const rows = (text: string, order: string): string =>
  `(select coalesce(jsonb_agg(to_jsonb(q) order by ${order}), '[]') from (${text}) q)`;

const statement = `select jsonb_build_object(
  'runs', ${rows(`select id, runbook, state, request_key as key, owner, started_by as "startedBy", turn_at as "turnAt", turned_by as "turnedBy", turned_at as "turnedAt", ended_at as "endedAt", outcome, priority from plan_run`, "q.id")},
  'steps', ${rows(`select seq, run_id as run, part, name, state, begun_at as "begunAt", deadline, look_at as "lookAt", ended_at as "endedAt", outcome, answered_by as "answeredBy", deployment_id as deployment, notes ->> 'content' as content, coalesce(jsonb_typeof(notes -> 'waits') = 'object', false) as waits from plan_step`, "q.seq")},
  'claims', ${rows(`select seq, run_id as run, part, name, resource, units, priority, fence, released_at is not null as released from plan_claim`, "q.seq")},
  'deployments', ${rows(`select d.id, d.service, d.version, d.environment, b.subject ->> 'action' as action, d.state, b.requested_by as "requestedBy", d.request_key as key, d.digest, b.content_digest as "contentDigest", d.fence, d.next_check_at as "nextCheckAt", d.run, d.held, d.abort_requested_by as abort from deployment d join booking b on b.id = d.booking_id`, "q.id")},
  'approvals', ${rows(`select content_digest as digest, person, decision from approval`, "q.digest, q.person")},
  'holds', ${rows(`select id, placed_by as by, scope -> 'environments' ->> 0 as environment, ended_at is not null as ended from hold`, "q.id")},
  'stops', ${rows(`select id, ended_at is not null as ended from stop`, "q.id")},
  'acts', ${rows(`select action, object, count(*) as count from audit_entry group by action, object`, "q.action, q.object")},
  'flows', ${rows(`select id, state, takes, output::text from sim.flow`, "q.id")},
  'decisions', ${rows(`select seq, run_id as run, part, name, person, decision from plan_approval`, "q.seq")},
  'deeds', ${rows(`select run_id as run, part, name, environment, service, fence, request ->> 'version' as version, request ->> 'digest' as digest from plan_act`, "q.run, q.part, q.name")},
  'locks', ${rows(`select key, holder, fence from environment_lock`, "q.key")},
  'told', ${rows(`select key, count(*) as count from plan_message group by key`, "q.key")},
  'gates', ${rows(`select id, external_run as run from gate`, "q.id")},
  'hooksLeft', (select count(*) from hook_delivery where state = 'received'),
  'auditEntries', (select count(*) from audit_entry)) as snapshot`;

export async function readSnapshotOf(database: SimDatabase): Promise<Snapshot> {
  const [found] = await database.look(statement, [], (row) => z.object({ snapshot }).parse(row).snapshot, "snapshot");
  if (found === undefined) throw new Error("the database has nothing to say");
  return found;
}
