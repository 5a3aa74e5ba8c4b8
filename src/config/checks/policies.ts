import { type Located, whereIs } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, type JsonObject, member, type Path } from "#config/json.ts";
import { textOf } from "#config/policy-problems.ts";
import type { FieldProblem } from "#config/problem.ts";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import { concernsChange, concernsEnvironment, concernsService, partsOf } from "#core/catalog/scope-parts.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { defaultEmergency } from "#core/exemption/lane.ts";
import { type Loosening, looseningsOf } from "#core/policy/loosening.ts";
import { demandsNothing, type Policy } from "#core/policy/policy.ts";
import { defaultOkFor } from "#core/policy/rules/dependency-degraded.ts";

type Declared = Pick<Organisation, "services" | "environments" | "policies">;

/**
 * Guardrails between policies (semantics §3.9): an overlay reaches no further than its team and names nothing looser than
 * a central policy that is in force at the same time for any of the same changes, unless the centre bounds it. Where no
 * central policy speaks, what holds by itself counts as the centre's.
 */
export function brokenGuardrails(documents: ReadonlyMap<string, Document>, declared: Declared): readonly Located[] {
  const central = declared.policies.filter(({ level }) => level === "central");
  return declared.policies.flatMap((overlay) => {
    const document = documents.get(overlay.name);
    if (overlay.level !== "overlay" || document === undefined) return [];
    return [
      ...foreignServices(document, overlay, declared),
      ...looserThanByItself(document, overlay, declared),
      ...central
        .filter((policy) => mayMeet(overlay, policy, declared))
        .flatMap((policy) => {
          const place = documents.get(policy.name);
          const where = place === undefined ? policy.name : `${policy.name} at ${whereIs(place)}`;
          return looseningsOf(overlay, policy).map((found) => ({
            document,
            problem: loosening(document, found, policy, where),
          }));
        }),
    ];
  });
}

/** Named without a wildcard, a service of another team is a mistake about who owns it. */
function foreignServices(document: Document, { owner }: Policy, { services }: Declared): readonly Located[] {
  return itemsOf(member(member(document.spec, "scope"), "services")).flatMap((name, index): Located[] => {
    const service = typeof name === "string" ? services.get(name) : undefined;
    if (service === undefined || service.team === owner) return [];
    const message = `The overlay of ${owner} names the service ${service.name} of ${service.team}.`;
    const remedy = `Remove it, or let ${service.team} or the centre write the policy.`;
    const at = ["spec", "scope", "services", index];
    return [{ document, problem: { at, code: "overlay-too-far", message, remedy } }];
  });
}

/** What holds of emergencies and of recovered services where no policy says otherwise: for the centre alone to change. */
const byItself = { ...demandsNothing, emergency: defaultEmergency, signals: { okFor: defaultOkFor } };

function looserThanByItself(document: Document, overlay: Policy, declared: Declared): readonly Located[] {
  const builtIn: Policy = { ...overlay, level: "central", settings: byItself, bounds: [] };
  return looseningsOf(overlay, builtIn).flatMap(({ setting, named, demanded }): Located[] => {
    const speaking = declared.policies.filter(
      ({ level, settings }) =>
        level === "central" && settings[setting.startsWith("signals.") ? "signals" : "emergency"] !== null,
    );
    if (isCovered(overlay, speaking, declared)) return [];
    const at = placeOfSetting(document.spec, setting);
    const message = `${setting} is ${named}, which is looser than ${demanded}, which holds by itself where no central policy says otherwise: an overlay can only tighten.`;
    const remedy = "Remove it or make it stricter, or ask the centre for a policy that allows it.";
    return [{ document, problem: { at, code: "overlay-loosens", message, remedy } }];
  });
}

/** True when for every change that the overlay may be about one of the others speaks, as long as the overlay is in force. */
function isCovered(overlay: Policy, others: readonly Policy[], declared: Declared): boolean {
  const lasting = others.filter((other) => lastsAsLong(other, overlay)).map(({ scope }) => partsOf(scope));
  if (lasting.length === 0) return false;
  const own = partsOf(overlay.scope);
  const services = [...declared.services.values()].filter(
    (service) => service.team === overlay.owner && concernsService(own, service),
  );
  const environments = [...declared.environments.values()].filter((each) => concernsEnvironment(own, each));
  const changes = someChanges.filter((change) => concernsChange(own, change));
  return services.every((service) => {
    const here = lasting.filter((scope) => concernsService(scope, service));
    return environments.every((environment) => {
      const there = here.filter((scope) => concernsEnvironment(scope, environment));
      return changes.every((change) => there.some((scope) => concernsChange(scope, change)));
    });
  });
}

function lastsAsLong(one: Policy, other: Policy): boolean {
  const begins = one.from === null || (other.from !== null && Temporal.Instant.compare(one.from, other.from) <= 0);
  const ends = one.until === null || (other.until !== null && Temporal.Instant.compare(other.until, one.until) <= 0);
  return begins && ends;
}

function loosening({ spec }: Document, found: Loosening, central: Policy, where: string): FieldProblem {
  const { setting, why, named, demanded } = found;
  const at = placeOfSetting(spec, setting);
  if (why === "outside-bounds") {
    const message = `${setting} is ${named}, and the central policy ${where} lets it move from ${demanded} only.`;
    return { at, code: "outside-bounds", message, remedy: `Use a value from ${demanded}, or ask ${central.owner}.` };
  }
  const message = `${setting} is ${named}, which is looser than ${demanded} of the central policy ${where}: an overlay can only tighten.`;
  const remedy = `Remove it or make it stricter; a range in which it may move is for ${central.owner} to grant in bounds.`;
  return { at, code: "overlay-loosens", message, remedy };
}

const listKeys: Readonly<Record<string, string>> = { evidence: "kind", capacity: "resource", clauses: "id" };

/** Where a setting such as `evidence.coverage.min` or `clauses.four-eyes` was written. */
function placeOfSetting(spec: JsonObject, setting: string): Path {
  const steps = setting.split(".");
  const [list = ""] = steps;
  const key = listKeys[list];
  if (key === undefined) return ["spec", "settings", ...steps];
  const items = itemsOf(member(member(spec, "settings"), list));
  const rest = setting.slice(list.length + 1);
  const index = items.findIndex(
    (item) => rest === member(item, key) || rest.startsWith(`${textOf(member(item, key))}.`),
  );
  const field = list === "evidence" ? (steps.at(-1) ?? "kind") : list === "capacity" ? "max" : "expression";
  return ["spec", "settings", list, Math.max(0, index), field];
}

/** Both in force at some instant, for some change of a declared service to a declared environment. */
function mayMeet(overlay: Policy, central: Policy, { services, environments }: Declared): boolean {
  if (!overlapInTime(overlay, central)) return false;
  const scopes = [partsOf(overlay.scope), partsOf(central.scope)];
  const own = [...services.values()].filter(({ team }) => team === overlay.owner);
  return (
    own.some((service) => scopes.every((scope) => concernsService(scope, service))) &&
    [...environments.values()].some((each) => scopes.every((scope) => concernsEnvironment(scope, each))) &&
    someChanges.some((change) => scopes.every((scope) => concernsChange(scope, change)))
  );
}

function overlapInTime(a: Policy, b: Policy): boolean {
  const endsBefore = (one: Policy, other: Policy): boolean =>
    one.until !== null && other.from !== null && Temporal.Instant.compare(one.until, other.from) <= 0;
  return !endsBefore(a, b) && !endsBefore(b, a);
}

const someChanges = changeClasses.flatMap((each) =>
  changeActions.flatMap((action) => invokers.map((invoker) => ({ class: each, action, invoker }))),
);
