import assert from "node:assert/strict";
import { test } from "node:test";
import { storedDocument } from "#config/document.ts";
import { rules } from "#core/policy/registry.ts";
import { aService, at } from "#core/testing.ts";
import {
  type ListPoliciesDeps,
  makeListPolicies,
  makeShowPolicy,
  type PolicyVersion,
  rulesBySetting,
} from "#usecases/policy/list-policies.ts";

const noon = at("2026-03-25T12:00Z");
const settings = { errorBudget: { minLeft: 0.1 }, promotion: { soak: "PT1H" } };

function aVersion(
  spec: Partial<Record<string, string | object>>,
  overrides: Partial<PolicyVersion> = {},
): PolicyVersion {
  const whole = JSON.parse(JSON.stringify({ level: "central", owner: "platform", scope: {}, settings, ...spec }));
  return {
    document: storedDocument("Policy", "bar", whole),
    version: "sha256:1",
    from: noon,
    to: null,
    appliedBy: "ann",
    place: "policies.yaml:1",
    ...overrides,
  };
}

function depsOf(...versions: readonly PolicyVersion[]): ListPoliciesDeps {
  const services = [aService(), aService({ name: "till", team: "checkout", tier: 0 })];
  return {
    inForce: async () => versions,
    versionsOf: async (name) => (name === "bar" ? versions : []),
    organisation: async () => ({ services: new Map(services.map((service) => [service.name, service])) }),
  };
}

test("the rules that settings decide are those of the registry that ask for policies", () => {
  const asking = rules.filter(({ needs }) => needs.includes("policies")).map(({ id }) => id);
  assert.deepEqual(rulesBySetting.map(([, rule]) => rule).toSorted(), asking.toSorted());
});

test("a policy is listed with what it matches and the rules it decides", async () => {
  const [line] = await makeListPolicies(depsOf(aVersion({ scope: { tiers: [0] } })))(noon);
  assert.deepEqual(line?.services, ["till"]);
  assert.deepEqual(line.rules, ["error-budget-left", "environment-path"]);
  assert.ok(line.isInForce);
});

test("an overlay matches the services of its own team only", async () => {
  const [line] = await makeListPolicies(depsOf(aVersion({ level: "overlay", owner: "basket" })))(noon);
  assert.deepEqual(line?.services, ["cart"]);
});

test("a policy that ended, one that begins later and one that was replaced are not in force", async () => {
  const list = makeListPolicies(
    depsOf(
      aVersion({ until: "2026-03-25T12:00:00Z" }),
      aVersion({ from: "2026-03-25T12:00:01Z" }),
      aVersion({}, { to: noon }),
    ),
  );
  assert.deepEqual(
    (await list(noon)).map(({ isInForce }) => isInForce),
    [false, false, false],
  );
});

test("what cannot be read is listed with its reason, and counts as in force", async () => {
  const [line] = await makeListPolicies(depsOf(aVersion({ settings: { promotion: 7 } })))(noon);
  assert.deepEqual([line?.policy, line?.isInForce, line?.services], [null, true, []]);
  assert.match(line?.unreadable ?? "", /spec.settings.promotion must be/);
});

test("a version is shown as it was, and an unknown one is not made up", async () => {
  const show = makeShowPolicy(depsOf(aVersion({}, { version: "sha256:2" }), aVersion({}, { to: noon })));
  const old = await show("bar", "sha256:1", noon);
  assert.ok(old.ok);
  assert.deepEqual([old.value.isInForce, old.value.versions.length], [false, 2]);
  assert.match(old.value.text, /^kind: Policy$/m);
  assert.deepEqual(await show("bar", "sha256:3", noon), { ok: false, error: "no-such-version" });
  assert.deepEqual(await show("baz", null, noon), { ok: false, error: "no-such-policy" });
});
