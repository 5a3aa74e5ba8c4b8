import assert from "node:assert/strict";
import { test } from "node:test";
import { err } from "#core/result.ts";
import { fakeApi } from "#test/api/fakes.ts";
import { runInMemory } from "#test/cli/in-memory.ts";

test("why takes the id of a deployment in the place of its version and environment", async () => {
  const api = fakeApi();
  const id = api.seed("waiting");
  const asked = await runInMemory(api.tokens.viewer, ["why", id, "-o", "json"], api);
  assert.equal(asked.said, "");
  assert.equal(asked.code, 5);
  const { subject }: { readonly subject: Readonly<Record<string, unknown>> } = JSON.parse(asked.out);
  const { service, version, environment, onBehalfOf } = subject;
  assert.deepEqual([service, version, environment, onBehalfOf], ["checkout-api", "5.0.1", "prod-emea", id]);
});

test("why says what is missing, what does not go together, and what is no deployment", async () => {
  const api = fakeApi();
  const id = api.seed("waiting");
  const asked = async (...args: readonly string[]) => runInMemory(api.tokens.viewer, ["why", ...args], api);
  const without = await asked("cart@1.1.0");
  assert.deepEqual([without.code, without.out], [2, ""]);
  assert.match(without.said, /Say where to: tidegate why cart@1\.1\.0 --to ENVIRONMENT/);
  for (const flags of [
    ["--to", "prod-emea"],
    ["--class", "emergency"],
    ["--from", "."],
    ["--for", id],
  ]) {
    const both = await asked(id, ...flags);
    assert.equal(both.code, 2, flags.join(" "));
    assert.match(both.said, new RegExp(`${id} says itself .*leave out ${flags[0]}`));
  }
  const nothing = await asked(`dep_${"0".repeat(32)}`);
  assert.equal(nothing.code, 2);
  assert.match(nothing.said, /There is no deployment dep_0{32}/);
});

test("who asks for an emergency while the same waits as a normal change is told so, and how to go on", async () => {
  const api = fakeApi();
  const id = api.seed("waiting");
  Object.assign(api.deps.operations, { requestDeployment: async () => err("already-open") });
  const deploy = ["deploy", "checkout-api@5.0.1", "--to", "prod-emea"];
  const same = await runInMemory(api.tokens.developer, deploy, api);
  assert.equal(same.code, 5);
  assert.match(same.said, /nothing was asked for anew/);
  const other = await runInMemory(api.tokens.developer, [...deploy, "--class", "emergency"], api);
  assert.deepEqual([other.code, other.out], [6, ""]);
  assert.match(other.said, new RegExp(`is on its way to prod-emea as a normal change, ${id}`));
  assert.match(other.said, new RegExp(`tidegate abort ${id} --reason`));
});
