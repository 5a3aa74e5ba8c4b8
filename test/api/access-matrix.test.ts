import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "#contract/registry.ts";
import { can } from "#core/access/can.ts";
import { roles } from "#core/catalog/people.ts";
import { base, fakeApi, personWith, problemOf } from "#test/api/fakes.ts";

const pathOf = (path: string) => path.replace(":id", `dep_${"0".repeat(32)}`);

for (const route of Object.values(contract)) {
  test(`${route.operation}: exactly the roles that the policy function allows get past it`, async () => {
    const api = fakeApi();
    for (const role of roles) {
      const response = await api.call(pathOf(route.path), {
        as: role,
        method: route.method.toUpperCase(),
        ...(route.method === "get" ? {} : { body: { x: 1 } }),
      });
      const allowed = route.permission === "public" || can({ person: personWith(role) }, route.permission).allowed;
      assert.equal(response.status === 403, !allowed, `${role}: ${response.status}`);
      if (!allowed) assert.equal((await problemOf(response)).code, "forbidden");
    }
    assert.deepEqual(
      api.done.filter((name) => name === route.operation),
      [],
      "a body with an unknown field does nothing",
    );
  });

  if (route.permission === "public") continue;
  test(`${route.operation}: nobody gets past without a credential, and no body is looked at`, async () => {
    const api = fakeApi();
    const method = route.method.toUpperCase();
    for (const headers of [
      {},
      { authorization: "Bearer" },
      { authorization: "Bearer tg_x" },
      { authorization: "Basic YTpi" },
      { authorization: `Bearer tg_${"0".repeat(32)}_${"0".repeat(64)}` },
      { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9." },
      { cookie: "tidegate=null", origin: base },
      { "x-user": "administrator", "x-forwarded-user": "administrator" },
    ]) {
      const response = await api.call(pathOf(route.path), {
        as: null,
        method,
        headers: { ...headers },
        ...(method === "GET" ? {} : { raw: "{" }),
      });
      assert.equal(response.status, 401, JSON.stringify(headers));
      assert.equal((await problemOf(response)).code, "unauthenticated");
    }
  });
}

test("a person whom the configuration no longer knows is out at the next call, and so is an account taken away", async () => {
  const api = fakeApi();
  assert.equal((await api.call("/v1/me")).status, 200);
  const developer = personWith("developer");
  api.people.set("developer", { ...developer, accounts: developer.accounts.slice(1) });
  assert.equal((await api.call("/v1/me")).status, 401);
  api.people.delete("developer");
  assert.equal((await api.call("/v1/me")).status, 401);
});
