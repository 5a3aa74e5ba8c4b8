import type { ClientBase, Pool } from "pg";
import { effectsOfEvents, freezesOfUnread } from "#core/calendar/business/effects.ts";
import { mapOf, withEntry, withoutEntry, type ChunkedMap } from "#core/world/chunked-map.ts";
import { withBusiness, withOrganisation, worldOf, type World } from "#core/world/world.ts";
import { eventsIn, sources } from "#store/business-calendar.ts";
import { newestRevision } from "#store/configuration.ts";
import { changesSince, currentSnapshot, type Snapshot } from "#store/fact-change.ts";
import { organisationOf, type OrganisationCache } from "#store/organisation.ts";
import { readSnapshot, type Queryable } from "#store/sql.ts";
import * as bulk from "./bulk-readers.ts";
import { changedBy, type Changed } from "./changed.ts";
import * as granted from "./exemption-readers.ts";
import { newestFactAt } from "./newest-fact.ts";
import * as readers from "./readers.ts";
import * as reports from "./report-readers.ts";
import { countsWork, readWork, withSharedWork, type Work } from "./shared-work.ts";
import { withAllRead, withRead, type Keys, type StoredShelf } from "./shelf.ts";

/** The facts of everything as one snapshot of the database has them. */
export interface MirrorState {
  readonly world: World;
  readonly snapshot: Snapshot;
  /** Of an instant before this one the facts are not known: something has come or ceased since. null: nothing has. */
  readonly knownFrom: Temporal.Instant | null;
}

/**
 * The facts in memory. They are never believed by themselves: whoever answers from them proves in the statement that
 * stores the answer that nothing has changed since `snapshot`, and refreshes when something has.
 */
export interface FactMirror {
  readonly state: () => MirrorState;
  /** Brings the facts up to the present; what has changed, null when everything was read anew. */
  readonly refresh: () => Promise<Changed | null>;
}

export interface MirrorOptions {
  readonly organisations: OrganisationCache;
  readonly now: () => Temporal.Instant;
  /** The clock may be set back while this process lives; else only what was read at first can lie ahead of it. */
  readonly canGoBack: boolean;
}

interface Held extends MirrorState {
  /** null: no policy counts any, so it is not known. */
  readonly work: ChunkedMap<Work> | null;
  /** Events and ended work are read for a span around this instant. */
  readonly readAt: Temporal.Instant;
}

/** Spans around now move on: after so long everything is read anew. Verdicts look 60 days ahead. */
const readAnewAfter = { hours: 6 } as const;
const eventsBefore = { hours: 48 } as const;
const eventsAfter = { hours: 62 * 24 } as const;

export async function openMirror(pool: Pool, options: MirrorOptions): Promise<FactMirror> {
  let held = await readSnapshot(pool, (client) => readEverything(client, options));
  let underWay: Promise<Changed | null> | null = null;
  const bringUp = async (): Promise<Changed | null> => {
    const next = await readChanges(pool, options, held);
    held = next.held;
    return next.changed;
  };
  return {
    state: () => held,
    refresh: () => {
      underWay ??= bringUp().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}

async function readEverything(client: ClientBase, { organisations, now }: MirrorOptions): Promise<Held> {
  const snapshot = await currentSnapshot(client);
  const readAt = now();
  let world = worldOf(await organisationOf(client, organisations, await newestRevision(client)));
  for (const read of Object.values({ ...readShelf, ...readWholeShelf })) world = await read(client, world, null);
  world = await withCalendars(client, world, readAt);
  const work = countsWork(world.organisation) ? await readAllWork(client, readAt) : null;
  return { world: withSharedWork(world, work), snapshot, work, readAt, knownFrom: await newestFactAt(client) };
}

/** What has changed since, in one snapshot of its own. */
function readChanges(
  pool: Pool,
  options: MirrorOptions,
  held: Held,
): Promise<{ readonly held: Held; readonly changed: Changed | null }> {
  return readSnapshot(pool, async (client) => {
    const { snapshot, changes } = await changesSince(client, held.snapshot);
    const isOld = Temporal.Instant.compare(options.now(), held.readAt.add(readAnewAfter)) > 0;
    const isBack = Temporal.Instant.compare(options.now(), held.readAt) < 0;
    if (changes === null || isOld || isBack) return { held: await readEverything(client, options), changed: null };
    const changed = await changedBy(client, changes);
    const knownFrom = options.canGoBack ? await newestFactAt(client) : held.knownFrom;
    return { held: { ...(await withChanges(client, options, held, changed)), snapshot, knownFrom }, changed };
  });
}

async function withChanges(
  client: Queryable,
  { organisations }: MirrorOptions,
  held: Held,
  changed: Changed,
): Promise<Omit<Held, "snapshot" | "knownFrom">> {
  let { world } = held;
  if (changed.isConfigurationNew) {
    world = withOrganisation(world, await organisationOf(client, organisations, await newestRevision(client)));
  }
  for (const [name, keys] of changed.shelves) {
    const read = readShelf[name];
    world = await read(client, world, keys);
  }
  if (changed.isConfigurationNew || changed.isCalendarNew) world = await withCalendars(client, world, held.readAt);
  return { ...held, ...(await withChangedWork(client, world, held, changed)) };
}

async function withChangedWork(
  client: Queryable,
  world: World,
  { work: before, readAt }: Held,
  { work: ids, isConfigurationNew, shelves }: Changed,
): Promise<Pick<Held, "world" | "work">> {
  if (!countsWork(world.organisation))
    return { world: before === null ? world : withSharedWork(world, null), work: null };
  if (before !== null && ids.length === 0 && !isConfigurationNew && !shelves.has("riskScores")) {
    return { world, work: before };
  }
  let work = before ?? (await readAllWork(client, readAt));
  for (const id of ids) work = withoutEntry(work, id);
  const keys = ids.map((id) => [id]);
  for (const each of keys.length === 0 ? [] : await readWork(client, keys, readAt)) {
    work = withEntry(work, each.booking, each);
  }
  return { world: withSharedWork(world, work), work };
}

async function readAllWork(client: Queryable, readAt: Temporal.Instant): Promise<ChunkedMap<Work>> {
  return mapOf((await readWork(client, null, readAt)).map((each) => [each.booking, each]));
}

/** Events of business calendars become freezes and cautions, as the calendars in force say. */
async function withCalendars(client: Queryable, world: World, at: Temporal.Instant): Promise<World> {
  const { calendars } = world.organisation;
  if (calendars.length === 0) return withBusiness(world, { freezes: [], cautions: [] });
  const read = await sources(client);
  const now = read.reduce((last, each) => (isAfter(each.importedAt, last) ? each.importedAt : last), at);
  const events = await eventsIn(client, { from: at.subtract(eventsBefore), to: at.add(eventsAfter) }, now);
  const { freezes, cautions } = effectsOfEvents(calendars, events);
  const unread = freezesOfUnread(calendars, new Set(read.map(({ calendar }) => calendar)));
  return withBusiness(world, { freezes: [...freezes, ...unread], cautions });
}

function isAfter(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}

type ReadShelf = (client: Queryable, world: World, keys: Keys) => Promise<World>;

const readShelf: Readonly<Record<StoredShelf, ReadShelf>> = {
  artifacts: (client, world, keys) => withRead(client, world, readers.artifacts, keys),
  approvals: (client, world, keys) => withRead(client, world, readers.approvals, keys),
  deployed: (client, world, keys) => withRead(client, world, readers.deployed, keys),
  setbacks: (client, world, keys) => withRead(client, world, readers.setbacks, keys),
  bookings: (client, world, keys) => withRead(client, world, readers.bookings, keys),
  bookingOf: (client, world, keys) => withRead(client, world, readers.bookingOf, keys),
  durations: (client, world, keys) => withRead(client, world, readers.durations, keys),
  profiles: (client, world, keys) => withRead(client, world, readers.profiles, keys),
  locks: (client, world, keys) => withRead(client, world, readers.locks, keys),
  reservations: (client, world, keys) => withRead(client, world, readers.reservations, keys),
  imported: (client, world, keys) => withRead(client, world, readers.imported, keys),
  swaps: (client, world, keys) => withRead(client, world, readers.swaps, keys),
  agreed: (client, world, keys) => withRead(client, world, readers.agreed, keys),
  passed: (client, world, keys) => withRead(client, world, readers.passed, keys),
  signals: (client, world, keys) => withRead(client, world, reports.signals, keys),
  holds: (client, world, keys) => withRead(client, world, reports.holds, keys),
  stops: (client, world, keys) => withRead(client, world, reports.stops, keys),
  evidence: (client, world, keys) => withRead(client, world, reports.evidence, keys),
  verifications: (client, world, keys) => withRead(client, world, reports.verifications, keys),
  tickets: (client, world, keys) => withRead(client, world, reports.tickets, keys),
  errorBudgets: (client, world, keys) => withRead(client, world, reports.errorBudgets, keys),
  riskScores: (client, world, keys) => withRead(client, world, reports.riskScores, keys),
  recoveries: (client, world, keys) => withRead(client, world, reports.recoveries, keys),
  exemptions: (client, world, keys) => withRead(client, world, granted.exemptions, keys),
  overrides: (client, world, keys) => withRead(client, world, granted.overrides, keys),
  emergencies: (client, world, keys) => withRead(client, world, granted.emergencies, keys),
  debts: (client, world, keys) => withRead(client, world, granted.debts, keys),
};

type ReadWholeShelf = (client: ClientBase, world: World) => Promise<World>;

/** Instead of those of the same names where everything is read. */
const readWholeShelf = {
  artifacts: (client, world) => withAllRead(client, world, bulk.artifacts),
  deployed: (client, world) => withAllRead(client, world, bulk.deployed),
  bookings: (client, world) => withAllRead(client, world, bulk.bookings),
  bookingOf: (client, world) => withAllRead(client, world, bulk.bookingOf),
} satisfies { readonly [Name in StoredShelf]?: ReadWholeShelf };
