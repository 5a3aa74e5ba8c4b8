import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "#core/release/report.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { noon } from "#test/support/store.ts";
import { callOf, digest, openIntake, organisation, type IntakePlane } from "#test/intake/plane.ts";

/** Ann and oli report, each with an automation account. */
const people = organisation.map((document) =>
  document.name === "oli"
    ? {
        ...document,
        spec: {
          ...document.spec,
          accounts: [
            { name: "oli", kind: "human" },
            { name: "oli-bot", kind: "bot" },
          ],
        },
      }
    : document,
);
const declared = [
  ...people,
  ...documentsOf(`kind: Source
metadata: { name: ci }
spec: { accounts: [ann-ci], evidence: [load-test] }`),
];

const evidence = (source: string, outcome: "pass" | "fail" = "pass", kind = "coverage"): Report => {
  const record = { digest, kind, outcome, value: null, ruleSet: null, source, at: noon, ref: null } as const;
  return { kind: "evidence", record };
};

async function submit(plane: IntakePlane, report: Report, person: string, account: string): Promise<string> {
  const taken = await plane.intake.submitReport(report, callOf(person, account));
  return taken.ok ? "taken" : taken.error.code;
}

test("a name belongs to the account that reported under it first, and nobody speaks for another", async () => {
  await using plane = await openIntake(people);
  assert.equal(await submit(plane, evidence("scanner", "fail"), "ann", "ann-ci"), "taken");
  assert.equal(await submit(plane, evidence("scanner"), "oli", "oli-bot"), "foreign-source");
  const signal = { service: "cart", environment: null, status: "ok", source: "scanner", at: noon, ref: null } as const;
  assert.equal(await submit(plane, { kind: "signal", record: signal }, "oli", "oli"), "foreign-source");
  const found = (await plane.facts()).evidence;
  assert.deepEqual(found === "assumed" ? [] : found.map(({ source, by, outcome }) => `${source} ${by} ${outcome}`), [
    "scanner ann-ci fail",
  ]);
});

test("a name that is somebody's account is theirs before they have said anything", async () => {
  await using plane = await openIntake(people);
  assert.equal(await submit(plane, evidence("ann-ci"), "oli", "oli-bot"), "foreign-source");
  assert.equal(await submit(plane, evidence("ann-ci"), "ann", "ann-ci"), "taken");
});

test("a declared source speaks with its accounts alone, whoever used the name before", async () => {
  await using plane = await openIntake(declared);
  assert.equal(await submit(plane, evidence("ci"), "oli", "oli-bot"), "foreign-source");
  assert.equal(await submit(plane, evidence("ci"), "ann", "ann-ci"), "taken");
});

test("evidence that declared sources report alone is taken under no other name", async () => {
  await using plane = await openIntake(declared);
  assert.equal(await submit(plane, evidence("oli-bot", "pass", "load-test"), "oli", "oli-bot"), "foreign-source");
  assert.equal(await submit(plane, evidence("ci", "pass", "load-test"), "ann", "ann-ci"), "taken");
  assert.equal(await submit(plane, evidence("oli-bot"), "oli", "oli-bot"), "taken");
});

test("of two accounts that come first at the same time one gets the name", async () => {
  await using plane = await openIntake(people);
  const said = await Promise.all([
    submit(plane, evidence("scanner"), "ann", "ann-ci"),
    submit(plane, evidence("scanner", "fail"), "oli", "oli-bot"),
  ]);
  assert.deepEqual(said.toSorted(), ["foreign-source", "taken"]);
});
