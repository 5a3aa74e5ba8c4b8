import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { groupsOf, instantOf, moved, positionOf, sliderSteps, type Matrix } from "#web/release/matrix.ts";
import { groupings, reaches } from "#web/release/search.ts";

const now = Temporal.Instant.from("2026-11-21T12:00:00Z");
const matrix: Matrix = {
  at: "2026-11-21T12:00:00Z",
  services: [
    { name: "checkout-api", team: "checkout", unit: "retail", tier: 1 },
    { name: "ledger-core", team: "ledger", unit: "finance", tier: 1 },
    { name: "checkout-web", team: "checkout", unit: "retail", tier: 2 },
  ],
  environments: [
    { name: "staging", zone: "UTC", protected: false },
    { name: "prod", zone: "UTC", protected: true },
  ],
  cells: [{ service: "ledger-core", environment: "prod", version: "2.0.0", since: "2026-11-01T00:00:00Z", open: null }],
};

test("Every service stands in exactly one group, whatever the grouping", () => {
  for (const group of groupings) {
    const names = groupsOf(matrix, group, "").flatMap(({ rows }) => rows.map(({ service }) => service));
    assert.deepEqual(names.toSorted(), ["checkout-api", "checkout-web", "ledger-core"]);
  }
  assert.deepEqual(
    groupsOf(matrix, "unit", "").map(({ title }) => title),
    ["finance", "retail"],
  );
  assert.deepEqual(
    groupsOf(matrix, "none", "").map(({ title }) => title),
    [null],
  );
});

test("A row has one cell per environment, in their order, and null where nothing is known", () => {
  const [row] = groupsOf(matrix, "none", "LEDGER ")[0]?.rows ?? [];
  assert.deepEqual(
    row?.cells.map((cell) => cell?.version ?? null),
    [null, "2.0.0"],
  );
});

test("The slider's far right is now, and its positions come back from their instants", () => {
  for (const reach of reaches) {
    assert.equal(instantOf(sliderSteps, reach, now), null);
    for (let position = 0; position < sliderSteps; position += 1) {
      assert.equal(positionOf(instantOf(position, reach, now), reach, now), position);
    }
  }
  assert.equal(positionOf(Temporal.Instant.from("2020-01-01T00:00:00Z"), "month", now), 0);
});

test("Keys never lead out of the grid", () => {
  const size = { rows: 3, columns: 4 };
  fc.assert(
    fc.property(fc.array(fc.constantFrom("up", "down", "left", "right", "home", "end")), (keys) => {
      let place = { row: 0, column: 0 };
      for (const key of keys) place = moved(place, key, size);
      assert.ok(place.row >= 0 && place.row < size.rows && place.column >= 0 && place.column < size.columns);
    }),
  );
  assert.deepEqual(moved({ row: 1, column: 1 }, "end", size), { row: 1, column: 3 });
});
