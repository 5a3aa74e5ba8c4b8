import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";
import { spansOf } from "#core/calendar/expand.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { at } from "#core/testing.ts";

function aPersonWith(fields: string): ReturnType<typeof checkSources> {
  return checkSources([{ path: "people.yaml", text: `kind: Person\nmetadata: { name: ann }\nspec: { ${fields} }` }]);
}

test("hours are read on the person's own clock, over midnight and to the end of the day", () => {
  const hours = `[{ days: [MO], from: "22:00", to: "06:00" }, { days: [TU], from: "20:00", to: "24:00" }]`;
  const { world } = aPersonWith(`zone: Europe/Berlin, hours: ${hours}`);
  const stated = world?.organisation.workingHours.get("ann");
  assert.equal(stated?.zone, "Europe/Berlin");
  const between = { from: at("2026-03-23T00:00Z"), to: at("2026-03-30T00:00Z") };
  const spans = (stated?.rules ?? []).flatMap((rule) => {
    const found = spansOf("window", rule, "UTC", between);
    return found.ok ? spansIn(found.value).map(({ from, to }) => `${from.toString()}/${to.toString()}`) : [];
  });
  assert.deepEqual(spans, ["2026-03-23T21:00:00Z/2026-03-24T05:00:00Z", "2026-03-24T19:00:00Z/2026-03-24T23:00:00Z"]);
});

test("a person without hours is one of whom nobody knows, with a zone or without", () => {
  for (const fields of ["roles: [approver]", "zone: Europe/Berlin"]) {
    const { world } = aPersonWith(fields);
    assert.equal(world?.organisation.people.size, 1);
    assert.equal(world?.organisation.workingHours.size, 0);
  }
});

test("the hours of a person are no part of the person that facts keep", () => {
  const { world } = aPersonWith(`zone: Europe/Berlin, hours: [{ days: [MO], from: "09:00", to: "17:00" }]`);
  const keys = Object.keys(world?.organisation.people.get("ann") ?? {}).toSorted();
  assert.deepEqual(keys, ["accounts", "displayName", "name", "roles", "teams"]);
});

for (const [title, fields, code, place] of [
  ["hours without a zone", `hours: [{ days: [MO], from: "09:00", to: "17:00" }]`, "missing-field", 3],
  ["an unknown zone", `zone: Europe/Nowhere`, "unknown-zone", 3],
  ["hours without days", `zone: Europe/Berlin, hours: [{ from: "09:00", to: "17:00" }]`, "missing-field", 3],
  ["a time that is none", `zone: Europe/Berlin, hours: [{ days: [MO], from: "9", to: "17:00" }]`, "bad-time-of-day", 3],
  ["a start at 24:00", `zone: UTC, hours: [{ days: [MO], from: "24:00", to: "17:00" }]`, "bad-time-of-day", 3],
] as const) {
  test(`${title} is refused with its place: ${code}`, () => {
    const { world, problems } = aPersonWith(fields);
    assert.equal(world, null);
    assert.deepEqual(
      problems.map((problem) => [problem.code, problem.line]),
      [[code, place]],
    );
  });
}
