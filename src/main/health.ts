import type { Pool } from "pg";
import { z } from "zod";
import type { Dependency, Health, InstallationCheck } from "#api/health.ts";
import type { Deployer } from "#connectors/port.ts";
import { attempts, sources } from "#store/business-calendar.ts";
import { deliveryHealth } from "#store/callback.ts";
import { oldestDueWork, runsPutAside } from "#store/due-work.ts";
import { listReporters } from "#store/reporter.ts";
import { subscriptions } from "#store/rota-subscription.ts";
import { query, queryOne, sql } from "#store/sql.ts";
import { deploymentStates } from "#core/rollout/state.ts";
import { readHealth } from "#workflows/engine/inspect.ts";
import type { Database } from "#main/database.ts";
import type { DomainClock } from "#main/domain-clock.ts";

export interface HealthDeps {
  readonly database: Database;
  readonly clock: DomainClock;
  /** null: no agent is connected. */
  readonly deployer: Deployer | null;
}

/** Work that is due for longer than this is stuck, whatever the ports say. */
const stuckAfterSeconds = 30;

export function healthOf(deps: HealthDeps): Health {
  const { pool } = deps.database;
  return {
    dependencies: async () => [await databaseAnswers(pool)],
    oldestDueAt: async () => (await oldestDue(pool, deps.clock))?.since ?? null,
    deploymentsByState: async () => {
      const row = z.object({ state: z.enum(deploymentStates), count: z.coerce.number() });
      const rows = await query(pool, sql`select state, count(*) as count from deployment group by state`, row);
      return new Map(rows.map(({ state, count }) => [state, count]));
    },
    examine: () => examine(deps),
  };
}

async function databaseAnswers(pool: Pool): Promise<Dependency> {
  try {
    await pool.query("select 1");
    return { name: "database", ready: true, reason: "it answers" };
  } catch (error) {
    return { name: "database", ready: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The older of: work whose time has come, and durable runs that could go and do not. */
async function oldestDue(pool: Pool, clock: DomainClock): Promise<{ since: Temporal.Instant; what: string } | null> {
  const now = clock.now();
  const work = await oldestDueWork(pool, now);
  const { oldestDueMs } = await readHealth(pool);
  const candidates = [
    ...(work === null ? [] : [{ since: work.since, what: `${work.kind} ${work.id}` }]),
    ...(oldestDueMs === null ? [] : [{ since: now.subtract({ milliseconds: oldestDueMs }), what: "a durable run" }]),
  ].toSorted((a, b) => Temporal.Instant.compare(a.since, b.since));
  return candidates[0] ?? null;
}

async function examine({ database, clock, deployer }: HealthDeps): Promise<readonly InstallationCheck[]> {
  const oldest = await oldestDue(database.pool, clock);
  const ageS = oldest === null ? 0 : oldest.since.until(clock.now()).total("seconds");
  const workers = await liveWorkers(database.pool);
  const { version, checksums } = database.facts;
  return [
    good("database", `PostgreSQL ${version}, ${database.kind}; commits are durable.`),
    checksums ? good("checksums", "Data pages carry checksums.") : noChecksums,
    workers > 0 ? good("workers", `${workers} ${workers === 1 ? "worker holds" : "workers hold"} a lease.`) : noWorkers,
    ageS <= stuckAfterSeconds
      ? good("progress", "Nothing that is due has been waiting long.")
      : stuck(ageS, oldest?.what ?? "work"),
    await putAside(database.pool, clock),
    deployer === null ? noAgent : good("agent", "An agent is connected."),
    await calendars(database.pool, clock),
    await callbacks(database.pool),
    await rotas(database.pool, clock),
    await reporters(database.pool, clock),
    clock.shiftMs() === 0 ? good("clock", "Decisions use the clock of the database.") : shifted(clock.shiftMs()),
    Math.abs(clock.aheadMs()) <= apartMs
      ? good("time-of-day", "This machine has the time of the database.")
      : apart(clock.aheadMs()),
  ];
}

function good(name: string, sentence: string): InstallationCheck {
  return { name, status: "ok", sentence, remedy: "" };
}

const noChecksums: InstallationCheck = {
  name: "checksums",
  status: "warning",
  sentence: "Data pages carry no checksums: silent corruption would stay silent.",
  remedy: "Stop the database and run pg_checksums --enable on its data directory.",
};

const noWorkers: InstallationCheck = {
  name: "workers",
  status: "failed",
  sentence: "No worker holds a lease: nothing will run.",
  remedy: "Start one: tidegate up --role worker.",
};

const noAgent: InstallationCheck = {
  name: "agent",
  status: "warning",
  sentence: "No agent is connected: everything can be judged, nothing can be run.",
  remedy: "Start one with tidegate agent, and name it with --agent and --agent-token-file.",
};

async function calendars(pool: Pool, clock: DomainClock): Promise<InstallationCheck> {
  const declared = sql`select name, coalesce(spec ->> 'untilRead', 'closed') as "untilRead",
      jsonb_path_exists(spec, '$.effects[*] ? (@.effect == "blackout")') as "mayStop"
    from document where kind = 'Calendar' and valid_to is null order by name`;
  const row = z.object({ name: z.string(), untilRead: z.string(), mayStop: z.boolean() });
  const calendarsDeclared = await query(pool, declared, row);
  const imported = new Map((await sources(pool)).map((source) => [source.calendar, source.importedAt]));
  const failures = new Map((await attempts(pool)).map(({ calendar, failure }) => [calendar, failure]));
  const parts = calendarsDeclared.flatMap(({ name, untilRead, mayStop }) => {
    const last = imported.get(name);
    const failure = failures.get(name) ?? null;
    if (last === undefined) {
      const then = mayStop && untilRead === "closed" ? "its scope is closed until it is" : "its events stop nothing";
      return [`${name} was never read, so ${then}. ${failure ?? ""}`.trimEnd()];
    }
    return failure === null ? [] : [`${name} (last good state of ${sayAge(last, clock.now())} ago): ${failure}`];
  });
  if (parts.length === 0)
    return good("calendars", `Calendars from outside, all of them read: ${calendarsDeclared.length}.`);
  return {
    name: "calendars",
    status: "warning",
    sentence: parts.join(" "),
    remedy: "Correct the address or the calendar, or import it: tidegate calendar import FILE --calendar NAME.",
  };
}

/** Messages to pipelines: those that were given up, and those that are being tried again. */
async function callbacks(pool: Pool): Promise<InstallationCheck> {
  const { givenUp, retrying, lastFailure } = await deliveryHealth(pool);
  if (givenUp === 0 && retrying === 0) return good("callbacks", "Every message to a pipeline was taken.");
  return {
    name: "callbacks",
    status: "warning",
    sentence:
      `Messages to pipelines: ${givenUp} given up, ${retrying} being tried again. ${lastFailure ?? ""}`.trimEnd(),
    remedy:
      "Correct the receiver or its address (tidegate callbacks list); pipelines may ask with tidegate gate --resume.",
  };
}

/** Rotas that other systems publish: those that fail, or were never read. */
async function rotas(pool: Pool, clock: DomainClock): Promise<InstallationCheck> {
  const states = await subscriptions(pool);
  const parts = states.flatMap(({ rota, importedAt, failure }) => {
    if (failure === null) return [];
    const state = importedAt === null ? "never read" : `last good state of ${sayAge(importedAt, clock.now())} ago`;
    return [`${rota} (${state}): ${failure}`];
  });
  if (parts.length === 0) return good("rotas", `Rotas from outside, all of them read: ${states.length}.`);
  return {
    name: "rotas",
    status: "warning",
    sentence: parts.join(" "),
    remedy: "Correct the address, the calendar or the mapping of its persons; tidegate calendar rota list shows them.",
  };
}

/** Sources that had promised to report again, and have not. */
async function reporters(pool: Pool, clock: DomainClock): Promise<InstallationCheck> {
  const now = clock.now();
  const { items, left } = await listReporters(pool, now);
  const silent = items.filter(
    ({ freshUntil }) => freshUntil !== null && Temporal.Instant.compare(freshUntil, now) <= 0,
  );
  if (silent.length === 0) {
    return good("reporters", `Sources of signals and error budgets, none of them silent: ${items.length + left}.`);
  }
  const named = silent.slice(0, maxNamed).map(({ kind, source, service, environment, heardAt }) => {
    const where = environment === null ? "" : ` in ${environment}`;
    return `${source} on ${service}${where} (${kind}, heard ${sayAge(heardAt, now)} ago)`;
  });
  const more = silent.length > maxNamed ? ` and ${silent.length - maxNamed} more` : "";
  return {
    name: "reporters",
    status: "warning",
    sentence: `What they said last is taken for unknown: ${named.join(", ")}${more}.`,
    remedy: "Start what reports again; tidegate reporters lists all of them by age.",
  };
}

/** More than a line holds. */
const maxNamed = 10;

function sayAge(since: Temporal.Instant, now: Temporal.Instant): string {
  return `${Math.max(0, Math.round(since.until(now).total("minutes")))} minutes`;
}

function stuck(seconds: number, what: string): InstallationCheck {
  return {
    name: "progress",
    status: "failed",
    sentence: `The oldest due work, ${what}, has been waiting for ${Math.round(seconds)} s.`,
    remedy: "Look at the logs of the workers; start more of them if they are busy.",
  };
}

/** Runs that nobody could look at: everything else goes on, and they are tried again. */
async function putAside(pool: Pool, clock: DomainClock): Promise<InstallationCheck> {
  const ids = await runsPutAside(pool, clock.now());
  if (ids.length === 0) return good("runs", "Every run of a runbook can be looked at.");
  const more = ids.length > maxNamed ? ` and ${ids.length - maxNamed} more` : "";
  return {
    name: "runs",
    status: "warning",
    sentence: `Runs that could not be looked at, and are tried again every half minute: ${ids.slice(0, maxNamed).join(", ")}${more}.`,
    remedy:
      "The logs of the workers say why, under the id of the run; turn back what cannot go on: tidegate run turn-back.",
  };
}

/** More than this is no matter of a slow answer. */
const apartMs = 2_000;

function apart(aheadMs: number): InstallationCheck {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return {
    name: "time-of-day",
    status: "warning",
    sentence: `The time of day of this machine is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the database's. Decisions use that of the database.`,
    remedy: "Let both follow the same time servers: signatures of webhooks and lines of the log use the machine's.",
  };
}

function shifted(shiftMs: number): InstallationCheck {
  return {
    name: "clock",
    status: "warning",
    sentence: `The domain clock is ${Math.round(shiftMs / 60_000)} minutes away from the system's: this is a demonstration.`,
    remedy: "Start without --settable-clock for real work.",
  };
}

async function liveWorkers(pool: Pool): Promise<number> {
  const row = z.object({ count: z.coerce.number() });
  const found = sql`select count(*) as count from executor_lease where expires_at > now()`;
  return (await queryOne(pool, found, row))?.count ?? 0;
}
