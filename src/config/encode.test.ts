import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { diffDocuments } from "#config/diff.ts";
import { type Document, documentDigest, documentValue, storedDocument } from "#config/document.ts";
import { encodeDocuments } from "#config/encode.ts";
import { canonicalJson, type Json } from "#config/json.ts";
import { kindNames } from "#config/registry.ts";
import { parseSources } from "#config/source.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => !/[^\P{Cc}\t\n\r]/u.test(value)),
  fc.constantFrom(
    "05:00",
    "24:00",
    "yes",
    "null",
    "~",
    "1e3",
    "0x1f",
    "2026-01-03T01:00",
    "- a",
    "a: b",
    "#x",
    " x ",
    "a\nb",
    "",
    "*",
  ),
);
const key = text.filter((value) => !["__proto__", "constructor", "prototype", "<<"].includes(value));
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const anyDocument = fc
  .record({
    kind: fc.constantFrom(...kindNames()),
    name: fc.stringMatching(/^[a-z0-9]{1,8}$/),
    description: fc.option(text.filter((value) => value.length > 0)),
    spec: fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true }),
  })
  .map(({ kind, name, description, spec }) => storedDocument(kind, name, spec, description));

test("what is exported reads back as the same documents, whatever they hold", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyDocument, { maxLength: 4, selector: ({ kind, name }) => `${kind}/${name}` }),
      (documents) => {
        const { documents: read, problems } = parseSources([{ path: "export", text: encodeDocuments(documents) }]);
        assert.deepEqual(problems, []);
        assert.deepEqual(diffDocuments(documents, read), []);
        assert.equal(encodeDocuments(read), encodeDocuments(documents));
      },
    ),
    { numRuns: 500 },
  );
});

test("an export does not depend on the order of documents and fields", () => {
  const a = storedDocument("Team", "a", { unit: "u" });
  const b = storedDocument("Environment", "b", { zone: "UTC", after: ["c"] });
  const same = storedDocument("Environment", "b", { after: ["c"], zone: "UTC" });
  assert.equal(encodeDocuments([a, b]), encodeDocuments([same, a]));
  assert.equal(
    encodeDocuments([b]),
    "apiVersion: tidegate.dev/v1\nkind: Environment\nmetadata:\n  name: b\nspec:\n  zone: UTC\n  after:\n    - c\n",
  );
});

test("the digest is over the content alone", () => {
  const hash = (value: string): string => `sha256:${createHash("sha256").update(value).digest("hex")}`;
  const [written] = parseSources([
    { path: "x", text: "# comment\nkind: Team\nmetadata: { name: t }\nspec: { unit: u } # other\n" },
  ]).documents;
  assert.ok(written);
  assert.equal(documentDigest(written, hash), documentDigest(storedDocument("Team", "t", { unit: "u" }), hash));
  assert.notEqual(documentDigest(written, hash), documentDigest(storedDocument("Team", "t", { unit: "v" }), hash));
  assert.equal(
    canonicalJson(documentValue(written)),
    '{"apiVersion":"tidegate.dev/v1","kind":"Team","metadata":{"name":"t"},"spec":{"unit":"u"}}',
  );
});

test("a difference lists what is added, changed and removed, field by field", () => {
  const current: Document[] = [
    storedDocument("Unit", "old", {}),
    storedDocument("Service", "a", {
      tier: 1,
      tags: ["x"],
      dependsOn: [{ service: "b" }, { service: "c", versions: ">=1" }],
    }),
    storedDocument("Team", "same", { unit: "u" }),
  ];
  const next: Document[] = [
    storedDocument("Service", "a", {
      tier: 2,
      tags: ["x", "y"],
      dependsOn: [{ service: "b" }, { service: "c", versions: ">=2" }],
      contract: "1",
    }),
    storedDocument("Team", "same", { unit: "u" }),
    storedDocument("Vendor", "new", {}, "Somebody"),
  ];
  assert.deepEqual(diffDocuments(current, next), [
    { kind: "Unit", name: "old", change: "removed", fields: [] },
    { kind: "Vendor", name: "new", change: "added", fields: [] },
    {
      kind: "Service",
      name: "a",
      change: "changed",
      fields: [
        { path: "spec.contract", before: null, after: "1" },
        { path: "spec.dependsOn[1].versions", before: ">=1", after: ">=2" },
        { path: "spec.tags", before: ["x"], after: ["x", "y"] },
        { path: "spec.tier", before: 1, after: 2 },
      ],
    },
  ]);
});

test("a document differs from itself in nothing", () => {
  fc.assert(
    fc.property(anyDocument, (document) => diffDocuments([document], [document]).length === 0),
    { numRuns: 200 },
  );
});
