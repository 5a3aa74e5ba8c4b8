import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueryKey } from "@tanstack/react-query";
import { gather, queriesTouchedBy } from "#web/runtime/events.ts";

test("An event touches the page of its object and the lists that show it", () => {
  const touched = queriesTouchedBy({ kind: "deployment", object: "dep_1" });
  assert.deepEqual(touched, [
    ["deployments"],
    ["deployment", "dep_1"],
    ["matrix"],
    ["inbox"],
    ["audit"],
    ["service"],
    ["gates"],
  ]);
  assert.deepEqual(queriesTouchedBy({ kind: "traffic", object: "dep_1" }), [["traffic", "dep_1"]]);
});

test("A change of the clock or of the configuration touches everything", () => {
  assert.deepEqual(queriesTouchedBy({ kind: "clock", object: "" }), [[]]);
  assert.deepEqual(queriesTouchedBy({ kind: "configuration", object: "7" }), [[]]);
});

test("A stop or a hold touches everything, what lets through what shows it and every verdict", () => {
  const touched = (object: string) => queriesTouchedBy({ kind: "configuration", object });
  assert.deepEqual(touched(`stop/stp_${"1".repeat(32)}`), [[]]);
  assert.deepEqual(touched(`hold/hld_${"1".repeat(32)}`), [[]]);
  assert.deepEqual(touched("gate/gat_1"), [["gates"]]);
  assert.deepEqual(touched(`run/run_${"1".repeat(32)}`), [["runs"], ["run"], ["tasks"], ["resources"]]);
  for (const [object, list] of [
    ["exemption/EX-1", "exemptions"],
    ["emergency/EM-1", "emergencies"],
    ["debt/DB-1", "debts"],
  ] as const) {
    const keys = touched(object).map(([first]) => first);
    assert.ok(keys.includes(list) && keys.includes("verdict-at") && keys.includes("outline"), object);
  }
});

test("The first event passes at once and a storm passes together, each key once", () => {
  const passed: (readonly QueryKey[])[] = [];
  const due: (() => void)[] = [];
  const take = gather((keys) => passed.push(keys), { set: (body) => due.push(body) });
  take([["deployments"]]);
  assert.deepEqual(passed, [[["deployments"]]]);
  for (let i = 0; i < 50; i += 1) take([["deployments"], ["traffic", "dep_1"]]);
  assert.equal(passed.length, 1);
  due.shift()?.();
  assert.deepEqual(passed[1], [["deployments"], ["traffic", "dep_1"]]);
  due.shift()?.();
  take([["audit"]]);
  assert.deepEqual(passed[2], [["audit"]]);
});
