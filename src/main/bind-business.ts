import type { Pool } from "pg";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import { readShifts } from "#connectors/ical/read-shifts.ts";
import { writeCalendar } from "#connectors/ical/write-calendar.ts";
import { newId } from "#runtime/ids.ts";
import type { Log } from "#runtime/log.ts";
import { safeFetch } from "#runtime/safe-fetch.ts";
import { secrets } from "#runtime/secrets.ts";
import { sources } from "#store/business-calendar.ts";
import { feedStore } from "#store/feed.ts";
import type { RecordHooks } from "#store/records.ts";
import { reflows } from "#store/reflow.ts";
import { makeFeeds } from "#usecases/calendar/feed-access.ts";
import { makeBusinessOperations, type BusinessOperations } from "#usecases/calendar/import-operations.ts";
import type { RefreshDeps } from "#usecases/calendar/import-refresh.ts";
import { makeImportShifts } from "#usecases/calendar/rota-import.ts";
import type { RefreshRotasDeps } from "#usecases/calendar/rota-refresh.ts";
import { makeDecideReflow } from "#usecases/calendar/reflow-decide.ts";
import type { Transact } from "#usecases/records.ts";
import type { Views } from "#usecases/views.ts";
import { digestOf, judge } from "#main/bind-operations.ts";

export interface BusinessParts {
  readonly pool: Pool;
  readonly transact: Transact;
  readonly now: () => Temporal.Instant;
  readonly views: Pick<Views, "people">;
  readonly hooks: RecordHooks;
  readonly log: Log;
  /** `host:port` of feeds on private addresses that the operator allows. */
  readonly feedAllow: readonly string[];
}

/** What refreshing needs, for the sweep of a worker and for imports by people alike. */
export function refreshDeps(parts: Pick<BusinessParts, "transact" | "now" | "log" | "feedAllow">): RefreshDeps {
  return {
    now: parts.now,
    transact: parts.transact,
    judge,
    digestOf,
    read: readCalendar,
    newReflowId: () => newId("reflow"),
    fetch: (url, etag) => safeFetch(url, { allow: parts.feedAllow, etag }),
    report: (calendar, failure) => parts.log.warn({ calendar, failure }, "a calendar could not be refreshed"),
  };
}

/** What reading rotas needs, for the sweep of a worker and for imports by people alike. */
export function refreshRotasDeps(
  parts: Pick<BusinessParts, "transact" | "now" | "log" | "feedAllow">,
): RefreshRotasDeps {
  const { now, transact, fetch } = refreshDeps(parts);
  return {
    now,
    transact,
    fetch,
    digestOf,
    readShifts,
    newImportId: () => newId("rotaImport"),
    report: (rota, failure) => parts.log.warn({ rota, failure }, "a rota could not be refreshed"),
  };
}

export function bindBusiness(parts: BusinessParts): BusinessOperations {
  const { pool, transact, now } = parts;
  return makeBusinessOperations({
    ...refreshDeps(parts),
    sources: () => sources(pool),
    reflows: (limit) => reflows(pool, limit),
    decideReflow: makeDecideReflow({ now, transact, judge, newSlotId: () => newId("slot") }),
    importShifts: makeImportShifts(refreshRotasDeps(parts)),
    feeds: makeFeeds({
      now,
      transact,
      feeds: feedStore(pool, parts.hooks),
      findPerson: async (name) => (await parts.views.people()).get(name) ?? null,
      secrets,
      newFeedId: () => newId("feed"),
      write: writeCalendar,
    }),
  });
}
