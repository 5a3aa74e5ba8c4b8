import type { Observation, Target } from "#connectors/port.ts";
import type { ChangeClass } from "#core/catalog/scope.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import { err, ok, type Result } from "#core/result.ts";
import { caseOf, chooseMethod, type Choice, type PastRollout } from "#core/rollout/choice.ts";
import { defaultStrategy, methodOf, strategyFor, type MethodId, type Stage } from "#core/rollout/strategy.ts";
import type { Transact } from "#usecases/records.ts";

export interface ChooseStrategyDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  /** What is true at the target; null: it does not answer, or none is connected. */
  readonly observe: (target: Target) => Promise<Observation | null>;
  /** Rollouts in the environment that ended at or after the instant, newest first. */
  readonly history: (environment: string, since: Temporal.Instant) => Promise<readonly PastRollout[]>;
}

export interface StrategyAdvice {
  readonly service: string;
  readonly environment: string;
  /** The strategy that applies there to a deployment of the class; the default one where no document matches. */
  readonly inForce: {
    readonly name: string;
    readonly method: MethodId;
    readonly stages: readonly Stage[];
    readonly isDefault: boolean;
  };
  readonly choice: Choice;
  /** Name of the driver that was asked; null: the target did not tell what its proxy can do. */
  readonly driver: string | null;
}

export interface StrategyOperations {
  readonly chooseStrategy: (
    question: Target & { readonly class: ChangeClass },
  ) => Promise<Result<StrategyAdvice, "no-such-service" | "no-such-environment">>;
}

/** What went before a quarter of a year ago says little about how it goes now. */
const historyFor = { hours: 90 * 24 } as const;

/** The methods for a service in an environment, ranked, and why the others are excluded. Advice: it changes nothing. */
export function makeChooseStrategy(deps: ChooseStrategyDeps): StrategyOperations["chooseStrategy"] {
  return async ({ class: changeClass, ...target }) => {
    const organisation = await deps.transact((records) => records.catalog.inForce());
    const service = organisation.services.get(target.service);
    if (service === undefined) return err("no-such-service");
    const environment = organisation.environments.get(target.environment);
    if (environment === undefined) return err("no-such-environment");
    const strategy = strategyFor(organisation.strategies, { ...placeScope(service, environment), class: changeClass });
    const [seen, history] = await Promise.all([
      deps.observe(target),
      deps.history(target.environment, deps.now().subtract(historyFor)),
    ]);
    const routing = seen?.routing?.can ?? null;
    return ok({
      ...target,
      inForce: {
        name: strategy.name,
        method: methodOf(strategy),
        stages: strategy.stages,
        isDefault: strategy === defaultStrategy,
      },
      choice: chooseMethod(caseOf(service, environment, routing), history),
      driver: routing?.driver ?? null,
    });
  };
}
