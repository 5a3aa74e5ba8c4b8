import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { answerers, deployers, flagKeepers, metricSources } from "#connectors/registry.ts";

/** `fake` is a target for tests and simulations, held to the same suite and offered to nobody; `ical` and `hooks` read formats. */
const notOffered = ["fake", "hooks", "ical"];
const agreedFiles = ["README.md", "connector.test.ts", "connector.ts", "settings.ts", "translate.ts"];

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !notOffered.includes(entry.name))
  .map((entry) => entry.name);

test("Every folder of a connector is in the registry, and nothing else is", () => {
  assert.ok(folders.length > 0);
  assert.deepEqual(
    folders.sort(),
    [deployers, answerers, flagKeepers, metricSources].flatMap((kind) => Object.keys(kind)).sort(),
  );
});

for (const folder of folders) {
  test(`The connector ${folder} has the agreed files`, () => {
    const files = readdirSync(join(import.meta.dirname, folder));
    for (const file of agreedFiles) assert.ok(files.includes(file), file);
  });
}
