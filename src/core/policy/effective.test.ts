import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as assertProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  option,
  property,
  record,
  shuffledSubarray,
  subarray,
  tuple,
  uniqueArray,
} from "fast-check";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { effectiveSettings, type EffectiveSettings, settingMoments } from "#core/policy/effective.ts";
import { evaluateAt } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import { rules } from "#core/policy/registry.ts";
import {
  demandsNothing,
  planDemands,
  type EvidenceDemand,
  type Policy,
  type PolicySettings,
} from "#core/policy/policy.ts";
import { anEvidence, aVerification } from "#core/testing-demands.ts";
import { at, fakeHash, someFacts } from "#core/testing.ts";

const now = at("2026-03-25T08:00Z");
const cart: ScopeSubject = {
  environment: "prod-emea",
  region: "emea",
  service: "cart",
  team: "basket",
  unit: "retail",
  tier: 2,
  tags: [],
  dataClasses: [],
  class: "normal",
  action: "deploy",
  invoker: "person",
};

function aPolicy(name: string, settings: Partial<PolicySettings>, overrides: Partial<Policy> = {}): Policy {
  return {
    name,
    scope: {},
    level: "central",
    owner: "platform",
    from: null,
    until: null,
    version: `sha256:${name}`,
    settings: { ...demandsNothing, ...settings },
    bounds: [],
    ...overrides,
  };
}

function anOverlay(name: string, settings: Partial<PolicySettings>, overrides: Partial<Policy> = {}): Policy {
  return aPolicy(name, settings, { level: "overlay", owner: "basket", ...overrides });
}

function demand(kind: string, overrides: Partial<EvidenceDemand> = {}): EvidenceDemand {
  return { kind, min: null, max: null, maxAge: null, ruleSet: null, ...overrides };
}

const hours = (count: number): Temporal.Duration => Temporal.Duration.from({ hours: count });
const named = (each: { readonly sources: readonly { readonly name: string }[] } | null | undefined): string[] =>
  (each?.sources ?? []).map(({ name }) => name);

test("nothing is demanded where no policy matches", () => {
  const elsewhere = aPolicy("a", { promotion: { soak: hours(1) } }, { scope: { services: ["till"] } });
  assert.equal(effectiveSettings([elsewhere], cart, now).promotion, null);
});

test("of each figure the strictest counts, and who demands it is named", () => {
  const settings = effectiveSettings(
    [
      aPolicy("base", { evidence: [demand("coverage", { min: 80, maxAge: hours(72) })] }),
      aPolicy("retail", { evidence: [demand("coverage", { min: 70, maxAge: hours(24) })] }),
      aPolicy("old", { evidence: [demand("coverage", { min: 60 })] }),
    ],
    cart,
    now,
  );
  const [coverage] = settings.evidence;
  assert.equal(coverage?.demand.min, 80);
  assert.equal(coverage?.demand.maxAge?.toString(), "PT24H");
  assert.deepEqual(named(coverage), ["base", "retail"]);
});

test("two policies that demand the same are both named", () => {
  const same = { errorBudget: { minLeft: 0.2 } };
  assert.deepEqual(named(effectiveSettings([aPolicy("b", same), aPolicy("a", same)], cart, now).errorBudget), [
    "a",
    "b",
  ]);
});

test("of ticket states the ones that all allow remain, and none may remain", () => {
  const two = (a: string[], b: string[]): EffectiveSettings =>
    effectiveSettings([aPolicy("a", { ticket: { states: a } }), aPolicy("b", { ticket: { states: b } })], cart, now);
  assert.deepEqual(two(["approved", "scheduled"], ["scheduled", "done"]).ticket?.demand.states, ["scheduled"]);
  assert.deepEqual(two(["approved"], ["done"]).ticket?.demand.states, []);
});

test("risk summed by different things is two demands", () => {
  const risk = (per: "unit" | "region", appetite: number): Partial<PolicySettings> => ({
    risk: { maxScore: null, appetite, per },
  });
  const policies = [aPolicy("a", risk("unit", 100)), aPolicy("b", risk("region", 200)), aPolicy("c", risk("unit", 90))];
  const { riskAppetites, riskScore } = effectiveSettings(policies, cart, now);
  assert.deepEqual(
    riskAppetites.map((each) => [each.demand.per, each.demand.most, named(each)]),
    [
      ["region", 200, ["b"]],
      ["unit", 90, ["c"]],
    ],
  );
  assert.equal(riskScore, null);
});

test("a rule set that is no version is met by none and therefore stricter than any", () => {
  const withSet = (name: string, ruleSet: string): Policy => aPolicy(name, { evidence: [demand("sast", { ruleSet })] });
  const later = effectiveSettings([withSet("a", "1.10.0"), withSet("b", "1.9.0")], cart, now);
  assert.equal(later.evidence[0]?.demand.ruleSet, "1.10.0");
  const unread = effectiveSettings([withSet("a", "1.10.0"), withSet("b", "spring")], cart, now);
  assert.equal(unread.evidence[0]?.demand.ruleSet, "spring");
});

test("clauses of the same id in two policies are two clauses, unless they are equal word by word", () => {
  const clause = { id: "c", expression: "true", sentence: "S.", who: "platform", remedy: "R." };
  const policies = [
    aPolicy("a", { clauses: [clause] }),
    aPolicy("b", { clauses: [clause] }),
    aPolicy("c", { clauses: [{ ...clause, expression: "false" }] }),
  ];
  const { clauses } = effectiveSettings(policies, cart, now);
  assert.deepEqual(clauses.map(named), [["a", "b"], ["c"]]);
});

test("an overlay matches only services of its own team, whatever its scope says", () => {
  const foreign = anOverlay("theirs", { promotion: { soak: hours(9) } }, { owner: "checkout" });
  assert.equal(effectiveSettings([foreign], cart, now).promotion, null);
});

test("an overlay that names a looser number than the centre changes nothing", () => {
  const policies = [
    aPolicy("centre", { evidence: [demand("coverage", { min: 80 })] }),
    anOverlay("ours", { evidence: [demand("coverage", { min: 10 })] }),
  ];
  const [coverage] = effectiveSettings(policies, cart, now).evidence;
  assert.equal(coverage?.demand.min, 80);
  assert.deepEqual(named(coverage), ["centre"]);
});

for (const [title, value, expected, source] of [
  ["moves the figure down inside the bound", 75, 75, "ours"],
  ["moves the figure up inside the bound", 95, 95, "ours"],
  ["never falls under the bound, even if it was stored so", 10, 70, "centre"],
] as const) {
  test(`an overlay ${title}`, () => {
    const centre = aPolicy(
      "centre",
      { evidence: [demand("coverage", { min: 80 })] },
      { bounds: [{ setting: "evidence.coverage.min", least: 70, most: 95 }] },
    );
    const ours = anOverlay("ours", { evidence: [demand("coverage", { min: value })] });
    const [coverage] = effectiveSettings([centre, ours], cart, now).evidence;
    assert.equal(coverage?.demand.min, expected);
    assert.deepEqual(named(coverage), [source]);
  });
}

test("an overlay that sums risk by another thing leaves the centre's sum where it is", () => {
  const risk = (appetite: number, per: "environment" | "unit"): Partial<PolicySettings> => ({
    risk: { maxScore: null, appetite, per },
  });
  const bounds = [{ setting: "risk.appetite", least: 50, most: 200 }];
  const centre = aPolicy("centre", risk(100, "environment"), { bounds });
  const most = (overlay: Policy): (readonly [string, number])[] =>
    effectiveSettings([centre, overlay], cart, now).riskAppetites.map(({ demand: each }) => [each.per, each.most]);
  assert.deepEqual(most(anOverlay("ours", risk(150, "unit"))), [
    ["environment", 100],
    ["unit", 150],
  ]);
  assert.deepEqual(most(anOverlay("ours", risk(150, "environment"))), [["environment", 150]]);
});

test("one centre's bound does not loosen what another centre demands", () => {
  const policies = [
    aPolicy(
      "a",
      { capacity: [{ resource: "db", max: 2 }] },
      { bounds: [{ setting: "capacity.db", least: 1, most: 9 }] },
    ),
    aPolicy("b", { capacity: [{ resource: "db", max: 4 }] }),
    anOverlay("ours", { capacity: [{ resource: "db", max: 8 }] }),
  ];
  assert.equal(effectiveSettings(policies, cart, now).capacity[0]?.demand.max, 4);
});

test("a policy is in force from its first instant up to, not at, its end, and both are moments", () => {
  const from = at("2026-04-01T00:00Z");
  const until = at("2026-05-01T00:00Z");
  const policies = [aPolicy("april", { promotion: { soak: hours(1) } }, { from, until })];
  const soaks = [from.subtract({ seconds: 1 }), from, until.subtract({ seconds: 1 }), until].map(
    (moment) => effectiveSettings(policies, cart, moment).promotion !== null,
  );
  assert.deepEqual(soaks, [false, true, true, false]);
  assert.deepEqual(settingMoments(policies, cart, now, now.add({ hours: 24 * 60 })).map(String), [
    from.toString(),
    until.toString(),
  ]);
  assert.deepEqual(settingMoments(policies, { ...cart, team: "x" }, from, until), []);
});

// --- what must never happen -----------------------------------------------------------------------------------------

const figure = option(integer({ min: 0, max: 5 }));
const anyLength = integer({ min: 1, max: 4 }).map(hours);
const age = option(anyLength);
const settingsOf = record<PolicySettings>({
  evidence: uniqueArray(
    record({
      kind: constantFrom("coverage", "sast"),
      min: figure,
      max: figure,
      maxAge: age,
      ruleSet: option(constantFrom("1.0.0", "1.10.0", "1.9.0", "spring", "autumn")),
    }),
    { selector: ({ kind }) => kind, maxLength: 2 },
  ),
  verification: option(record({ maxAge: age })),
  ticket: option(record({ states: subarray(["open", "approved", "done"], { minLength: 1 }) })),
  risk: option(record({ maxScore: figure, appetite: figure, per: constantFrom("environment", "unit", "region") })),
  errorBudget: option(record({ minLeft: constantFrom(0, 0.1, 0.5) })),
  capacity: uniqueArray(record({ resource: constantFrom("db", "queue"), max: integer({ min: 0, max: 4 }) }), {
    selector: ({ resource }) => resource,
    maxLength: 2,
  }),
  signals: option(record({ okFor: anyLength })),
  coreUpgrades: option(
    record({
      services: subarray(["db-*", "kernel"], { minLength: 1 }),
      soak: anyLength,
      criticalTiers: subarray([0, 1, 2]),
    }),
  ),
  stabilisation: option(record({ lasts: anyLength })),
  promotion: option(record({ soak: anyLength })),
  rollback: option(record({ plan: constantFrom(...planDemands), rehearsedWithin: age })),
  rollout: option(record({ canaryFor: subarray(["high", "low"], { minLength: 1 }) })),
  emergency: option(
    record({
      approvals: integer({ min: 1, max: 3 }),
      validFor: anyLength,
      reviewWithin: anyLength,
      backMergeWithin: anyLength,
      criteria: subarray(["cause-known", "users-affected"]),
      rehearsalWithin: option(anyLength),
      stopsAfter: option(anyLength),
    }),
  ),
  clauses: constant([]),
});
const policies = array(record({ settings: settingsOf, isOverlay: boolean() }), { maxLength: 4 }).map((drawn) =>
  drawn.map(({ settings, isOverlay }, place) =>
    isOverlay ? anOverlay(`p${place}`, settings) : aPolicy(`p${place}`, settings),
  ),
);
const printed = (all: readonly Policy[]): string => JSON.stringify(effectiveSettings(all, cart, now));
const demands = (all: readonly Policy[]): string =>
  JSON.stringify(effectiveSettings(all, cart, now), (key, value: unknown) => (key === "sources" ? undefined : value));

test("the order in which policies come does not matter", () => {
  assertProperty(
    property(
      policies.chain((all) => tuple(constant(all), shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => printed(all) === printed(shuffled),
    ),
  );
});

test("a policy said twice demands no more than said once", () => {
  assertProperty(
    property(policies, (all) => {
      const again = all.map((policy) => ({ ...policy, name: `${policy.name}-again` }));
      return demands([...all, ...again]) === demands(all);
    }),
  );
});

/** As strict as can be told from the figures alone, without the joins of the product. */
function isAsStrict(strict: EffectiveSettings, loose: EffectiveSettings): boolean {
  const atLeast = (a: number | null | undefined, b: number | null | undefined): boolean =>
    b === null || b === undefined || (typeof a === "number" && a >= b);
  const atMost = (a: number | null | undefined, b: number | null | undefined): boolean =>
    b === null || b === undefined || (typeof a === "number" && a <= b);
  const total = (length: Temporal.Duration | null | undefined): number | null => length?.total("seconds") ?? null;
  const evidence = loose.evidence.every(({ demand: { kind, min, max, maxAge } }) => {
    const found = strict.evidence.find((each) => each.demand.kind === kind)?.demand;
    return (
      found !== undefined &&
      atLeast(found.min, min) &&
      atMost(found.max, max) &&
      atMost(total(found.maxAge), total(maxAge))
    );
  });
  const states =
    loose.ticket === null ||
    (strict.ticket?.demand.states ?? ["?"]).every((state) => loose.ticket?.demand.states.includes(state));
  const core = loose.coreUpgrades?.demand.services.every((glob) => strict.coreUpgrades?.demand.services.includes(glob));
  return (
    evidence &&
    states &&
    core !== false &&
    atMost(strict.riskScore?.demand, loose.riskScore?.demand) &&
    loose.riskAppetites.every(({ demand: { per, most } }) =>
      atMost(strict.riskAppetites.find((each) => each.demand.per === per)?.demand.most, most),
    ) &&
    atLeast(strict.errorBudget?.demand.minLeft, loose.errorBudget?.demand.minLeft) &&
    loose.capacity.every(({ demand: { resource, max } }) =>
      atMost(strict.capacity.find((each) => each.demand.resource === resource)?.demand.max, max),
    ) &&
    atLeast(total(strict.signals?.demand.okFor), total(loose.signals?.demand.okFor)) &&
    atLeast(total(strict.stabilisation?.demand.lasts), total(loose.stabilisation?.demand.lasts)) &&
    atLeast(total(strict.promotion?.demand.soak), total(loose.promotion?.demand.soak)) &&
    atMost(
      total(strict.rollback?.demand.rehearsedWithin ?? undefined),
      total(loose.rollback?.demand.rehearsedWithin ?? undefined),
    ) &&
    atLeast(
      planDemands.indexOf(strict.rollback?.demand.plan ?? "none"),
      planDemands.indexOf(loose.rollback?.demand.plan ?? "none"),
    ) &&
    atLeast(strict.emergency?.demand.approvals, loose.emergency?.demand.approvals) &&
    atMost(total(strict.emergency?.demand.validFor), total(loose.emergency?.demand.validFor))
  );
}

test("one more policy never loosens anything that is demanded without a bound", () => {
  assertProperty(
    property(policies, settingsOf, boolean(), (all, settings, isOverlay) => {
      const more = isOverlay ? anOverlay("more", settings) : aPolicy("more", settings);
      return isAsStrict(effectiveSettings([...all, more], cart, now), effectiveSettings(all, cart, now));
    }),
  );
});

test("every demand names at least one policy", () => {
  assertProperty(
    property(policies, (all) => {
      const settings = effectiveSettings(all, cart, now);
      const lists = [settings.evidence, settings.riskAppetites, settings.capacity, settings.clauses].flat();
      const single = [settings.ticket, settings.riskScore, settings.promotion, settings.emergency].filter(
        (each) => each !== null,
      );
      return [...lists, ...single].every(({ sources }) => sources.length > 0);
    }),
  );
});

interface Measured {
  readonly coverage: number | null;
  readonly score: number | null;
  readonly left: number | null;
  readonly ticket: string | null;
  readonly verifiedHoursAgo: number | null;
}

const measured = record<Measured>({
  coverage: option(integer({ min: 0, max: 5 })),
  score: option(integer({ min: 0, max: 5 })),
  left: option(constantFrom(0, 0.2, 0.6)),
  ticket: option(constantFrom("open", "approved", "done")),
  verifiedHoursAgo: option(integer({ min: 0, max: 5 })),
});

test("one more overlay never turns a finding that stops into one that passes, now or later", () => {
  assertProperty(
    property(policies, settingsOf, measured, integer({ min: 0, max: 72 }), (all, settings, known, hour) => {
      const facts = factsOf(known, all);
      const moment = now.add({ hours: hour });
      const options = { hash: fakeHash, zoneData: "any" };
      const before = evaluateAt(rules, facts, moment, options);
      const more = { ...facts, policies: [...all, anOverlay("more", settings)] };
      const after = evaluateAt(rules, more, moment, options);
      const lets = ({ outcome }: Finding): boolean => outcome === "pass" || outcome === "not-applicable";
      const turned = after.findings.filter(
        (finding, place) => lets(finding) && !lets(before.findings[place] ?? finding),
      );
      assert.deepEqual(turned, []);
      return before.decision === "allow" || after.decision !== "allow";
    }),
    { numRuns: 200 },
  );
});

function factsOf(known: Measured, all: readonly Policy[]): Facts {
  const { coverage, score, left, ticket, verifiedHoursAgo } = known;
  const place = { service: "cart", version: "1.1.0", environment: "prod-emea", source: "ci", at: now };
  return someFacts({
    at: now,
    policies: all,
    evidence: coverage === null ? [] : [anEvidence("coverage", { value: coverage, ruleSet: "1.9.5", at: now })],
    riskScore: score === null ? null : { ...place, score },
    errorBudget: left === null ? null : { ...place, left },
    tickets:
      ticket === null
        ? []
        : [
            {
              key: "CHG-1",
              services: ["cart"],
              environments: [],
              state: ticket,
              from: null,
              to: null,
              source: "itsm",
              at: now,
            },
          ],
    verifications: verifiedHoursAgo === null ? [] : [aVerification({ at: now.subtract({ hours: verifiedHoursAgo }) })],
  });
}
