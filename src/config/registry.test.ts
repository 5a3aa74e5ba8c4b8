import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { z } from "zod";
import { checkDocuments } from "#config/organisation.ts";
import { kindNamed, kindNames, kinds, plannedKinds } from "#config/registry.ts";
import { parseSources } from "#config/source.ts";

const fileOf = (kind: string): string => `${kind.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.ts`;

test("the registry and the folder of kinds hold the same", async () => {
  const files = await readdir(new URL("kinds", import.meta.url));
  assert.deepEqual(kindNames().map(fileOf).sort(), files.sort());
});

test("a kind is registered once and never planned at the same time", () => {
  assert.equal(new Set(kindNames()).size, kinds.length);
  assert.deepEqual(
    plannedKinds.filter((kind) => kindNamed(kind) !== undefined),
    [],
  );
});

for (const kind of kinds) {
  test(`the example of ${kind.kind} reads and decodes`, () => {
    const { documents, problems } = parseSources([{ path: "example", text: kind.example }]);
    assert.deepEqual(problems, []);
    const [document] = documents;
    assert.equal(document?.kind, kind.kind);
    const decoded = kind.decode(document);
    assert.ok(decoded.ok, decoded.ok ? "" : JSON.stringify(decoded.error));
  });

  test(`${kind.kind} refuses a field that it does not know, wherever documents are decoded`, () => {
    const text = `${kind.example}\n`.replace(/^(kind: .*)$/m, "$1\nunknownAtTheTop: 1");
    assert.equal(parseSources([{ path: "example", text }]).problems[0]?.code, "unknown-field");
    const [document] = parseSources([{ path: "example", text: kind.example }]).documents;
    assert.ok(document);
    const { problems } = checkDocuments([{ ...document, spec: { ...document.spec, nonsense: 1 } }]);
    assert.ok(problems.some(({ code }) => code === "unknown-field"));
  });

  test(`every field of ${kind.kind} has a description and becomes JSON Schema`, () => {
    const schema = z.toJSONSchema(kind.schema, { io: "input" });
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      assert.ok(typeof field === "object" && field.description !== undefined, `${kind.kind}.${name}`);
    }
  });
}
