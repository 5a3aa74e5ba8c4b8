import assert from "node:assert/strict";
import { test } from "node:test";
import { ignoredIn, withKnownNames } from "#web/calendar/ignored.ts";

test("what an address says and the calendar cannot use is named", () => {
  const address = "http://127.0.0.1:7070/calendar?view=banana&date=2027-99-22&environment=prod&other=1";
  assert.deepEqual(ignoredIn(address), ['view "banana"', 'date "2027-99-22"']);
  assert.deepEqual(ignoredIn("http://127.0.0.1:7070/calendar?view=month&date=2027-01-22"), []);
  assert.deepEqual(ignoredIn("http://127.0.0.1:7070/deployments?view=banana"), []);
  assert.deepEqual(ignoredIn(""), []);
});

test("names that the catalog does not have are left out, and said", () => {
  const search = { view: "week", environment: "nope", service: "cart" } as const;
  const { search: used, unknown } = withKnownNames(search, ["prod"], ["cart"]);
  assert.deepEqual([used.environment, used.service, used.view], [undefined, "cart", "week"]);
  assert.deepEqual(unknown, ['environment "nope"']);
});
