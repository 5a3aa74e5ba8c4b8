import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { storedDocument } from "#config/document.ts";
import { encodeDocuments } from "#config/encode.ts";
import { isJsonObject, type Json, type JsonObject } from "#config/json.ts";
import { checkDocuments } from "#config/organisation.ts";
import { kinds } from "#config/registry.ts";
import { parseSources } from "#config/source.ts";
import { checkSources } from "#config/world.ts";

const word = fc.constantFrom(
  "a",
  "",
  "target",
  "Europe/Berlin",
  "2026-01-03T01:00",
  "2026-03-29T02:30",
  "24:00",
  "PT4H",
  "FREQ=WEEKLY;BYDAY=SA",
  "FREQ=SECONDLY",
  ">=1",
  "prod-*",
  "approver",
  "hard",
  "sha256:00",
  "*".repeat(200),
  "9".repeat(500),
);
const value = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        "service",
        "vendor",
        "kind",
        "name",
        "tiers",
        "environments",
        "versions",
        "at",
        "until",
        "percent",
        "x",
      ),
      tie("json"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).json;

for (const kind of kinds) {
  const [example] = parseSources([{ path: "example", text: kind.example }]).documents;
  assert.ok(example);
  const shape: unknown = "shape" in kind.schema ? kind.schema.shape : {};
  const fields = [...(isJsonObject(shape) ? Object.keys(shape) : []), "other"];

  test(`whatever stands in the fields of ${kind.kind}, checking never throws and places every problem`, () => {
    const changes = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(changes, (changed) => {
        const spec: JsonObject = { ...example.spec, ...changed };
        const stored = storedDocument(example.kind, example.name, spec);
        const { problems: ofStored } = checkDocuments([stored]);
        const text = encodeDocuments([stored]);
        const { problems: ofText } = checkSources([{ path: "f.yaml", text }]);
        assert.deepEqual(
          ofText.map(({ line, column, code }) => [line, column, code]),
          ofStored.map(({ line, column, code }) => [line, column, code]),
        );
        for (const { line, column, message, remedy } of ofText) {
          assert.ok(line >= 1 && line <= text.split("\n").length && column >= 1);
          assert.ok(message !== "" && remedy !== "" && message.length < 2_000);
        }
      }),
      { numRuns: 200 },
    );
  });
}
