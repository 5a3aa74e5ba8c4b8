import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore, type Store } from "#sim/database.ts";
import { mutants, type Mutant } from "#sim/mutants.ts";
import { runSeed } from "#sim/run.ts";
import { fillTemplate } from "#sim/world.ts";

/** The oracle is tested by defects: each must be found, by the name of what it breaks, before so many seeds are over. */
const mostSeeds = 200n;

async function foundBy(store: Store, mutant: Mutant): Promise<bigint | null> {
  const order = [mutant.tryFirst, ...Array.from({ length: Number(mostSeeds) }, (_, nth) => BigInt(nth + 1))];
  for (const seed of order) {
    const { violation } = await runSeed({ seed, store, mutant });
    if (violation !== null && mutant.breaks.some((id) => id === violation.id)) return seed;
  }
  return null;
}

test("Every planted defect is found by the invariant that it breaks", async (t) => {
  await using shared = await openStore(fillTemplate);
  for (const mutant of mutants.filter(({ prepare }) => prepare === undefined)) {
    const seed = await foundBy(shared, mutant);
    t.diagnostic(`${mutant.name}: seed ${seed}`);
    assert.notEqual(seed, null, `${mutant.name} was not found: ${mutant.summary}`);
  }
});

test("A defect that needs a guard of the store out of its way is found too", async (t) => {
  for (const mutant of mutants.filter(({ prepare }) => prepare !== undefined)) {
    await using own = await openStore(fillTemplate);
    const seed = await foundBy(own, mutant);
    t.diagnostic(`${mutant.name}: seed ${seed}`);
    assert.notEqual(seed, null, `${mutant.name} was not found: ${mutant.summary}`);
  }
});
