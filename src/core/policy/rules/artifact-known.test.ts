import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestNames } from "#core/policy/nearest.ts";
import { artifactKnown } from "#core/policy/rules/artifact-known.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { someFacts } from "#core/testing.ts";

for (const [title, facts, code] of [
  ["passes a registered artifact", {}, "artifact-registered"],
  ["takes it as known where none are listed", { artifact: "assumed" }, "artifact-assumed"],
  ["denies what is not registered", { artifact: null }, "artifact-unknown"],
  ["denies an unknown service before anything else", { service: null, artifact: null }, "unknown-service"],
  ["denies an unknown environment", { environment: null }, "unknown-environment"],
] as const) {
  test(`artifact-known ${title}`, () => {
    const all = someFacts(facts);
    assert.equal(valueAt(artifactKnown.judge(all), all.at).code, code);
  });
}

for (const [name, known, nearest] of [
  ["carrt", ["cart", "card", "checkout"], ["cart", "card"]],
  ["PROD-EMEA", ["prod-emea", "prod-apac"], ["prod-emea"]],
  ["payments", ["cart", "stock"], []],
] as const) {
  test(`the names nearest to ${name} are ${nearest.join(", ") || "none"}`, () => {
    assert.deepEqual(nearestNames(name, known), nearest);
  });
}
