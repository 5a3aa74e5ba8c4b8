import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Arbitrary,
  assert as assertProperty,
  constantFrom,
  integer,
  option,
  property,
  record,
  subarray,
} from "fast-check";
import type { Impact } from "#core/catalog/service.ts";
import { planDemands } from "#core/policy/policy.ts";
import * as joins from "#core/policy/strictness.ts";

const anyLength = integer({ min: 1, max: 6 }).map((hours) => Temporal.Duration.from({ hours }));
const states = subarray(["approved", "done", "open", "scheduled"]);

/** Laws of a join: whatever the grouping and the order, the same; said twice, no more than once. */
function lawful<T>(title: string, values: Arbitrary<T>, join: (a: T, b: T) => T): void {
  test(`the join of ${title} is commutative, associative and idempotent`, () => {
    assertProperty(
      property(values, values, values, (a, b, c) => {
        const text = (value: T): string => JSON.stringify(value);
        assert.equal(text(join(a, b)), text(join(b, a)));
        assert.equal(text(join(a, join(b, c))), text(join(join(a, b), c)));
        assert.equal(text(join(join(a, b), b)), text(join(a, b)));
        assert.equal(text(join(a, a)), text(a));
      }),
    );
  });
}

const evidence = record({
  kind: constantFrom("coverage"),
  min: option(integer({ min: 0, max: 9 })),
  max: option(integer({ min: 0, max: 9 })),
  maxAge: option(anyLength),
  ruleSet: option(constantFrom("1.9.0", "1.10.0", "1.10.0-rc.1", "spring", "autumn")),
});
const emergency = record({
  approvals: integer({ min: 1, max: 4 }),
  validFor: anyLength,
  reviewWithin: anyLength,
  backMergeWithin: anyLength,
  criteria: subarray(["cause-known", "users-affected"]),
  rehearsalWithin: option(anyLength),
  stopsAfter: option(anyLength),
});
const coreUpgrades = record({
  services: subarray(["db-*", "kernel", "proxy"]),
  soak: anyLength,
  criticalTiers: subarray([0, 1, 2]),
});

lawful("least values", option(integer({ min: 0, max: 9 })), joins.greater);
lawful("greatest values", option(integer({ min: 0, max: 9 })), joins.smaller);
lawful("evidence of one kind", evidence, joins.joinEvidence);
lawful("verification", record({ maxAge: option(anyLength) }), joins.joinVerification);
lawful("tickets", record({ states }), joins.joinTicket);
lawful("error budgets", record({ minLeft: constantFrom(0, 0.1, 0.5) }), joins.joinErrorBudget);
lawful("a resource", record({ resource: constantFrom("db"), max: integer({ min: 0, max: 4 }) }), joins.joinCapacity);
lawful("an appetite", record({ per: constantFrom("unit"), most: integer({ min: 0, max: 9 }) }), joins.joinAppetite);
lawful("signals", record({ okFor: anyLength }), joins.joinSignals);
lawful("core upgrades", coreUpgrades, joins.joinCoreUpgrades);
lawful("stabilisation", record({ lasts: anyLength }), joins.joinStabilisation);
lawful("rollouts", record({ canaryFor: subarray<Impact>(["high", "low"]) }), joins.joinRollout);
lawful("promotion", record({ soak: anyLength }), joins.joinPromotion);
lawful(
  "ways back",
  record({ plan: constantFrom(...planDemands), rehearsedWithin: option(anyLength) }),
  joins.joinRollback,
);
lawful("emergencies", emergency, joins.joinEmergency);

test("a length in months, as only a damaged row has it, is compared all the same", () => {
  const month = Temporal.Duration.from("P1M");
  assert.equal(joins.shorter(month, Temporal.Duration.from({ hours: 1 }))?.toString(), "PT1H");
  assert.equal(joins.longer(month, Temporal.Duration.from({ hours: 1 })).toString(), "P1M");
});
