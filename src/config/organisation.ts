import type { Located } from "#config/checks/check.ts";
import { environmentCycles, serviceCycles } from "#config/checks/cycles.ts";
import { catalogue } from "#config/checks/names.ts";
import { borrowedNames, ownerlessFreezes, sharedAccounts, unsatisfiableRoutes } from "#config/checks/people.ts";
import { brokenGuardrails } from "#config/checks/policies.ts";
import { livenessAlone } from "#config/checks/readiness.ts";
import { danglingReferences } from "#config/checks/references.ts";
import { repeatedRollbacks } from "#config/checks/rollbacks.ts";
import { twinLabels } from "#config/checks/labels.ts";
import { emptyScopes } from "#config/checks/scopes.ts";
import { sequenceCycles } from "#config/checks/sequences.ts";
import { silentSources } from "#config/checks/sources.ts";
import { excludedMethods } from "#config/checks/strategies.ts";
import { type Document, documentId, type Origin, placeProblem } from "#config/document.ts";
import { exportedOrigin } from "#config/encode.ts";
import type { Kind } from "#config/kind.ts";
import { approvalRoute } from "#config/kinds/approval-route.ts";
import { calendar } from "#config/kinds/calendar.ts";
import { criteria } from "#config/kinds/criteria.ts";
import { environment } from "#config/kinds/environment.ts";
import { exemptionType } from "#config/kinds/exemption-type.ts";
import { freeze } from "#config/kinds/freeze.ts";
import { person } from "#config/kinds/person.ts";
import { policy } from "#config/kinds/policy.ts";
import { policyCase } from "#config/kinds/policy-case.ts";
import { resource } from "#config/kinds/resource.ts";
import { rollback } from "#config/kinds/rollback.ts";
import { rota } from "#config/kinds/rota.ts";
import { runbook } from "#config/kinds/runbook.ts";
import { service } from "#config/kinds/service.ts";
import { sequence } from "#config/kinds/sequence.ts";
import { source } from "#config/kinds/source.ts";
import { state, type StateFacts } from "#config/kinds/state.ts";
import { strategy } from "#config/kinds/strategy.ts";
import { team } from "#config/kinds/team.ts";
import { unit } from "#config/kinds/unit.ts";
import { vendor } from "#config/kinds/vendor.ts";
import { watch } from "#config/kinds/watch.ts";
import { wavePlan } from "#config/kinds/wave-plan.ts";
import { window } from "#config/kinds/window.ts";
import { compareText, isError, type Problem, sortProblems } from "#config/problem.ts";
import { kindNamed } from "#config/registry.ts";
import type { Coverage } from "#config/source.ts";
import { unreadablePolicy } from "#config/unreadable-policy.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Team, Unit } from "#core/catalog/people.ts";
import type { Service } from "#core/catalog/service.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Everything found in one look at a set of documents. */
export interface CheckedDocuments {
  /** null when there is an error. Independent of the order of the documents. */
  readonly organisation: Organisation | null;
  /** The sum of all State documents; null when there is none, or an error. */
  readonly state: StateFacts | null;
  /** Errors and warnings, sorted by place. */
  readonly problems: readonly Problem[];
}

/**
 * Decodes and cross-checks documents from any source. Linear in their number. With `partial` coverage a name that
 * refers to nothing may stand in what could not be read, so it is not reported.
 */
export function checkDocuments(documents: readonly Document[], coverage: Coverage = "complete"): CheckedDocuments {
  const { byKind, repeated, problems: naming } = catalogue(documents);
  const located: Located[] = [...naming, ...repeated.flatMap(ownProblems)];
  const named = (kind: string): ReadonlyMap<string, Document> => byKind.get(kind) ?? new Map<string, Document>();
  const all = <T>(kind: Kind<T>): readonly T[] => decodeAll(kind, named(kind.kind), located);
  const organisation = assemble(all);
  const states = all(state);
  // Cases are tests: checked like everything, and no part of the organisation.
  all(policyCase);
  if (coverage === "complete") {
    located.push(...danglingReferences(documents, byKind), ...emptyScopes(byKind), ...twinLabels(byKind));
    located.push(...unsatisfiableRoutes(named("ApprovalRoute"), named("Person")));
    located.push(...silentSources(named("Source"), named("Person")));
    located.push(...livenessAlone(named("Service"), organisation));
  }
  located.push(...serviceCycles(named("Service")), ...environmentCycles(named("Environment")));
  located.push(...sequenceCycles(named("Sequence"), [...named("Environment").keys()]));
  located.push(...repeatedRollbacks(named("Rollback")));
  located.push(...sharedAccounts(named("Person")), ...borrowedNames(named("Person")));
  located.push(...excludedMethods(named("Strategy"), organisation));
  located.push(...ownerlessFreezes(named("Freeze")), ...brokenGuardrails(named("Policy"), organisation));
  const problems = place(located);
  if (problems.some(isError)) return { organisation: null, state: null, problems };
  return { organisation, state: states.length === 0 ? null : sum(states), problems };
}

/** Only the errors; for callers that show no warnings. */
export function decodeOrganisation(documents: readonly Document[]): Result<Organisation, readonly Problem[]> {
  const { organisation, problems } = checkDocuments(documents);
  return organisation === null ? err(problems.filter(isError)) : ok(organisation);
}

/**
 * Documents of a store, read by whatever version is running now: a policy that cannot be read closes what it may match,
 * and nothing else (semantics §2.1). Any other unreadable document is an error.
 */
export function decodeStored(documents: readonly Document[]): Result<Organisation, readonly Problem[]> {
  const whole = decodeOrganisation(documents);
  if (whole.ok) return whole;
  const why = new Map(whole.error.map(({ document, message }) => [document, message]));
  const isDamaged = (document: Document): boolean => document.kind === policy.kind && why.has(documentId(document));
  const damaged = documents.filter(isDamaged);
  if (damaged.length === 0) return whole;
  const rest = decodeOrganisation(documents.filter((document) => !isDamaged(document)));
  if (!rest.ok) return rest;
  const closed = damaged.map((document) => unreadablePolicy(document, why.get(documentId(document)) ?? ""));
  return ok({ ...rest.value, policies: [...rest.value.policies, ...closed] });
}

/** By name, so that the result does not depend on the order of files. */
function decodeAll<T>(kind: Kind<T>, named: ReadonlyMap<string, Document>, located: Located[]): readonly T[] {
  const decoded: T[] = [];
  for (const document of [...named.values()].sort((a, b) => compareText(a.name, b.name))) {
    const result = kind.decode(document);
    if (result.ok) decoded.push(result.value);
    else for (const problem of result.error) located.push({ document, problem });
  }
  return decoded;
}

/** Of a second document of the same name only its own problems are of interest. */
function ownProblems(document: Document): readonly Located[] {
  const result = kindNamed(document.kind)?.decode(document);
  return result === undefined || result.ok ? [] : result.error.map((problem) => ({ document, problem }));
}

function assemble(all: <T>(kind: Kind<T>) => readonly T[]): Organisation {
  const services = all(service);
  const declaredTeams = all(team);
  const teams = declaredTeams.length > 0 ? declaredTeams : impliedTeams(services);
  const declaredUnits = all(unit);
  const units = declaredUnits.length > 0 ? declaredUnits : impliedUnits(services, teams);
  const people = all(person);
  return {
    units: byName(units),
    teams: byName(teams),
    people: byName(people.map((one) => one.person)),
    workingHours: new Map(people.flatMap(({ hours }) => (hours === null ? [] : [[hours.person, hours] as const]))),
    services: byName(services),
    vendors: new Set(all(vendor)),
    environments: byName(all(environment)),
    windows: all(window),
    freezes: all(freeze),
    calendars: all(calendar),
    routes: all(approvalRoute).toSorted((a, b) => b.priority - a.priority || compareText(a.name, b.name)),
    strategies: all(strategy),
    watches: all(watch),
    rotas: all(rota),
    policies: all(policy),
    exemptionTypes: all(exemptionType),
    resources: byName(all(resource)),
    runbooks: byName(all(runbook)),
    wavePlans: byName(all(wavePlan)),
    sequences: all(sequence),
    criteria: all(criteria),
    rollbacks: new Map(all(rollback).map((one) => [one.plan.service, one] as const)),
    sources: byName(all(source)),
  };
}

/** A folder that declares no team at all means those that its services name. */
function impliedTeams(services: readonly Service[]): readonly Team[] {
  return [...new Map(services.map(({ team: name, unit: of }) => [name, { name, unit: of }])).values()];
}

function impliedUnits(services: readonly Service[], teams: readonly Team[]): readonly Unit[] {
  return [...new Set([...services, ...teams].map(({ unit: name }) => name))].map((name) => ({ name }));
}

function byName<T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.toSorted((a, b) => compareText(a.name, b.name)).map((thing) => [thing.name, thing]));
}

function sum(states: readonly StateFacts[]): StateFacts {
  const known = <T>(lists: readonly (readonly T[] | "assumed")[]): readonly T[] | "assumed" => {
    const given = lists.filter((list) => list !== "assumed");
    return given.length === 0 ? "assumed" : given.flat();
  };
  return {
    artifacts: known(states.map(({ artifacts }) => artifacts)),
    deployed: known(states.map(({ deployed }) => deployed)),
    bookings: states.flatMap(({ bookings }) => bookings),
    approvals: states.flatMap(({ approvals }) => approvals),
    durations: states.flatMap(({ durations }) => durations),
    signals: states.flatMap(({ signals }) => signals),
    setbacks: states.flatMap(({ setbacks }) => setbacks),
    evidence: known(states.map(({ evidence }) => evidence)),
    verifications: known(states.map(({ verifications }) => verifications)),
    tickets: known(states.map(({ tickets }) => tickets)),
    errorBudgets: known(states.map(({ errorBudgets }) => errorBudgets)),
    riskScores: known(states.map(({ riskScores }) => riskScores)),
    recoveries: known(states.map(({ recoveries }) => recoveries)),
    passed: known(states.map(({ passed }) => passed)),
    holds: states.flatMap(({ holds }) => holds),
    stops: states.flatMap(({ stops }) => stops),
    exemptions: states.flatMap(({ exemptions }) => exemptions),
    emergencies: states.flatMap(({ emergencies }) => emergencies),
    debts: states.flatMap(({ debts }) => debts),
    locks: states.flatMap(({ locks }) => locks),
    reservations: states.flatMap(({ reservations }) => reservations),
    profiles: states.flatMap(({ profiles }) => profiles),
    imported: states.flatMap(({ imported }) => imported),
    swaps: states.flatMap(({ swaps }) => swaps),
  };
}

/** Looks up places; a stored document is exported once for all its problems. */
function place(located: readonly Located[]): readonly Problem[] {
  const exports = new Map<Document, Origin>();
  const exported = (document: Document): Origin => {
    const known = exports.get(document) ?? exportedOrigin(document);
    exports.set(document, known);
    return known;
  };
  return sortProblems(located.map(({ document, problem }) => placeProblem(document, problem, exported)));
}
