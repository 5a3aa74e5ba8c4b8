import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { expectedStarts, grantsOf, type Claim } from "#core/plan/resource-queue.ts";

const one = (key: string, resource: string, more: Partial<Claim> = {}): Claim => ({
  key,
  uses: [{ resource, units: 1 }],
  priority: 100,
  seq: Number(key.replaceAll(/\D/g, "")),
  isHeld: false,
  ...more,
});
const db = new Map([
  ["db", 1],
  ["cluster", 2],
]);
const keys = (claims: readonly Claim[]): readonly string[] => claims.map(({ key }) => key);

test("Of two that ask at the same time one begins, the other is first in the queue", () => {
  assert.deepEqual(keys(grantsOf(db, [one("a1", "db"), one("a2", "db")])), ["a1"]);
  assert.deepEqual(keys(grantsOf(db, [one("a1", "db", { isHeld: true }), one("a2", "db")])), []);
});

test("An emergency goes first in the queue and interrupts nobody", () => {
  const waiting = [one("a2", "db"), one("a3", "db", { priority: 10 })];
  assert.deepEqual(keys(grantsOf(db, [one("a1", "db", { isHeld: true }), ...waiting])), []);
  assert.deepEqual(keys(grantsOf(db, waiting)), ["a3"]);
});

test("Nobody overtakes somebody who waits for the same, and others go by", () => {
  const wide = one("a2", "cluster", { uses: [{ resource: "cluster", units: 2 }] });
  const claims = [one("a1", "cluster", { isHeld: true }), wide, one("a3", "cluster"), one("a4", "db")];
  assert.deepEqual(keys(grantsOf(db, claims)), ["a4"]);
});

test("A step takes all that it uses or nothing", () => {
  const both = one("a2", "db", {
    uses: [
      { resource: "db", units: 1 },
      { resource: "cluster", units: 1 },
    ],
  });
  assert.deepEqual(keys(grantsOf(db, [one("a1", "db", { isHeld: true }), both, one("a3", "cluster")])), []);
  assert.deepEqual(keys(grantsOf(db, [both, one("a3", "cluster")])), ["a2", "a3"]);
});

test("What is expected of those before says when one begins", () => {
  const claims = [one("a1", "db", { isHeld: true }), one("a2", "db"), one("a3", "db")];
  const starts = expectedStarts(db, claims, () => ({ least: 60, most: 100 }));
  assert.deepEqual(starts.get("a2"), { least: 60, most: 100 });
  assert.deepEqual(starts.get("a3"), { least: 120, most: 200 });
});

const names = ["r0", "r1", "r2"] as const;
const claimsOf = fc
  .array(
    fc.record({
      uses: fc.uniqueArray(fc.record({ resource: fc.constantFrom(...names), units: fc.integer({ min: 1, max: 2 }) }), {
        minLength: 1,
        selector: ({ resource }) => resource,
      }),
      priority: fc.constantFrom(10, 100),
    }),
    { maxLength: 12 },
  )
  .map((drafts) => drafts.map((draft, seq): Claim => ({ ...draft, key: `c${seq}`, seq, isHeld: false })));

test("However the queue is played, capacity holds, nobody is overtaken, and everybody has a turn", () => {
  const capacities = new Map(names.map((name) => [name, 2]));
  fc.assert(
    fc.property(claimsOf, fc.infiniteStream(fc.nat()), (claims, draws) => {
      const held = new Set<string>();
      const done = new Set<string>();
      for (let turn = 0; turn < 100 && done.size < claims.length; turn++) {
        const open = claims
          .filter(({ key }) => !done.has(key))
          .map((claim) => ({ ...claim, isHeld: held.has(claim.key) }));
        const granted = grantsOf(capacities, open);
        for (const { key } of granted) held.add(key);
        for (const name of names) {
          const used = claims
            .filter(({ key }) => held.has(key))
            .flatMap(({ uses }) => uses.filter(({ resource }) => resource === name).map(({ units }) => units));
          assert.ok(used.reduce((sum, units) => sum + units, 0) <= 2, `${name} is not overbooked`);
        }
        for (const late of granted) {
          const overtaken = open.find(
            (claim) =>
              !held.has(claim.key) &&
              (claim.priority < late.priority || (claim.priority === late.priority && claim.seq < late.seq)) &&
              claim.uses.some(({ resource }) => late.uses.some((use) => use.resource === resource)),
          );
          assert.equal(overtaken, undefined, `${late.key} overtook ${overtaken?.key ?? ""}`);
        }
        assert.ok(held.size > 0, "somebody can always go on");
        const ending = [...held][(draws.next().value ?? 0) % held.size];
        if (ending !== undefined) {
          held.delete(ending);
          done.add(ending);
        }
      }
      assert.equal(done.size, claims.length);
    }),
  );
});
