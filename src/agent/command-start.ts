import { join } from "node:path";
import { toArguments } from "#agent/allowed.ts";
import { writeWhole, type CommandStart } from "#agent/command-files.ts";
import { findProgram } from "#agent/fleet.ts";
import { filesFor, type MigrationJob } from "#agent/migration-files.ts";
import type { AgentSettings } from "#agent/settings.ts";
import type { Refusal } from "#agent/refusal.ts";
import type { Place } from "#agent/world.ts";
import type { commandWork } from "#contract/agent.ts";
import type { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";

const migrateFlags = ["--max-old-space-size=96", "--disable-warning=ExperimentalWarning"];
/** EX_TEMPFAIL: what `migrate.ts` ends with when a lock could not be had, or the database was away. */
const mayPass = 75;

/** Where programs are looked for by those that a command starts itself. */
const searchPath = "/usr/local/bin:/usr/bin:/bin";

export interface Asked {
  readonly place: Place;
  readonly work: z.infer<typeof commandWork>;
  readonly key: string;
  readonly fence: number;
  readonly withinSeconds: number;
  /** The command's own folder. */
  readonly folder: string;
  readonly instance: string;
}

/**
 * What the runner is to do, or why the agent does not: `unknown-command` for what its configuration does not allow in
 * this environment, `bad-argument` for a value that does not fit. The command gets its key and number, so that it can
 * tell repetitions itself, and nothing of the agent's own environment.
 */
export async function startOf(settings: AgentSettings, asked: Asked): Promise<Result<CommandStart, Refusal>> {
  const { place, work, key, fence, folder, instance } = asked;
  if (work.kind === "migration") return await startOfMigration(settings, asked, work);
  if (work.kind === "data") return await startOfDigest(settings, asked, work);
  const allowed = settings.commands.find(
    ({ name, environments }) =>
      name === work.name && (environments ?? settings.environments).includes(place.environment),
  );
  if (allowed === undefined || !settings.environments.includes(place.environment)) {
    return unknown(`This agent allows no command ${work.name} in ${place.environment}; see its configuration.`);
  }
  const args = toArguments(allowed, work.arguments);
  if (!args.ok) return args;
  const own = { TIDEGATE_KEY: key, TIDEGATE_FENCE: String(fence), TIDEGATE_ENVIRONMENT: place.environment };
  return ok({
    program: allowed.program,
    args: [...args.value],
    env: { PATH: searchPath, LANG: "C.UTF-8", ...allowed.env, ...own, TIDEGATE_SERVICE: place.service },
    secrets: allowed.secrets,
    folder: allowed.folder ?? folder,
    instance,
    withinMs: Math.min(asked.withinSeconds, allowed.withinSeconds) * 1000,
    endWithinMs: settings.endWithinMs,
    passingExitCodes: allowed.passingExitCodes,
  });
}

type MigrationWork = Extract<Asked["work"], { readonly kind: "migration" }>;

/**
 * Scripts come with a version: those of its files that lie in `migrations/DATABASE`, so its digest covers them. The
 * process that applies them gets the address of the database as every command gets a secret.
 */
async function startOfMigration(
  settings: AgentSettings,
  { place, key, fence, folder, instance, withinSeconds }: Asked,
  { database, version, digest, direction, appliedUnder }: MigrationWork,
): Promise<Result<CommandStart, Refusal>> {
  const { service } = place;
  const there = databaseNamed(settings, database, place);
  if (!there.ok) return there;
  const known = there.value;
  const found = findProgram(settings.fleetFile, { service, version, digest });
  if (!found.ok) return found;
  const job: MigrationJob = {
    database,
    service,
    direction,
    key: key.replace(/^try-\d+:/, ""),
    fence,
    appliedUnder,
    folder: found.value.folder,
    files: [...filesFor(database, found.value.program.files)],
    lockWithinMs: known.lockWithinMs,
  };
  await writeWhole(folder, "migration.json", job);
  return ok({
    program: process.execPath,
    args: [...migrateFlags, join(import.meta.dirname, "migrate.ts")],
    env: { PATH: searchPath, LANG: "C.UTF-8", MIGRATION_JOB: join(folder, "migration.json") },
    secrets: { DATABASE_URL: known.addressFile },
    folder,
    instance,
    withinMs: withinSeconds * 1000,
    endWithinMs: settings.endWithinMs,
    passingExitCodes: [mayPass],
  });
}

type Databases = AgentSettings["databases"];

function databaseNamed(
  settings: AgentSettings,
  database: string,
  { environment }: Place,
): Result<Databases[number], Refusal> {
  const known = settings.databases.find(
    ({ name, environments }) => name === database && (environments ?? settings.environments).includes(environment),
  );
  if (known === undefined || !settings.environments.includes(environment)) {
    return unknown(`This agent has no database ${database} in ${environment}; see its configuration.`);
  }
  return ok(known);
}

type DigestWork = Extract<Asked["work"], { readonly kind: "data" }>;

/** Reads the rows of tables; what it prints is digests and never a row. */
async function startOfDigest(
  settings: AgentSettings,
  { place, folder, instance, withinSeconds }: Asked,
  { database, tables }: DigestWork,
): Promise<Result<CommandStart, Refusal>> {
  const there = databaseNamed(settings, database, place);
  if (!there.ok) return there;
  await writeWhole(folder, "digest.json", { tables });
  return ok({
    program: process.execPath,
    args: [...migrateFlags, join(import.meta.dirname, "digest-data.ts")],
    env: { PATH: searchPath, LANG: "C.UTF-8", DIGEST_JOB: join(folder, "digest.json") },
    secrets: { DATABASE_URL: there.value.addressFile },
    folder,
    instance,
    withinMs: withinSeconds * 1000,
    endWithinMs: settings.endWithinMs,
    passingExitCodes: [mayPass],
  });
}

function unknown(message: string): Result<never, Refusal> {
  return err({ code: "unknown-command", status: 404, message });
}
