import { impacts } from "#core/catalog/service.ts";
import type { Scope } from "#core/catalog/scope.ts";
import {
  type Decoder,
  duration,
  extended,
  flag,
  instant,
  list,
  nullable,
  number,
  object,
  oneOf,
  orElse,
  text,
} from "#core/policy/decode.ts";
import { planDemands } from "#core/policy/policy.ts";
import type {
  Bound,
  CapacityLimit,
  Clause,
  CoreUpgradeDemand,
  EmergencyDemand,
  ErrorBudgetDemand,
  EvidenceDemand,
  Policy,
  PolicySettings,
  PromotionDemand,
  RollbackDemand,
  RiskDemand,
  RolloutDemand,
  SignalDemand,
  StabilisationDemand,
  TicketDemand,
  VerificationDemand,
} from "#core/policy/policy.ts";

const settings = object<PolicySettings>({
  evidence: list(
    object<EvidenceDemand>({
      kind: text,
      min: nullable(number),
      max: nullable(number),
      maxAge: nullable(duration),
      ruleSet: nullable(text),
    }),
  ),
  verification: nullable(object<VerificationDemand>({ maxAge: nullable(duration) })),
  ticket: nullable(object<TicketDemand>({ states: list(text) })),
  risk: nullable(
    object<RiskDemand>({
      maxScore: nullable(number),
      appetite: nullable(number),
      per: oneOf(["environment", "unit", "region"]),
    }),
  ),
  errorBudget: nullable(object<ErrorBudgetDemand>({ minLeft: number })),
  capacity: list(object<CapacityLimit>({ resource: text, max: number })),
  signals: nullable(object<SignalDemand>({ okFor: duration })),
  coreUpgrades: nullable(
    object<CoreUpgradeDemand>({ services: list(text), soak: duration, criticalTiers: list(number) }),
  ),
  stabilisation: nullable(
    extended<Pick<StabilisationDemand, "lasts">, Pick<StabilisationDemand, "own">>(object({ lasts: duration }), {
      own: flag,
    }),
  ),
  promotion: nullable(object<PromotionDemand>({ soak: duration })),
  rollback: orElse(
    null,
    nullable(object<RollbackDemand>({ plan: oneOf(planDemands), rehearsedWithin: nullable(duration) })),
  ),
  emergency: nullable(
    object<EmergencyDemand>({
      approvals: number,
      validFor: duration,
      reviewWithin: duration,
      criteria: orElse([], list(text)),
      backMergeWithin: duration,
      rehearsalWithin: orElse(null, nullable(duration)),
      stopsAfter: orElse(null, nullable(duration)),
    }),
  ),
  rollout: orElse(null, nullable(object<RolloutDemand>({ canaryFor: list(oneOf(impacts)) }))),
  clauses: list(object<Clause>({ id: text, expression: text, sentence: text, who: text, remedy: text })),
});

export function policyDecoder(scope: Decoder<Scope>): Decoder<Policy> {
  return object<Policy>({
    name: text,
    scope,
    level: oneOf(["central", "overlay"]),
    owner: text,
    from: nullable(instant),
    until: nullable(instant),
    version: text,
    settings,
    bounds: list(object<Bound>({ setting: text, least: number, most: number })),
  });
}
