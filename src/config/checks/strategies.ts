import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import { caseOf, strategyExclusions } from "#core/rollout/choice.ts";
import { strategyFor, type Strategy } from "#core/rollout/strategy.ts";

type Declared = Pick<Organisation, "services" | "environments" | "strategies">;

/**
 * Strategies that ask a service, which they name without a wildcard, for a method that service or place excludes. What a
 * wildcard reaches may come later and is judged when it is asked for (rule `strategy-fits`).
 */
export function excludedMethods(documents: ReadonlyMap<string, Document>, declared: Declared): readonly Located[] {
  return declared.strategies.flatMap((strategy) => {
    const document = documents.get(strategy.name);
    return document === undefined || strategy.method === undefined ? [] : excludedIn(document, strategy, declared);
  });
}

/** One problem for each service, about the first place in which it shows. */
function excludedIn(document: Document, strategy: Strategy, declared: Declared): readonly Located[] {
  return (strategy.scope.services ?? []).flatMap((name): readonly Located[] => {
    const service = declared.services.get(name);
    if (service === undefined) return [];
    for (const environment of declared.environments.values()) {
      const isInForce = strategyFor(declared.strategies, placeScope(service, environment)) === strategy;
      const [first] = isInForce ? strategyExclusions(strategy, caseOf(service, environment, null)) : [];
      if (first === undefined) continue;
      const message = `The method ${strategy.method ?? "canary"} is excluded for ${name} in ${environment.name}: ${first.sentence}.`;
      const problem = { at: ["spec", "method"], code: "method-excluded", message, remedy: first.remedy } as const;
      return [{ document, problem }];
    }
    return [];
  });
}
