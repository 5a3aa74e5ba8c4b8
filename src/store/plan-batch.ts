import type { RunEnd } from "#core/plan/advance.ts";
import type { RunBatch, RunRecords } from "./plan-run-records.ts";
import {
  runsForUpdate,
  stepsOfRuns,
  type StoredBegin,
  type StoredRun,
  type StoredStep,
  type StoredStepId,
} from "./plan-run.ts";
import { toTimestamp, toTimestampOrNull } from "./row.ts";
import { execute, sql, type Queryable } from "./sql.ts";

interface Slot {
  run: StoredRun;
  isChanged: boolean;
  readonly steps: StepSlot[];
}

interface StepSlot {
  step: StoredStep;
  state: "stored" | "new" | "changed";
}

/** Locks and reads them together; see `RunBatch`. */
export async function batchOf(client: Queryable, direct: RunRecords, ids: readonly string[]): Promise<RunBatch> {
  const found = await runsForUpdate(client, ids);
  const slots = new Map(found.map((run): [string, Slot] => [run.id, { run, isChanged: false, steps: [] }]));
  for (const step of await stepsOfRuns(client, [...slots.keys()])) {
    slots.get(step.run)?.steps.push({ step, state: "stored" });
  }
  return { found, runs: batchedRuns(direct, slots), flush: () => flush(client, [...slots.values()]) };
}

function batchedRuns(direct: RunRecords, slots: ReadonlyMap<string, Slot>): RunRecords {
  const change = (slot: Slot, by: Partial<StoredRun>): void => {
    slot.run = { ...slot.run, ...by };
    slot.isChanged = true;
  };
  const find = (id: string) => {
    const slot = slots.get(id);
    return slot === undefined ? null : slot.run;
  };
  return {
    ...direct,
    ...batchedSteps(direct, slots),
    find: async (id) => find(id) ?? (await direct.find(id)),
    findForUpdate: async (id) => find(id) ?? (await direct.findForUpdate(id)),
    turn: async (id, turned) => {
      const slot = slots.get(id);
      if (slot === undefined) await direct.turn(id, turned);
      else change(slot, { turned });
    },
    handOver: async (id, owner) => {
      const slot = slots.get(id);
      if (slot === undefined) await direct.handOver(id, owner);
      else change(slot, { owner });
    },
    overrun: async (id, overrun) => {
      const slot = slots.get(id);
      if (slot === undefined) await direct.overrun(id, overrun);
      else change(slot, { overrun });
    },
    end: async (id, end: { readonly state: RunEnd; readonly at: Temporal.Instant; readonly outcome: string }) => {
      const slot = slots.get(id);
      if (slot === undefined) await direct.end(id, end);
      else change(slot, { state: end.state, endedAt: end.at, outcome: end.outcome });
    },
  };
}

type StepWrites = Pick<RunRecords, "steps" | "beginStep" | "resumeStep" | "wakeQueued" | "lookAgain" | "endStep">;

function batchedSteps(direct: RunRecords, slots: ReadonlyMap<string, Slot>): StepWrites {
  const change = (id: StoredStepId, by: Partial<StoredStep>): boolean => {
    const slot = slots.get(id.run)?.steps.find(({ step }) => step.part === id.part && step.name === id.name);
    if (slot === undefined) return false;
    slot.step = { ...slot.step, ...by };
    if (slot.state === "stored") slot.state = "changed";
    return true;
  };
  const begun = ({ state, ...step }: StoredBegin): StoredStep => ({
    ...step,
    state,
    endedAt: null,
    outcome: null,
    answer: null,
    notes: step.notes ?? null,
    watches: step.watches ?? null,
  });
  return {
    steps: async (id) => slots.get(id)?.steps.map(({ step }) => step) ?? (await direct.steps(id)),
    beginStep: async (step) => {
      const slot = slots.get(step.run);
      if (slot === undefined) await direct.beginStep(step);
      else slot.steps.push({ step: begun(step), state: "new" });
    },
    resumeStep: async (step) => {
      if (!change(step, { ...step, state: "running" })) await direct.resumeStep(step);
    },
    wakeQueued: async (step, at) => {
      const known = slots
        .get(step.run)
        ?.steps.find((one) => one.step.part === step.part && one.step.name === step.name);
      if (known === undefined) await direct.wakeQueued(step, at);
      else if (known.step.state === "queued") change(step, { lookAt: at });
    },
    lookAgain: async (step, at, kept = {}) => {
      if (!change(step, { lookAt: at, ...kept })) await direct.lookAgain(step, at, kept);
    },
    endStep: async (step, at, end) => {
      const by = { state: end.state, endedAt: at, lookAt: null, outcome: end.outcome, answer: end.answer ?? null };
      const kept = end.notes === undefined ? {} : { notes: end.notes };
      if (!change(step, { ...by, ...kept })) await direct.endStep(step, at, end);
    },
  };
}

async function flush(client: Queryable, slots: readonly Slot[]): Promise<void> {
  const steps = slots.flatMap((slot) => slot.steps);
  await writeSteps(
    client,
    steps.filter(({ state }) => state === "new"),
    "insert",
  );
  await writeSteps(
    client,
    steps.filter(({ state }) => state === "changed"),
    "update",
  );
  const runs = slots.filter(({ isChanged }) => isChanged).map(({ run }) => run);
  if (runs.length === 0) return;
  const rows = runs.map((run) => ({
    id: run.id,
    owner: run.owner,
    state: run.state,
    turned_by: run.turned?.by ?? null,
    turned_at: toTimestampOrNull(run.turned?.at),
    turn_reason: run.turned?.reason ?? null,
    ended_at: toTimestampOrNull(run.endedAt),
    outcome: run.outcome,
    overrun_at: toTimestampOrNull(run.overrun?.at),
    overrun_because: run.overrun?.because ?? null,
  }));
  await execute(
    client,
    sql`update plan_run r set owner = n.owner, state = n.state, turned_by = n.turned_by, turned_at = n.turned_at,
          turn_reason = n.turn_reason, ended_at = n.ended_at, outcome = n.outcome,
          overrun_at = n.overrun_at, overrun_because = n.overrun_because
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(id text, owner text, state text, turned_by text,
          turned_at timestamptz, turn_reason text, ended_at timestamptz, outcome text, overrun_at timestamptz, overrun_because text)
        where r.id = n.id`,
  );
}

async function writeSteps(client: Queryable, slots: readonly StepSlot[], how: "insert" | "update"): Promise<void> {
  if (slots.length === 0) return;
  const rows = slots.map(({ step }) => ({
    run_id: step.run,
    part: step.part,
    name: step.name,
    state: step.state,
    begun_at: toTimestamp(step.begunAt),
    deadline: toTimestamp(step.deadline),
    look_at: toTimestampOrNull(step.lookAt),
    deployment_id: step.deployment,
    ended_at: toTimestampOrNull(step.endedAt),
    outcome: step.outcome,
    answered_by: step.answer?.by ?? null,
    answer: step.answer?.form ?? null,
    notes: step.notes,
    watched_environment: step.watches?.environment ?? null,
    watched_services: step.watches?.services ?? null,
    watched_digests: step.watches?.digests ?? null,
  }));
  const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(run_id text, part text, name text, state text,
    begun_at timestamptz, deadline timestamptz, look_at timestamptz, deployment_id text, ended_at timestamptz, outcome text,
    answered_by text, answer jsonb, notes jsonb, watched_environment text, watched_services text[], watched_digests text[])`;
  await execute(
    client,
    how === "insert"
      ? sql`insert into plan_step (run_id, part, name, state, begun_at, deadline, look_at, deployment_id, ended_at, outcome,
                                   answered_by, answer, notes, watched_environment, watched_services, watched_digests)
            select n.run_id, n.part, n.name, n.state, n.begun_at, n.deadline, n.look_at, n.deployment_id, n.ended_at,
                   n.outcome, n.answered_by, n.answer, n.notes, n.watched_environment, n.watched_services,
                   n.watched_digests
            from ${given}`
      : sql`update plan_step s set state = n.state, begun_at = n.begun_at, deadline = n.deadline, look_at = n.look_at,
              deployment_id = n.deployment_id, ended_at = n.ended_at, outcome = n.outcome, answered_by = n.answered_by,
              answer = n.answer, notes = n.notes, watched_environment = n.watched_environment,
              watched_services = n.watched_services, watched_digests = n.watched_digests
            from ${given} where (s.run_id, s.part, s.name) = (n.run_id, n.part, n.name)`,
  );
}
