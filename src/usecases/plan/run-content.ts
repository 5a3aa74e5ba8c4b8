import type { StepAction } from "#core/plan/action.ts";
import { stepsOf, type Plan } from "#core/plan/plan.ts";
import { makersOf } from "#core/release/artifact.ts";
import { defaultStrategy, howItRolls, strategyFor, type HowItRolls, type Strategy } from "#core/rollout/strategy.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import type { Barred } from "#core/plan/consent.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import type { DigestOf } from "#usecases/release/content.ts";
import type { Records } from "#usecases/records.ts";

export interface RunContent {
  /** Over everything that the run is going to do (semantics §4). */
  readonly digest: string;
  /** Every version that a step brings somewhere, with the digest of its artifact; null: none is registered. */
  readonly brings: readonly Brought[];
}

export interface Brought {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly artifact: string | null;
}

/**
 * What consent to a run binds to: the plan that it is pinned to, the digest of each artifact that a step brings, and the
 * stages in which it would go live. Any change of it is another content.
 */
export async function contentOfRun(
  { digestOf }: { readonly digestOf: DigestOf },
  records: Records,
  run: PlanRun,
): Promise<RunContent> {
  const brought = await stagedIn(records, run.plan);
  const digest = digestOf({ runbook: run.runbook, version: run.version, plan: run.plan, brought });
  return { digest, brings: brought.map(bare) };
}

export async function broughtIn(records: Records, run: PlanRun): Promise<readonly Brought[]> {
  return (await stagedIn(records, run.plan)).map(bare);
}

function bare({ service, version, environment, artifact }: Brought): Brought {
  return { service, version, environment, artifact };
}

async function stagedIn(records: Records, plan: Plan): Promise<readonly (Brought & Way)[]> {
  const { services, environments, strategies } = await records.catalog.inForce();
  const brought = [];
  for (const { service, version, environment, changeClass } of versionsIn(plan)) {
    const artifact = await records.artifacts.find(service, version);
    const [owned, place] = [services.get(service), environments.get(environment)];
    const isKnown = owned !== undefined && place !== undefined;
    const strategy = isKnown
      ? strategyFor(strategies, { ...placeScope(owned, place), class: changeClass })
      : defaultStrategy;
    brought.push({ service, version, environment, artifact: artifact?.digest ?? null, ...wayOf(strategy) });
  }
  return brought;
}

type Way = Pick<Strategy, "stages"> & HowItRolls;

function wayOf(strategy: Strategy): Way {
  return { stages: strategy.stages, ...howItRolls(strategy) };
}

/** Whose consent to this run never counts: by what they are to it, by what they made, by what they did in it. */
export async function barredFrom(records: Records, run: PlanRun): Promise<Barred> {
  const makers = new Set<string>(await records.decisions.authorsOf(run.runbook, run.version));
  for (const { service, version } of versionsIn(run.plan)) {
    for (const maker of makersOf(await records.artifacts.find(service, version))) makers.add(maker);
  }
  const steps = await records.runs.steps(run.id);
  const answered = steps.flatMap(({ answer, notes }) => answer?.by ?? notes?.answered?.by ?? []);
  return { ofRun: [run.startedBy, run.account, run.owner], ofWork: [...makers], ofDeeds: answered };
}

/** Every version that a step brings somewhere, on whatever way, once. */
function versionsIn(plan: Plan) {
  const actions = (["forward", "undo", "rollback"] as const).flatMap((part) =>
    stepsOf(plan, part).map(({ action }) => action),
  );
  const found = actions.flatMap(broughtBy);
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function broughtBy(action: StepAction) {
  if (!("version" in action && "service" in action && "environment" in action)) return [];
  const { service, version, environment } = action;
  return [{ service, version, environment, changeClass: "class" in action ? action.class : ("normal" as const) }];
}
