import type { JudgeRehearsal, StepAction } from "#core/plan/action.ts";
import { naturalUndo } from "#core/plan/act.ts";
import type { Plan, PlanStep } from "#core/plan/plan.ts";
import type { RehearsalPlan } from "#core/rollback/rehearsal.ts";

/** Named limits of a rehearsal, in seconds: what takes longer is no way back for a night. */
const seconds = {
  data: 1_800,
  migrate: 3_600,
  flag: 300,
  start: 600,
  smoke: 300,
  shift: 300,
  turn: 600,
  judge: 60,
} as const;

export type RehearsedPair = Omit<JudgeRehearsal, "kind">;

/**
 * The real way back, and nothing made up for the rehearsal: what a rollout does is done, and then undone by the steps that
 * undo it. Data are read before the first change and behind the last one; forward each step waits for the one before it.
 */
export function planOfRehearsal(plan: RehearsalPlan, pair: RehearsedPair): Plan {
  const { service, version, environment } = pair;
  const place = { service, version, environment };
  const forward = inOrder([
    ...dataSteps(plan, pair),
    ...plan.migrates.map((database) =>
      step(`migrate ${database}`, { kind: "migrate-schema", ...place, database, direction: "up" }, seconds.migrate),
    ),
    ...(plan.flags ?? []).map(({ project, flag, isOn }) =>
      step(`flag ${project}/${flag}`, { kind: "flag", service, environment, project, flag, isOn }, seconds.flag),
    ),
    step("start", { kind: "start-version", ...place }, seconds.start),
    step("smoke", { kind: "smoke", ...place }, seconds.smoke),
    step("shift", { kind: "shift-traffic", ...place, percent: 100 }, seconds.shift),
    step("turn", { kind: "turn-back", reason: "The rehearsal goes back now, on purpose." }, seconds.turn),
  ]);
  const rollback = inOrder([
    ...dataSteps(plan, pair),
    step("judge", { kind: "judge-rehearsal", ...pair }, seconds.judge),
  ]);
  const total = [...forward, ...forward, ...rollback].reduce((sum, one) => sum + one.timeoutSeconds, 0);
  return { steps: forward, rollback, parallel: 1, withinSeconds: total };
}

function dataSteps({ data }: RehearsalPlan, { service, environment }: RehearsedPair): readonly PlanStep[] {
  return data.map(({ database, tables }) =>
    step(dataStep(database), { kind: "digest-data", service, environment, database, tables }, seconds.data),
  );
}

/** Name of the step that reads a database, on the way forward and behind the way back. */
export function dataStep(database: string): string {
  return `data ${database}`;
}

function step(name: string, action: StepAction, timeoutSeconds: number): PlanStep {
  const undo = naturalUndo(name, action);
  const compensation: PlanStep["compensation"] =
    undo === null ? { kind: "none-needed" } : { kind: "undo", action: undo };
  return { name, after: [], action, timeoutSeconds, attempts: 3, compensation, uses: [] };
}

function inOrder(steps: readonly PlanStep[]): readonly PlanStep[] {
  return steps.map((one, place) => {
    const before = steps[place - 1];
    return before === undefined ? one : { ...one, after: [before.name] };
  });
}
