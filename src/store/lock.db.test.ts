import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newId } from "#runtime/ids.ts";
import { findLock, releaseLock, takeLock } from "#store/lock.ts";
import { transaction } from "#store/sql.ts";
import { freshStore, hourAfter, noon, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(50);
});
after(() => store[Symbol.asyncDispose]());

const aHolder = () => newId<"DeploymentId">("deployment");
const take = (key: string, holder = aHolder(), until: Temporal.Instant | null = null) =>
  store.transact((records) => records.locks.take(key, holder, until));

test("a lock that is held names its holder, and its own holder keeps the number", async () => {
  const key = "environment:named";
  const holder = aHolder();
  const first = await take(key, holder, hourAfter(noon));
  assert.ok(first.taken);
  assert.deepEqual(await take(key), {
    taken: false,
    by: { key, holder, fence: first.fence, until: hourAfter(noon) },
  });
  assert.deepEqual(await take(key, holder, null), { taken: true, fence: first.fence });
  assert.equal((await findLock(store.pool, key))?.until, null);
});

test("a late holder frees nothing of its successor's, and numbers rise from one to the next", async () => {
  const key = "environment:passed-on";
  const [former, latter] = [aHolder(), aHolder()];
  const first = await take(key, former);
  assert.equal(await store.transact((records) => records.locks.release(key, former)), true);
  const second = await take(key, latter);
  assert.ok(first.taken && second.taken && second.fence > first.fence);
  assert.equal(await store.transact((records) => records.locks.release(key, former)), false);
  assert.equal((await findLock(store.pool, key))?.holder, latter);
});

test("of 50 takes at once one gets the lock", async () => {
  const takes = await Promise.all(Array.from({ length: 50 }, () => take("environment:wanted")));
  const [winner, ...others] = takes.filter(({ taken }) => taken);
  assert.ok(winner?.taken && others.length === 0);
  for (const each of takes) if (!each.taken) assert.equal(each.by.fence, winner.fence);
});

for (const isolation of ["read committed", "repeatable read"] as const) {
  test(`20 contenders hold the lock one after the other with rising numbers, whoever gives up (${isolation})`, async () => {
    const key = `environment:contended ${isolation}`;
    const fences: number[] = [];
    let inside = 0;
    const contend = async (index: number): Promise<void> => {
      const holder = aHolder();
      for (;;) {
        const taken = await transaction(
          store.pool,
          async (client) => {
            const answer = await takeLock(client, key, holder, null);
            // Every third take is undone: its number is lost and must not come back.
            if (answer.taken && index % 3 === 0) throw new GivenUp();
            return answer;
          },
          { isolation, retries: 1000 },
        ).catch((error: unknown) => {
          if (error instanceof GivenUp) return null;
          throw error;
        });
        if (taken === null) return;
        if (!taken.taken) continue;
        inside += 1;
        assert.equal(inside, 1);
        fences.push(taken.fence);
        inside -= 1;
        assert.equal(await transaction(store.pool, (client) => releaseLock(client, key, holder)), true);
        return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => contend(index)));
    assert.equal(fences.length, 13);
    assert.deepEqual(
      fences,
      fences.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(fences).size, 13);
  });
}

class GivenUp extends Error {}
