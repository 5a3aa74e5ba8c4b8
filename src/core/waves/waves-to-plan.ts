import type { Plan, PlanStep } from "#core/plan/plan.ts";
import type { Fit } from "./wave-fit.ts";
import type { WavePlan } from "./wave-plan.ts";

export interface WavesAsked {
  readonly plan: WavePlan;
  readonly version: string;
  /** When the waves are expected to go. */
  readonly fit: Fit;
  readonly atMs: number;
}

/** A line on the way back, and a look of a person at the end of it. */
const noteSeconds = 60;
const decideSeconds = 24 * 3600;
/** What a wave may take longer than expected where no limit on the mix says otherwise. */
const slackSeconds = 24 * 3600;

/**
 * The plan of a run: every target is a release of its own, which waits for its own window and watches itself; a wave
 * begins when every target of the one before has soaked. A failure stops all that has not begun. The run turns back by
 * itself when old and new would otherwise run beside each other for longer than the plan allows.
 */
export function planOfWaves(asked: WavesAsked): Plan {
  const { plan, fit, atMs } = asked;
  const spare = spareSeconds(asked);
  const begin = beginStep(firstStart(fit), atMs);
  const steps: PlanStep[] = begin === null ? [] : [begin];
  let before: readonly string[] = begin === null ? [] : [begin.name];
  let fromMs = Math.max(firstStart(fit), atMs);
  for (const wave of fit.waves) {
    const endMs = Math.max(...wave.map((target) => target.endMs));
    const timeoutSeconds = Math.ceil((endMs - fromMs) / 1000) + spare;
    const soaked: string[] = [];
    for (const { environment } of wave) {
      steps.push(deployStep(asked, environment, { after: before, timeoutSeconds }));
      const soak = soakStep(asked, environment);
      steps.push(soak);
      soaked.push(soak.name);
    }
    before = soaked;
    fromMs = endMs + plan.soak.seconds * 1000;
  }
  const rollback = wayBackOf(asked);
  const forwardSeconds = steps.reduce((sum, step) => sum + (isFirstOfWave(fit, step) ? step.timeoutSeconds : 0), 0);
  const backSeconds = Math.max(...rollback.map(({ timeoutSeconds }) => timeoutSeconds));
  return {
    steps,
    rollback,
    parallel: Math.min(50, fit.waves.flat().length),
    withinSeconds: (begin?.timeoutSeconds ?? 0) + forwardSeconds + backSeconds,
  };
}

/** Each wave counts once: its targets go at the same time. */
function isFirstOfWave({ waves }: Fit, { name }: PlanStep): boolean {
  return waves.some(
    ([first]) =>
      first !== undefined && (name === deployName(first.environment) || name === soakName(first.environment)),
  );
}

/** The room between what is expected and what is allowed, shared out among the waves. */
function spareSeconds({ plan: { mixLimitSeconds, soak, targetSeconds }, fit }: WavesAsked): number {
  if (mixLimitSeconds === null) return Math.max(slackSeconds, targetSeconds);
  // The last soak comes behind the last change, and the mix is over then.
  const left = mixLimitSeconds - Math.ceil(fit.mixMs / 1000);
  return Math.max(0, Math.floor((left - soakSlack(soak.seconds) * (fit.waves.length - 1)) / fit.waves.length));
}

/** A soak ends at a look, which may come a little late. */
function soakSlack(seconds: number): number {
  return Math.ceil(seconds / 10) + 60;
}

function firstStart(fit: Fit): number {
  return Math.min(...fit.waves.flat().map(({ startMs }) => startMs));
}

const plain = { attempts: 1, uses: [], compensation: { kind: "none-needed" } } as const;

/** Null when it goes at once. */
function beginStep(startMs: number, atMs: number): PlanStep | null {
  if (startMs <= atMs) return null;
  const at = Temporal.Instant.fromEpochMilliseconds(startMs).toString();
  const timeoutSeconds = Math.ceil((startMs - atMs) / 1000) + 60;
  return { ...plain, name: "begin", after: [], action: { kind: "wait-until", moment: { at } }, timeoutSeconds };
}

function deployStep(
  { plan, version }: WavesAsked,
  environment: string,
  given: Pick<PlanStep, "after" | "timeoutSeconds">,
): PlanStep {
  const { service, whenFailed } = plan;
  const compensation =
    whenFailed === "stay"
      ? ({ kind: "irreversible", reason: "What went well stays, as the plan of its waves says." } as const)
      : plain.compensation;
  const action = { kind: "sub-release", service, version, environment, class: "normal" } as const;
  return { ...plain, ...given, name: deployName(environment), action, compensation };
}

function soakStep({ plan: { service, soak }, version }: WavesAsked, environment: string): PlanStep {
  const { seconds, isReported } = soak;
  return {
    ...plain,
    name: soakName(environment),
    after: [deployName(environment)],
    action: isReported
      ? { kind: "stay-healthy", service, version, environment, seconds }
      : { kind: "wait-until", moment: { after: seconds } },
    timeoutSeconds: seconds + soakSlack(seconds),
  };
}

function wayBackOf({ plan, fit }: WavesAsked): readonly PlanStep[] {
  const environments = fit.waves.flat().map(({ environment }) => environment);
  if (plan.whenFailed === "take-back") {
    return environments.map((environment) => ({
      ...plain,
      name: `back-${environment}`,
      after: [],
      action: { kind: "roll-back", step: deployName(environment) },
      timeoutSeconds: Math.max(plan.targetSeconds, noteSeconds),
    }));
  }
  const instruction = `${plan.service} runs in two versions: decide which of them stays, and where.`;
  const action = { kind: "human-task", who: plan.owner, instruction, form: [], whenLate: "failed" } as const;
  return [{ ...plain, name: "decide", after: [], action, timeoutSeconds: decideSeconds }];
}

function deployName(environment: string): string {
  return `deploy-${environment}`;
}

function soakName(environment: string): string {
  return `soak-${environment}`;
}
