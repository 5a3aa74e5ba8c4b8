import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import { scopeIndex } from "./scope-index.ts";

const globs = fc.subarray(["a", "b", "a*", "?", "*"], { minLength: 1 });
const scopes: fc.Arbitrary<Scope> = fc.record(
  {
    services: globs,
    teams: globs,
    units: globs,
    environments: globs,
    regions: globs,
    tags: globs,
    tiers: fc.subarray([0, 1]),
  },
  { requiredKeys: [] },
);
const name = fc.constantFrom("a", "b", "ab", "c");
const subjects: fc.Arbitrary<ScopeSubject> = fc.record({
  environment: name,
  region: fc.option(name),
  service: name,
  team: name,
  unit: name,
  tier: fc.constantFrom(0, 1, 2),
  tags: fc.subarray(["a", "b", "c"]),
  dataClasses: fc.constant([]),
  class: fc.constant("normal"),
  action: fc.constant("deploy"),
  invoker: fc.constant("person"),
});

test("a scope index finds what matching every scope finds, in the same order", () => {
  fc.assert(
    fc.property(fc.array(scopes, { maxLength: 30 }), fc.array(subjects, { minLength: 1 }), (all, asked) => {
      const rules = all.map((scope) => ({ scope }));
      const index = scopeIndex(rules);
      for (const subject of asked) {
        const expected = rules.filter(({ scope }) => matchesScope(scope, subject));
        assert.deepEqual(index.matching(subject), expected);
        assert.equal(index.matching({ ...subject }), index.matching(subject), "the same list object");
      }
    }),
  );
});
