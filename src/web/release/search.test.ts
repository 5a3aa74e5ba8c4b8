import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentSearch, matrixSearch, parseSearch, present, writeSearch } from "#web/release/search.ts";

test("A search survives the URL and back", () => {
  const search = { environment: "prod-emea", state: "open", version: "1.0" };
  assert.deepEqual(parseSearch(writeSearch(search)), search);
  assert.equal(writeSearch({ environment: undefined }), "");
});

test("What cannot be read in a link counts as absent", () => {
  const search = deploymentSearch.parse({ environment: "NOT A NAME", state: "running", service: "api", junk: "1" });
  assert.deepEqual(present(search), { state: "running", service: "api" });
  assert.deepEqual(present(matrixSearch.parse({ at: "yesterday", group: "team" })), { group: "team" });
});

test("An instant in a link is one of UTC", () => {
  assert.equal(matrixSearch.parse({ at: "2026-03-28T00:00:00Z" }).at, "2026-03-28T00:00:00Z");
  assert.equal(matrixSearch.parse({ at: "2026-03-28T00:00:00+01:00" }).at, undefined);
});
