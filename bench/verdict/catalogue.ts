import type { Freeze } from "#core/calendar/freeze.ts";
import type { Rota } from "#core/calendar/cover/rota.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Dependency, Service } from "#core/catalog/service.ts";
import type { Subject } from "#core/policy/facts.ts";
import { demandsNothing, type Policy, type PolicySettings } from "#core/policy/policy.ts";
import type { PlannedBooking } from "#core/release/state.ts";
import { aFreeze, aLocalRule, anApproval, anArtifact, aPerson, aRoute, aService, aSubject, at } from "#core/testing.ts";
import { keyOf, withShelf, worldOf, type World } from "#core/world/world.ts";

/** The sizes of quality-goals.md §7, and what else an organisation of that size has. */
export const sizes = {
  services: 50_000,
  teams: 2_000,
  units: 40,
  environments: 24,
  windows: 1_200,
  freezes: 800,
  policies: 500,
  bookings: 200_000,
  people: 4_000,
  routes: 200,
  rotas: 2_000,
} as const;

export const now = at("2026-03-25T08:00Z");

/** Numbers that look random and are the same in every run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Tokyo",
  "Europe/London",
  "America/Sao_Paulo",
  "Australia/Sydney",
];
const stages = ["dev", "test", "stage", "prod"];
const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

type Random = () => number;

function pick(random: Random, count: number): number {
  return Math.floor(random() * count);
}

export const serviceName = (n: number): string => `service-${n}`;
const teamName = (n: number): string => `team-${n}`;
const teamOf = (service: number): number => service % sizes.teams;
const unitOf = (team: number): string => `unit-${team % sizes.units}`;

export function environmentsOf(): readonly Environment[] {
  return Array.from({ length: sizes.environments }, (_, n) => {
    const stage = stages[n % stages.length] ?? "prod";
    const region = Math.floor(n / stages.length);
    return {
      name: `${stage}-${region}`,
      zone: zones[region % zones.length] ?? "UTC",
      region: `region-${region}`,
      after: n % stages.length === 0 ? [] : [`${stages[(n % stages.length) - 1] ?? ""}-${region}`],
      protected: stage === "prod",
      windows: stage === "prod" ? "required" : "optional",
    };
  });
}

/** Services below each of these are a layer: platform, domains, processes, edges of the system. */
const layers = [500, 5_000, 20_000, sizes.services] as const;

/**
 * One to four edges each, all to lower layers: most to services nearby in the next one, some to the platform of 500, of
 * which few are needed by very many, as in the call graphs of large microservice systems.
 */
function servicesOf(random: Random): readonly Service[] {
  return Array.from({ length: sizes.services }, (_, n) => {
    const team = teamOf(n);
    const edges = n < 500 ? 0 : 1 + pick(random, 4);
    const names = new Set(Array.from({ length: edges }, () => neededBy(n, random)));
    const dependsOn = [...names].map((name): Dependency => ({
      on: serviceName(name),
      kind: "sync",
      versions: random() < 0.5 ? ">=1.0" : null,
    }));
    return aService({
      name: serviceName(n),
      team: teamName(team),
      unit: unitOf(team),
      tier: n % 4,
      tags: n % 10 === 0 ? ["pci"] : [],
      dependsOn,
    });
  });
}

function neededBy(n: number, random: Random): number {
  const layer = layers.findIndex((end) => n < end);
  if (layer <= 1 || random() < 0.4) return Math.floor(500 * random() ** 3);
  const [from, to] = [layers[layer - 2] ?? 0, layers[layer - 1] ?? 0];
  return from + ((Math.floor(((n % 5_000) / 5_000) * (to - from)) + pick(random, 40)) % (to - from));
}

/** Scopes as people write them: environments, units, teams, services; one in twenty by a glob, a tag or a tier. */
function scopeOf(n: number, random: Random, environments: readonly Environment[]): Scope {
  const environment = environments[pick(random, environments.length)]?.name ?? "";
  if (n < environments.length) return { environments: [environments[n]?.name ?? ""] };
  const kind = random();
  if (kind < 0.05)
    return n % 2 === 0 ? { tags: ["pci"], environments: [environment] } : { environments: ["prod-*"], tiers: [n % 4] };
  if (kind < 0.3) return { units: [unitOf(pick(random, sizes.units))], environments: [environment] };
  if (kind < 0.65) return { teams: [teamName(pick(random, sizes.teams))] };
  return { services: Array.from({ length: 1 + pick(random, 5) }, () => serviceName(pick(random, sizes.services))) };
}

function windowsOf(random: Random, environments: readonly Environment[]): readonly Window[] {
  return Array.from({ length: sizes.windows }, (_, n) => {
    const first = pick(random, 7);
    const isDaily = random() < 0.3;
    const byDay = [days[first], days[(first + 2) % 7]].join();
    const start = Temporal.PlainDateTime.from("2025-01-06T00:00").add({ hours: pick(random, 24) });
    return {
      name: `window-${n}`,
      scope: scopeOf(n, random, environments),
      rule: aLocalRule({
        start,
        rrule: isDaily ? "FREQ=DAILY" : `FREQ=WEEKLY;BYDAY=${byDay}`,
        end: { kind: "elapsed", duration: Temporal.Duration.from({ hours: 2 + pick(random, 10) }) },
      }),
      onClose: "finish",
    };
  });
}

function freezesOf(random: Random, environments: readonly Environment[]): readonly Freeze[] {
  const strengths = ["hard", "soft", "soft", "embargo"] as const;
  return Array.from({ length: sizes.freezes }, (_, n) => {
    const begin = Temporal.PlainDateTime.from("2026-02-01T18:00").add({ days: pick(random, 150) });
    const end = begin.add({ hours: 12 + pick(random, 120) });
    const strength = strengths[n % strengths.length] ?? "hard";
    return aFreeze(begin.toString(), end.toString(), {
      name: `freeze-${n}`,
      scope: scopeOf(n, random, environments),
      strength,
      passesWith: strength === "soft" ? `route-${n % sizes.routes}` : null,
      owner: teamName(n % sizes.teams),
    });
  });
}

function policiesOf(random: Random, environments: readonly Environment[]): readonly Policy[] {
  return Array.from({ length: sizes.policies }, (_, n): Policy => {
    const settings: PolicySettings = {
      ...demandsNothing,
      evidence: [{ kind: "unit-tests", min: null, max: null, maxAge: Temporal.Duration.from("P7D"), ruleSet: null }],
      verification: n % 3 === 0 ? { maxAge: null } : null,
      errorBudget: n % 5 === 0 ? { minLeft: 0.1 } : null,
      signals: n % 4 === 0 ? { okFor: Temporal.Duration.from("PT30M") } : null,
      stabilisation: n % 7 === 0 ? { lasts: Temporal.Duration.from("PT2H") } : null,
    };
    return {
      name: `policy-${n}`,
      scope: scopeOf(n, random, environments),
      level: "central",
      owner: "platform",
      from: null,
      until: null,
      version: `sha256:${String(n).padStart(64, "0")}`,
      settings,
      bounds: [],
    };
  });
}

function rotasOf(): readonly Rota[] {
  return Array.from({ length: sizes.rotas }, (_, n) => ({
    name: `rota-${n}`,
    team: teamName(n),
    stabilisation: Temporal.Duration.from("PT2H"),
    shifts: [
      {
        name: "week",
        rule: aLocalRule({
          zone: "Europe/Berlin",
          rrule: "FREQ=WEEKLY",
          end: { kind: "elapsed", duration: Temporal.Duration.from("P7D") },
        }),
        persons: [`person-${n}`, `person-${n + 1}`],
        handoverDays: 7,
      },
    ],
    swaps: [],
    subscription: null,
  }));
}

function organisationOf(): Organisation {
  const random = randomOf(7);
  const environments = environmentsOf();
  const people = Array.from({ length: sizes.people }, (_, n) =>
    aPerson(`person-${n}`, { teams: [teamName(n % sizes.teams)], roles: n % 4 === 0 ? ["approver"] : [] }),
  );
  const routes = Array.from({ length: sizes.routes }, (_, n) =>
    aRoute({
      name: `route-${n}`,
      scope: n === 0 ? { environments: ["prod-*"] } : { units: [unitOf(n)], environments: ["prod-*"] },
      priority: n === 0 ? 0 : 1,
      approvals: 1 + (n % 2),
      validFor: Temporal.Duration.from("P7D"),
    }),
  );
  return {
    units: new Map(),
    teams: new Map(),
    people: new Map(people.map((person) => [person.name, person])),
    workingHours: new Map(),
    services: new Map(servicesOf(random).map((service) => [service.name, service])),
    vendors: new Set(),
    environments: new Map(environments.map((environment) => [environment.name, environment])),
    windows: windowsOf(random, environments),
    freezes: freezesOf(random, environments),
    calendars: [],
    routes,
    strategies: [],
    watches: [],
    rotas: rotasOf(),
    policies: policiesOf(random, environments),
    exemptionTypes: [],
    resources: new Map(),
    runbooks: new Map(),
    wavePlans: new Map(),
    sequences: [],
    criteria: [],
    rollbacks: new Map(),
    sources: new Map(),
  };
}

const inEnvironment = (row: { readonly environment: string; readonly service: string }): readonly string[] => [
  keyOf(row.environment, row.service),
];

function bookingsOf(random: Random, environments: readonly Environment[]): readonly PlannedBooking[] {
  return Array.from({ length: sizes.bookings }, (_, n) => {
    const from = now.add({ minutes: pick(random, 60 * 1440) });
    return {
      id: `bok_${n}`,
      service: serviceName(pick(random, sizes.services)),
      version: `1.${1 + pick(random, 9)}.0`,
      environment: environments[pick(random, environments.length)]?.name ?? "",
      from,
      to: from.add({ minutes: 20 + pick(random, 60) }),
    };
  });
}

/** The catalogue as a world; it takes some seconds to make. */
export function catalogue(): World {
  const random = randomOf(11);
  const environments = environmentsOf();
  const everyService = Array.from({ length: sizes.services }, (_, n) => n);
  const homes = (n: number): readonly string[] =>
    [0, 1, 2, 3].map((stage) => environments[((n % 6) * 4 + stage) % environments.length]?.name ?? "");
  const deployed = everyService.flatMap((n) =>
    [...homes(n), ...(n < 500 ? environments.map(({ name }) => name) : [])].map((environment) => ({
      service: serviceName(n),
      version: `1.${n % 9}.0`,
      environment,
      since: at("2026-01-01T00:00Z"),
    })),
  );
  const durations = everyService.flatMap((n) =>
    homes(n).map((environment) => ({
      service: serviceName(n),
      environment,
      p95: Temporal.Duration.from({ minutes: 10 + (n % 50) }),
      rollbackP95: Temporal.Duration.from({ minutes: 5 + (n % 20) }),
    })),
  );
  const artifacts = everyService.map((n) =>
    anArtifact({
      service: serviceName(n),
      version: "2.0.0",
      digest: digestOf(n),
      author: `person-${n % sizes.people}`,
    }),
  );
  const approvals = everyService
    .filter((n) => n % 2 === 0)
    .flatMap((n) =>
      homes(n).map((environment) =>
        anApproval(`person-${(n * 4) % sizes.people}`, {
          service: serviceName(n),
          version: "2.0.0",
          environment,
          contentDigest: digestOf(n),
        }),
      ),
    );
  const evidence = everyService.map((n) => ({
    digest: digestOf(n),
    kind: "unit-tests",
    outcome: "pass" as const,
    value: null,
    ruleSet: null,
    source: "ci",
    at: now.subtract({ hours: n % 160 }),
    ref: null,
  }));
  const locks = environments
    .filter((_, n) => n % 5 === 0)
    .map(({ name }) => ({ key: `environment:${name}`, holder: "dep_1", fence: 1, until: now.add({ minutes: 30 }) }));
  let world = worldOf(organisationOf());
  world = withShelf(world, "deployed", deployed, inEnvironment);
  world = withShelf(world, "durations", durations, inEnvironment);
  world = withShelf(world, "bookings", bookingsOf(random, environments), inEnvironment);
  world = withShelf(world, "artifacts", artifacts, ({ service, version }) => [keyOf(service, version)]);
  world = withShelf(world, "approvals", approvals, (row) => [keyOf(row.service, row.version, row.environment)]);
  world = withShelf(world, "evidence", evidence, ({ digest }) => [digest]);
  const verifications = everyService.map((n) => ({
    digest: digestOf(n),
    outcome: "verified" as const,
    key: "release-key",
    source: "registry",
    at: now.subtract({ hours: n % 300 }),
  }));
  const budgets = everyService.map((n) => ({
    service: serviceName(n),
    environment: null,
    left: 1 - (n % 100) / 90,
    source: "monitoring",
    at: now.subtract({ minutes: n % 60 }),
  }));
  world = withShelf(world, "verifications", verifications, ({ digest }) => [digest]);
  world = withShelf(world, "errorBudgets", budgets, ({ service }) => [service]);
  return withShelf(world, "locks", locks, ({ key }) => [key]);
}

function digestOf(n: number): string {
  return `sha256:${n.toString(16).padStart(64, "0")}`;
}

/** A question about a service drawn at random, in a stage where it lives. */
export function drawSubject(random: Random, environments: readonly Environment[]): Subject {
  const n = pick(random, sizes.services);
  const home = ((n % 6) * 4 + pick(random, 4)) % environments.length;
  return aSubject({
    service: serviceName(n),
    version: "2.0.0",
    environment: environments[home]?.name ?? "",
    invoker: random() < 0.5 ? "person" : "automation",
    contentDigest: digestOf(n),
    requestedBy: `person-${pick(random, sizes.people)}`,
  });
}
