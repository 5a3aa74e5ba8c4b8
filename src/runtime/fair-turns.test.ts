import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { fairTurns } from "#runtime/fair-turns.ts";

/** Work that ends when it is told to. */
function steered(): {
  readonly begun: string[];
  readonly work: (name: string) => () => Promise<string>;
  readonly end: (name: string) => void;
} {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  return {
    begun,
    work: (name) => async () => {
      begun.push(name);
      await new Promise<void>((resolve) => void ends.set(name, resolve));
      return name;
    },
    end: (name) => ends.get(name)?.(),
  };
}

test("one after the other, and whoever comes back stands behind those who wait", async () => {
  const take = fairTurns({ atOnce: 1, waiting: 2 });
  const { begun, work, end } = steered();
  const first = take("ann", work("ann 1"));
  const others = [take("bob", work("bob 1")), take("cem", work("cem 1"))];
  assert.deepEqual(begun, ["ann 1"]);
  end("ann 1");
  assert.deepEqual(await first, { ok: true, value: "ann 1" });
  const again = take("ann", work("ann 2"));
  for (const name of ["bob 1", "cem 1", "ann 2"]) {
    await turn();
    assert.equal(begun.at(-1), name);
    end(name);
  }
  await Promise.all([...others, again]);
});

test("nobody has two turns, and no more wait than may", async () => {
  const take = fairTurns({ atOnce: 1, waiting: 1 });
  const { work, end, begun } = steered();
  const first = take("ann", work("ann"));
  const second = take("bob", work("bob"));
  assert.deepEqual(await take("ann", work("never")), { ok: false, error: "yours" });
  assert.deepEqual(await take("bob", work("never")), { ok: false, error: "yours" });
  assert.deepEqual(await take("cem", work("never")), { ok: false, error: "full" });
  end("ann");
  await first;
  await turn();
  end("bob");
  await second;
  assert.deepEqual(begun, ["ann", "bob"]);
});

test("work that fails gives its turn back", async () => {
  const take = fairTurns({ atOnce: 1, waiting: 1 });
  await assert.rejects(
    take("ann", () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.deepEqual(await take("ann", async () => 7), { ok: true, value: 7 });
});
