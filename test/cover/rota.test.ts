import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources, factsFrom } from "#config/world.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { rules } from "#core/policy/registry.ts";
import { aSubject, at, fakeHash, someFacts } from "#core/testing.ts";
import { sampleWorld } from "#test/support/calendar-plane.ts";

const head = "kind: Rota\nmetadata: { name: on-call }\nspec:\n  team: checkout\n";
const shift = 'name: day, start: 2026-01-05T08:00, rrule: FREQ=DAILY, end: "20:00", persons: [ann]';

function problemsOf(rota: string): readonly string[] {
  const { problems } = checkSources([
    { path: "world.yaml", text: sampleWorld },
    { path: "rota.yaml", text: rota },
  ]);
  return problems.map(({ line, code }) => `${line} ${code}`);
}

for (const [title, body, expected] of [
  ["a rota that is as it should be", `  zone: Europe/Berlin\n  shifts: [{ ${shift} }]`, []],
  ["no zone: shifts are in local time", `  shifts: [{ ${shift} }]`, ["3 missing-field"]],
  [
    "the zone of the environment: a team is in one place",
    `  zone: target\n  shifts: [{ ${shift} }]`,
    ["5 unknown-zone"],
  ],
  ["no shifts", "  zone: Europe/Berlin\n  shifts: []", ["6 out-of-range"]],
  [
    "a person that nobody declares",
    `  zone: Europe/Berlin\n  shifts: [{ ${shift.replace("ann", "anne")} }]`,
    ["6 unknown-reference"],
  ],
  [
    "a shift without an end",
    `  zone: Europe/Berlin\n  shifts:\n    - { ${shift.replace('end: "20:00", ', "")} }`,
    ["7 no-end"],
  ],
  [
    "a shift with one absolute end",
    `  zone: Europe/Berlin\n  shifts:\n    - { name: day, start: 2026-01-05T08:00, end: 2026-01-06T08:00, persons: [ann] }`,
    ["7 bad-value"],
  ],
  [
    "a shift of a month",
    `  zone: Europe/Berlin\n  shifts:\n    - { name: day, start: 2026-01-05T08:00, duration: PT720H, persons: [ann] }`,
    ["7 out-of-range"],
  ],
  [
    "a swap that names nobody, and one that ends before it begins",
    `  zone: Europe/Berlin\n  shifts: [{ ${shift} }]\n  swaps:\n    - { from: 2026-03-01T00:00:00Z, to: 2026-03-02T00:00:00Z }\n    - { person: ann, from: 2026-03-02T00:00:00Z, to: 2026-03-01T00:00:00Z }`,
    ["8 bad-value", "9 wrong-order"],
  ],
] as const) {
  test(`a rota is checked: ${title}`, () => assert.deepEqual(problemsOf(`${head}${body}\n`), expected));
}

test("a folder's rota, swaps and duties are facts about the teams that would feel a failure", () => {
  const state = `kind: State\nspec:\n  duties: [{ team: ledger, person: cem, from: 2026-03-28T00:00:00Z, to: 2026-03-29T00:00:00Z }]\n`;
  const rota = `${head}  zone: Europe/Berlin\n  stabilisation: PT4H\n  shifts: [{ ${shift} }]\n`;
  const files = [sampleWorld, state, rota].map((text, index) => ({ path: `${index}.yaml`, text }));
  const { world } = checkSources(files);
  assert.ok(world !== null);
  const now = at("2026-03-25T08:00Z");
  const coverOf = (service: string) => factsFrom(world, aSubject({ service }), now, now.add({ hours: 240 })).rotas;
  const [checkout, ledger] = [coverOf("checkout-api"), coverOf("ledger-core")];
  assert.ok(typeof checkout !== "string" && typeof ledger !== "string");
  assert.deepEqual(
    checkout.map(({ team, stabilisation }) => `${team} ${stabilisation.toString()}`),
    ["checkout PT4H"],
  );
  // Who only sends messages does not feel the failure of a ledger.
  assert.deepEqual(
    ledger.map(({ team, knownUntil }) => `${team} ${String(knownUntil)}`),
    ["ledger 2026-03-29T00:00:00Z"],
  );
});

test("facts from before there were profiles, rotas and agreements still read, as if there were none", () => {
  const json = factsToJson(someFacts());
  assert.ok(typeof json === "object" && json !== null && !Array.isArray(json));
  const added = new Set(["profiles", "impact", "rotas", "agreedSlot"]);
  const old = Object.fromEntries(Object.entries(json).filter(([name]) => !added.has(name)));
  const read = factsFromJson(old);
  assert.ok(read.ok, read.ok ? "" : read.error.message);
  const { findings, decision } = evaluate(rules, read.value, { hash: fakeHash, zoneData: "any" });
  assert.equal(decision, "allow");
  const about = findings.filter(({ rule }) => ["quiet-hours", "cover-present", "agreed-slot-begun"].includes(rule));
  assert.deepEqual(
    about.map(({ outcome }) => outcome),
    ["not-applicable", "not-applicable", "not-applicable"],
  );
  assert.equal(factsFromJson({ ...old, rotas: "some" }).ok, false);
});
