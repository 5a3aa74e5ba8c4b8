import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError } from "pg";
import { patiently } from "#main/patience.ts";
import type { Transact } from "#usecases/records.ts";

const coded = (code: string): Error => Object.assign(new DatabaseError("no", 0, "error"), { code });

test("A store that is away, or a lock that is not given, is waited out; anything else is told at once", async () => {
  const met = [coded("57P01"), coded("55P03"), coded("40001")];
  const transact: Transact = (_body) => {
    const next = met.shift();
    return next === undefined ? Promise.reject(new TypeError("a bug")) : Promise.reject(next);
  };
  await assert.rejects(
    patiently(transact)(() => Promise.resolve(1)),
    TypeError,
  );
  assert.deepEqual(met, []);
});
