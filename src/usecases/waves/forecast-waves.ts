import { riskOf } from "#core/calendar/advice/risk.ts";
import type { Finding } from "#core/policy/finding.ts";
import { openingsForRun } from "#core/policy/slot-advice.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore, type Span } from "#core/span.ts";
import { fitWaves, type WaveTarget } from "#core/waves/wave-fit.ts";
import { fitQuestion, fittingOrders, type OrderQuestion } from "#core/waves/wave-orders.ts";
import { wavesOf, type WavePlan } from "#core/waves/wave-plan.ts";
import type { Judging } from "#usecases/calendar/advise-slots.ts";
import { horizonOf, questionSubject } from "#usecases/policy/ask-verdict.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { ForecastRefusal, WaveForecast, WaveOperations, WaveQuestion } from "#usecases/waves/wave-operations.ts";

export interface ForecastDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judging: Judging;
}

export function makeForecastWaves(deps: ForecastDeps): WaveOperations["forecastWaves"] {
  return (question) => deps.transact((records) => forecastIn(deps, records, question));
}

/** As it stands in this transaction: nothing is booked by it, so what others do later may move it. */
export async function forecastIn(
  deps: Pick<ForecastDeps, "now" | "judging">,
  records: Records,
  question: WaveQuestion,
): Promise<Result<WaveForecast, ForecastRefusal>> {
  const at = deps.now();
  const { wavePlans, services } = await records.catalog.inForce();
  const written = wavePlans.get(question.plan);
  if (written === undefined) return err("no-such-wave-plan");
  const plan = ordered(written, question.order);
  if (plan === null) return err("bad-order");
  const service = services.get(plan.service);
  if (service === undefined) return err("no-such-service");
  const risk = riskOf(question.risk ?? undefined, service);
  const looked = await lookAtTargets(deps, records, { plan, version: question.version, at });
  if (looked === null) return err("no-such-environment");
  const notBefore = question.notBefore === null || isBefore(question.notBefore, at) ? at : question.notBefore;
  const asked: OrderQuestion = {
    plan,
    risk,
    targets: looked.targets,
    soakMs: plan.soak.seconds * 1000,
    notBeforeMs: notBefore.epochMilliseconds,
    mixLimitMs: plan.mixLimitSeconds === null ? null : plan.mixLimitSeconds * 1000,
  };
  const waves = wavesOf(plan, risk);
  const known = { plan, version: question.version, risk, at, waves, zones: looked.zones, openings: looked.open };
  const answer = fitWaves(fitQuestion(asked));
  switch (answer.kind) {
    case "fits":
      return ok({ ...known, outcome: answer });
    case "mixed-too-long":
      return ok({ ...known, outcome: { ...answer, offers: fittingOrders(asked) } });
    case "no-opening": {
      const obstacles = looked.obstacles.get(answer.environment) ?? [];
      return ok({ ...known, outcome: { ...answer, obstacles } });
    }
  }
}

/** Null when the order does not name every region of the plan once. */
function ordered(plan: WavePlan, order: readonly string[] | null): WavePlan | null {
  if (order === null) return plan;
  const regions = order.flatMap((name) => plan.regions.find((region) => region.name === name) ?? []);
  const isWhole = regions.length === plan.regions.length && new Set(order).size === plan.regions.length;
  return isWhole && order.length === regions.length ? { ...plan, regions } : null;
}

interface Looked {
  readonly targets: ReadonlyMap<string, WaveTarget>;
  readonly zones: ReadonlyMap<string, string>;
  readonly open: ReadonlyMap<string, readonly Span[]>;
  readonly obstacles: ReadonlyMap<string, readonly Finding[]>;
}

/** When each target is open, by every rule that asks for a time and not for a deed; null: one of them is not known. */
async function lookAtTargets(
  { judging }: Pick<ForecastDeps, "judging">,
  records: Records,
  { plan, version, at }: { readonly plan: WavePlan; readonly version: string; readonly at: Temporal.Instant },
): Promise<Looked | null> {
  const targets = new Map<string, WaveTarget>();
  const zones = new Map<string, string>();
  const open = new Map<string, readonly Span[]>();
  const obstacles = new Map<string, readonly Finding[]>();
  for (const environment of plan.regions.flatMap((region) => region.environments)) {
    const subject = {
      ...questionSubject({ service: plan.service, version, environment, action: "deploy" }),
      hasRollbackPlan: true,
    };
    const facts = await records.facts.load(subject, at, horizonOf(at));
    if (facts.environment === null) return null;
    const found = openingsForRun(facts, judging);
    targets.set(environment, {
      environment,
      openings: found.openings.map(({ from, to }) => ({ fromMs: from.epochMilliseconds, toMs: to.epochMilliseconds })),
      lengthMs: found.runMs ?? plan.targetSeconds * 1000,
    });
    open.set(environment, found.openings);
    zones.set(environment, facts.environment.zone);
    obstacles.set(environment, found.obstacles);
  }
  return { targets, zones, open, obstacles };
}
