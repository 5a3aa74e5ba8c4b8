import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { apiReference } from "#contract/api-reference.ts";
import { openApi, openApiText } from "#contract/openapi.ts";
import { contract } from "#contract/registry.ts";

const root = new URL("../../", import.meta.url);
const version = String(JSON.parse(await readFile(new URL("package.json", root), "utf8")).version);
const remedy = "run node tools/generate-openapi.ts and commit what it writes";

test("the committed openapi.json is what the contract says", async () => {
  assert.equal(await readFile(new URL("openapi.json", root), "utf8"), openApiText(version), remedy);
});

test("the committed reference of the API is what the contract says", async () => {
  assert.equal(await readFile(new URL("docs/reference/api.md", root), "utf8"), apiReference(), remedy);
});

test("the description is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate({ ...openApi(version) });
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
});

test("every reference in the description leads to something, and no schema refers to its own document", () => {
  const text = openApiText(version);
  const { components } = JSON.parse(text);
  const known = new Set<string>(Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`));
  known.add("#/components/responses/Problem");
  for (const [, reference] of text.matchAll(/"\$ref": "([^"]+)"/g))
    assert.ok(known.has(reference ?? ""), String(reference));
  assert.equal(text.includes("$defs"), false);
});

test("every operation is described once with its permission and every status it may answer", () => {
  const { paths } = JSON.parse(openApiText(version));
  for (const route of Object.values(contract)) {
    const described = paths[route.path.replace(/:([a-z]+)/gi, "{$1}")][route.method];
    assert.equal(described.operationId, route.operation);
    assert.equal(described["x-permission"], route.permission);
    for (const status of Object.keys(route.answers))
      assert.ok(described.responses[status], `${route.operation} ${status}`);
    assert.ok(described.responses["500"]);
  }
});

test("no schema of the description is only a reference to itself", () => {
  const { components } = JSON.parse(openApiText(version));
  const empty = Object.keys(components.schemas).filter(
    (id) => components.schemas[id].$ref === `#/components/schemas/${id}`,
  );
  assert.deepEqual(empty, []);
});
