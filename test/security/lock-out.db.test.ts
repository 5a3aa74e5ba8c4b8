import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { judge } from "#main/bind-operations.ts";
import { checkApart } from "#main/check-configuration.ts";
import { makeApplyConfiguration } from "#usecases/catalog/apply-configuration.ts";
import { freshStore, noon, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore();
});
after(() => store[Symbol.asyncDispose]());

const call = { actor: { person: "root", account: "root", method: "token" }, requestId: "req-test" } as const;
const unit = "kind: Unit\nmetadata: { name: retail }\n";
const person = (roles: string): string =>
  `---\nkind: Person\nmetadata: { name: root }\nspec: { roles: [${roles}], accounts: [{ name: root, kind: human }] }\n`;

test("documents after which nobody could apply a configuration are refused as a whole", async () => {
  const deps = {
    now: () => noon,
    transact: store.transact,
    tellRun: async () => undefined,
    check: checkApart(),
    judge,
  };
  const apply = makeApplyConfiguration(deps);
  const codesOf = async (text: string): Promise<readonly string[]> => {
    const applied = await apply({ files: [{ path: "a.yaml", text }], mode: "apply" }, call);
    return applied.ok ? [] : applied.error.problems.map(({ code, line }) => `${line} ${code}`);
  };
  assert.deepEqual(await codesOf(unit), [], "before anybody may apply, the host's own token does");
  assert.deepEqual(await codesOf(unit + person("administrator")), []);
  for (const text of [unit, "", unit + person("viewer"), unit + person("administrator, auditor")]) {
    assert.deepEqual(await codesOf(text), ["1 nobody-may-apply"], text);
  }
  assert.equal((await store.views.people()).get("root")?.roles[0], "administrator");
});
