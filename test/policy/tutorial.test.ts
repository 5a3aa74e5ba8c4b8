import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { policyCase } from "#config/kinds/policy-case.ts";
import { runCases } from "#config/run-cases.ts";
import { checkSources } from "#config/world.ts";
import { fakeHash } from "#core/testing.ts";

test("the policies of the tutorial pass their cases, and every one has a case", () => {
  const folder = new URL("../../docs/tutorial/policies/", import.meta.url);
  const files = readdirSync(folder).map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") }));
  const { world, documents, problems } = checkSources(files);
  assert.deepEqual(problems, []);
  assert.ok(world);
  const cases = documents.flatMap((document) => {
    const decoded = document.kind === policyCase.kind ? policyCase.decode(document) : null;
    return decoded?.ok === true ? [decoded.value] : [];
  });
  const report = runCases(world, cases, { hash: fakeHash, zoneData: "any" });
  assert.ok(report.passed > 0);
  assert.deepEqual(
    report.cases.flatMap(({ failures }) => failures),
    [],
  );
  assert.deepEqual(
    report.coverage.policies.filter((each) => each.cases.length === 0),
    [],
  );
});
