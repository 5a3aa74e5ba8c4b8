import type { Document } from "#config/document.ts";
import { encodeDocument } from "#config/encode.ts";
import { policy as policyKind } from "#config/kinds/policy.ts";
import { concernsService, partsOf } from "#core/catalog/scope-parts.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { isInForce } from "#core/policy/effective.ts";
import type { Policy, PolicySettings } from "#core/policy/policy.ts";
import { err, ok } from "#core/result.ts";
import type { PolicyLine, PolicyOperations } from "#usecases/policy/policy-operations.ts";

/** A document of kind Policy as it was in force from `from` to, not at, `to`. */
export interface PolicyVersion {
  readonly document: Document;
  readonly version: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant | null;
  readonly appliedBy: string;
  readonly place: string;
}

export interface ListPoliciesDeps {
  readonly inForce: () => Promise<readonly PolicyVersion[]>;
  /** The newest first. */
  readonly versionsOf: (name: string) => Promise<readonly PolicyVersion[]>;
  readonly organisation: () => Promise<Pick<Organisation, "services">>;
}

export function makeListPolicies({ inForce, organisation }: ListPoliciesDeps): PolicyOperations["list"] {
  return async (at) => {
    const { services } = await organisation();
    return (await inForce()).map((version) => lineOf(version, services, at));
  };
}

export function makeShowPolicy({ versionsOf, organisation }: ListPoliciesDeps): PolicyOperations["show"] {
  return async (name, wanted, at) => {
    const versions = await versionsOf(name);
    if (versions.length === 0) return err("no-such-policy");
    const found = versions.find(({ version }) => wanted === null || version === wanted);
    if (found === undefined) return err("no-such-version");
    const { services } = await organisation();
    return ok({
      ...lineOf(found, services, at),
      text: encodeDocument(found.document),
      place: found.place,
      versions: versions.map(({ version, from, to, appliedBy, place }) => ({ version, from, to, appliedBy, place })),
    });
  };
}

function lineOf(
  { document, version, from, to, appliedBy }: PolicyVersion,
  services: Organisation["services"],
  at: Temporal.Instant,
): PolicyLine {
  const decoded = policyKind.decode(document);
  const policy = decoded.ok ? decoded.value : null;
  return {
    name: document.name,
    version,
    appliedAt: from,
    appliedBy,
    policy,
    unreadable: decoded.ok ? null : (decoded.error[0]?.message ?? "It cannot be read."),
    // What cannot be read is in force as long as it is there: it closes what it may match.
    isInForce: to === null && (policy === null || isInForce(policy, at)),
    services: policy === null ? [] : servicesOf(policy, services),
    rules: policy === null ? [] : rulesOf(policy.settings),
  };
}

function servicesOf(policy: Policy, services: Organisation["services"]): readonly string[] {
  const parts = partsOf(policy.scope);
  return [...services.values()]
    .filter(
      (service) => (policy.level === "central" || service.team === policy.owner) && concernsService(parts, service),
    )
    .map(({ name }) => name);
}

/** The rules that ask what the settings demand; a test compares them with the registry. */
export const rulesBySetting: readonly (readonly [keyof PolicySettings, string])[] = [
  ["evidence", "evidence-fresh"],
  ["verification", "artifact-verified"],
  ["ticket", "ticket-linked"],
  ["risk", "risk-within-appetite"],
  ["errorBudget", "error-budget-left"],
  ["capacity", "capacity-left"],
  ["signals", "dependency-degraded"],
  ["coreUpgrades", "core-upgrade"],
  ["stabilisation", "stabilising-neighbour"],
  ["promotion", "environment-path"],
  ["emergency", "emergency-permitted"],
  ["emergency", "debts-settled"],
  ["rollback", "rollback-plan-complete"],
  ["rollback", "rollback-rehearsed"],
  ["rollout", "strategy-fits"],
  ["clauses", "policy-clauses"],
];

function rulesOf(settings: PolicySettings): readonly string[] {
  return rulesBySetting.filter(([setting]) => isNamed(settings[setting])).map(([, rule]) => rule);
}

function isNamed(setting: PolicySettings[keyof PolicySettings]): boolean {
  return setting !== null && (!Array.isArray(setting) || setting.length > 0);
}
