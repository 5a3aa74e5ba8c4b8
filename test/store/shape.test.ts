import assert from "node:assert/strict";
import { test } from "node:test";
import { stepKinds, type Records } from "#usecases/records.ts";
import type { Views } from "#usecases/views.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { recordsOf } from "#store/records.ts";
import { createPool } from "#store/sql.ts";
import { steps } from "#store/timeline.ts";
import { viewsOf } from "#store/views.ts";

/** The store may not import use cases, so that it fits them is said here: what does not fit does not compile. */
test("the store is what use cases and pages ask for", () => {
  const pool = createPool("postgresql://nowhere.invalid/none", { max: 1, name: "shape" });
  const hooks = { organisations: createOrganisationCache() };
  const records: Records = recordsOf(pool, hooks);
  const views: Views = viewsOf(pool, hooks);
  assert.deepEqual(Object.keys(records).sort(), [
    "acts",
    "approvals",
    "artifacts",
    "audit",
    "business",
    "catalog",
    "claims",
    "configuration",
    "cover",
    "criteria",
    "decisions",
    "deployments",
    "emergencies",
    "exemptions",
    "facts",
    "files",
    "gates",
    "holds",
    "inventory",
    "leftVersions",
    "locks",
    "messages",
    "negotiations",
    "notices",
    "profiles",
    "rehearsals",
    "reports",
    "reservations",
    "rollbackDecisions",
    "runAsks",
    "runs",
    "signatures",
    "stops",
    "telemetry",
    "timeline",
    "verdicts",
    "violations",
    "watches",
  ]);
  assert.equal(Object.keys(views).length, 13);
});

test("store and use cases know the same steps", () => {
  assert.deepEqual(new Set<string>(steps), new Set<string>(stepKinds));
});
