import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { fakeHash } from "#core/testing.ts";
import { configurations } from "./configuration.ts";
import { scanForOpening } from "./minute-scan.ts";

/** `npm run bench -- when` tries ten thousand. */
const tried = 150;

test("the next opening is what a scan minute by minute over 60 days finds", () => {
  let opening = 0;
  fc.assert(
    fc.property(configurations, ({ facts, base, minutes }) => {
      const { nextOpening } = evaluate(rules, facts, { hash: fakeHash, zoneData: "any" });
      const scanned = scanForOpening(facts, base, minutes);
      assert.equal(nextOpening?.epochMilliseconds ?? null, scanned === null ? null : scanned * 60_000);
      if (scanned !== null) opening += 1;
    }),
    { numRuns: tried },
  );
  assert.ok(opening > tried / 10, `only ${opening} of ${tried} open at all`);
});
