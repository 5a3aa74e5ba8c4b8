import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { contract } from "#contract/registry.ts";
import { permissions } from "#contract/permission.ts";
import { tags } from "#contract/route.ts";
import { permissions as corePermissions } from "#core/access/permission.ts";
import { handlers } from "#api/registry.ts";

const folder = new URL(".", import.meta.url);

function kebab(operation: string): string {
  return operation.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function routesOf(zone: string): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const file of await readdir(new URL(zone, folder))) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const module: unknown = await import(new URL(`${zone}/${file}`, folder).href);
    for (const [name, value] of Object.entries(Object(module))) {
      if (typeof value === "object" && value !== null && "operation" in value) found.set(name, value);
    }
  }
  return found;
}

test("the contract lists every route that its folder exports, under the name of its operation", async () => {
  const exported = await routesOf("../contract");
  assert.deepEqual([...exported.keys()].sort(), Object.keys(contract).sort());
  for (const [name, route] of Object.entries(contract)) assert.equal(route.operation, name);
});

test("every operation has exactly one handler, in the folder of its tag and the file of its name", async () => {
  assert.deepEqual(Object.keys(handlers).sort(), Object.keys(contract).sort());
  const files: string[] = [];
  for (const tag of tags) {
    const entries = await readdir(new URL(tag, folder)).catch(() => []);
    for (const file of entries.filter((name) => !name.endsWith(".test.ts"))) {
      const module: unknown = await import(new URL(`${tag}/${file}`, folder).href);
      for (const name of Object.keys(Object(module)))
        if (name.endsWith("Handler")) files.push(`${tag}/${file}#${name}`);
    }
  }
  const expected = Object.values(contract).map((route) => {
    return `${route.tag}/${kebab(route.operation)}.ts#${route.operation}Handler`;
  });
  assert.deepEqual(files.sort(), expected.sort());
});

test("a handler answers the route of its name and has an identity exactly when the route asks for one", () => {
  for (const [name, handler] of Object.entries(handlers)) {
    assert.equal(handler.route.operation, name);
    assert.equal(handler.access === "public", handler.route.permission === "public", name);
  }
});

test("method and path name one operation only", () => {
  const places = Object.values(contract).map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(places).size, places.length);
});

test("the permissions of the contract are those of the policy function", () => {
  assert.deepEqual([...permissions].sort(), [...corePermissions].sort());
});
