import assert from "node:assert/strict";
import { test } from "node:test";
import { promiseOf } from "#api/release/promise-of.ts";

const noon = Temporal.Instant.from("2026-03-25T12:00:00Z");

for (const [freshFor, until] of [
  ["PT30S", "2026-03-25T12:00:30Z"],
  ["PT10M", "2026-03-25T12:10:00Z"],
  ["P7D", "2026-04-01T12:00:00Z"],
  ["PT29S", null],
  ["P8D", null],
  ["PT0S", null],
] as const) {
  test(`a promise of ${freshFor} ${until === null ? "is refused" : `holds until ${until}`}`, () => {
    const promise = promiseOf(freshFor, noon);
    assert.equal(promise.ok ? promise.value.freshUntil?.toString() : null, until);
    if (!promise.ok) assert.match(promise.error, /it takes 30 seconds to 7 days/);
  });
}

test("whoever promises nothing has no next report", () => {
  assert.deepEqual(promiseOf(undefined, noon), { ok: true, value: {} });
});
