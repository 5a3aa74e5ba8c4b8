import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Pool } from "pg";
import type { DeploymentId } from "#core/id.ts";
import type { Subject } from "#core/policy/facts.ts";
import { newId } from "#runtime/ids.ts";
import type { StoredDeployment } from "#store/deployment.ts";
import { migrate } from "#store/migrate.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { recordsOf, type StoreRecords } from "#store/records.ts";
import { createPool, transaction } from "#store/sql.ts";
import { viewsOf, type StoreViews } from "#store/views.ts";
import { filledDatabase } from "#test/support/postgres.ts";

/** A migrated database of the test's own, and what the product does with it. */
export interface TestStore {
  readonly pool: Pool;
  readonly connectionString: string;
  readonly views: StoreViews;
  readonly transact: <T>(body: (records: StoreRecords) => Promise<T>) => Promise<T>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function freshStore(max = 10): Promise<TestStore> {
  const database = await filledDatabase(`store_${schemaDigest()}`, bringForward);
  const pool = createPool(database.connectionString, { max, name: "tidegate test" });
  const hooks = { organisations: createOrganisationCache() };
  return {
    pool,
    connectionString: database.connectionString,
    views: viewsOf(pool, hooks),
    transact: (body) => transaction(pool, (client) => body(recordsOf(client, hooks))),
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Of every migration and of what applies them: a copy of another schema is never taken. */
function schemaDigest(): string {
  const folder = path.resolve(import.meta.dirname, "../../src/store");
  const hash = createHash("sha256");
  for (const file of globSync(["migrate.ts", "migrations/*.sql"], { cwd: folder }).toSorted())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(path.join(folder, file)));
  return hash.digest("hex").slice(0, digestLength);
}

/** A name of PostgreSQL has 63 bytes. */
const digestLength = 32;

async function bringForward(connectionString: string): Promise<void> {
  const pool = createPool(connectionString, { max: 1, name: "tidegate test" });
  try {
    const migrated = await migrate(pool);
    if (!migrated.ok) throw new Error(migrated.error.message);
  } finally {
    await pool.end();
  }
}

export function at(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}

/** Monday noon; every test counts from here. */
export const noon = at("2026-11-02T12:00:00Z");

export const aDigest = `sha256:${"a".repeat(64)}`;

/** A deployment of checkout-api 1.0.0 to prod, waiting since noon. */
export function aDeployment(change: Partial<StoredDeployment> = {}, about: Partial<Subject> = {}): StoredDeployment {
  const state = change.state ?? "waiting";
  const isEnded = !["waiting", "queued", "running"].includes(state);
  return {
    id: newId<"DeploymentId">("deployment"),
    booking: newId<"BookingId">("booking"),
    subject: {
      service: "checkout-api",
      version: "1.0.0",
      environment: "prod",
      action: "deploy",
      class: "normal",
      invoker: "person",
      requestedBy: "alice",
      contentDigest: aDigest,
      onBehalfOf: null,
      ...about,
    },
    digest: aDigest,
    contentDigest: about.contentDigest ?? aDigest,
    state,
    whenBlocked: "wait",
    verdict: null,
    nextCheckAt: state === "waiting" ? noon : null,
    requestedAt: noon,
    startedAt: null,
    endedAt: isEnded ? noon : null,
    control: null,
    fence: null,
    percent: 0,
    outcome: isEnded ? "It ended." : null,
    abortRequestedBy: null,
    requestKey: null,
    run: null,
    held: null,
    ...change,
  };
}

export const hourAfter = (instant: Temporal.Instant): Temporal.Instant => instant.add({ hours: 1 });

export async function insertDeployment(store: TestStore, deployment: StoredDeployment): Promise<DeploymentId> {
  await store.transact((records) =>
    records.deployments.insert(deployment, { from: deployment.requestedAt, to: hourAfter(deployment.requestedAt) }),
  );
  return deployment.id;
}
