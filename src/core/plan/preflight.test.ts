import assert from "node:assert/strict";
import { test } from "node:test";
import { reportFinding, targetFindings, type SeenTarget } from "#core/plan/preflight.ts";
import { at } from "#core/testing.ts";

const noon = at("2026-03-25T12:00Z");
const live = { version: "1.0.0", digest: "sha256:a" };
const one = { ...live, state: "ready", percent: 100 };
const seen: SeenTarget = {
  service: "cart",
  environment: "prod",
  failure: null,
  versions: [one],
  checks: [{ name: "live", passed: true, detail: "200" }],
  at: noon.toString(),
};

for (const [title, change, recorded, outcomes] of [
  ["a target as it should be", {}, live, "pass pass pass"],
  ["one that does not answer", { failure: "connection refused" }, live, "fail unknown unknown"],
  ["one of which nothing is on record", {}, null, "pass pass unknown"],
  ["another version than on record", {}, { ...live, version: "0.9.0" }, "pass pass fail"],
  ["another digest than on record", {}, { ...live, digest: "sha256:b" }, "pass pass fail"],
  ["shared traffic", { versions: [{ ...one, percent: 95 }] }, live, "pass fail fail"],
  ["no version at all", { versions: [] }, live, "pass fail fail"],
  ["a version that is failing", { versions: [{ ...one, state: "failed" }] }, live, "pass fail pass"],
  ["a check that fails", { checks: [{ name: "live", passed: false, detail: "500" }] }, live, "pass fail pass"],
  ["checks that could not be asked", { checks: null }, live, "pass unknown pass"],
  ["no check at all", { checks: [] }, live, "pass unknown pass"],
] as const) {
  test(`Of ${title} connectivity, health and drift are ${outcomes}`, () => {
    const found = targetFindings({ ...seen, ...change }, recorded);
    assert.deepEqual(
      found.map(({ check, outcome }) => `${check} ${outcome}`),
      ["connectivity", "health", "drift"].map((check, index) => `${check} ${outcomes.split(" ")[index] ?? ""}`),
    );
    assert.ok(found.every(({ sentence, subject }) => sentence !== "" && subject === "cart in prod"));
  });
}

const check = { name: "backup", service: "cart", environment: "prod", source: "nightly", maxAgeSeconds: 3600 };
const signal = { service: "cart", environment: "prod", status: "ok", source: "nightly", ref: null } as const;
const ago = (minutes: number) => noon.subtract({ minutes });

for (const [title, newest, outcome] of [
  ["nobody has made", null, "unknown"],
  ["is fresh and good", { ...signal, at: ago(10) }, "pass"],
  ["is too old", { ...signal, at: ago(61) }, "fail"],
  ["is bad", { ...signal, at: ago(10), status: "degraded" }, "fail"],
  ["does not know", { ...signal, at: ago(10), status: "unknown" }, "unknown"],
  ["should have been followed by another", { ...signal, at: ago(10), freshUntil: ago(1) }, "unknown"],
  ["was found to be silent", { ...signal, at: ago(10), silentSince: ago(1) }, "unknown"],
] as const) {
  test(`A report that ${title} is ${outcome}, with its age`, () => {
    const found = reportFinding(check, newest, noon);
    assert.equal(found.outcome, outcome);
    assert.equal(found.at, newest?.at.toString() ?? null);
  });
}
