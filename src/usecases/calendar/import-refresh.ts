import type { BusinessCalendar } from "#core/calendar/business/business-calendar.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import { expandedDays } from "#core/calendar/business/import-range.ts";
import { makeImportCalendar, type ImportDeps, type ImportOutcome } from "#usecases/calendar/import-calendar.ts";
import type { AttemptState, CalendarTextFault, SourceState } from "#usecases/calendar/import-types.ts";
import type { Call } from "#usecases/operations.ts";
import { systemActor } from "#usecases/records.ts";

/** Reads an address that somebody else chose; `runtime/safe-fetch` does. `text` null: not changed since the ETag. */
export type FetchCalendar = (
  url: string,
  etag: string | null,
) => Promise<Result<{ readonly text: string | null; readonly etag: string | null }, { readonly message: string }>>;

export interface RefreshDeps extends ImportDeps {
  readonly fetch: FetchCalendar;
  /** Told about a calendar that could not be refreshed; its last good state stays in force. */
  readonly report: (calendar: string, failure: string) => void;
}

export type SubscribeRefusal =
  | { readonly code: "no-such-calendar" | "not-subscribed" }
  | { readonly code: "feed-failed"; readonly message: string }
  | { readonly code: "invalid-calendar"; readonly fault: CalendarTextFault };

/** A series is expanded anew when less than this is left of it: twice the horizon of a verdict and a year ahead less. */
const renewDays = expandedDays - 60;

const systemCall: Call = { actor: systemActor, requestId: "refresh" };

/** What a person reads of a fault: line and event first. */
export function sayFault({ line, event, message }: CalendarTextFault): string {
  const places = [line === null ? null : `line ${line}`, event === null ? null : `event ${event}`];
  const place = places.filter((part) => part !== null).join(", ");
  return place === "" ? `The calendar was refused: ${message}.` : `The calendar was refused at ${place}: ${message}.`;
}

/**
 * One turn over all declared calendars: subscribed ones whose time has come are asked, inline ones that changed are
 * read, and series are expanded further. Runs on every worker; two at once do the same work twice and harm nothing.
 */
export function makeRefreshCalendars(deps: RefreshDeps): () => Promise<void> {
  return async () => {
    const { declared, attempts } = await deps.transact(async (records) => ({
      declared: await records.business.declared(),
      attempts: new Map((await records.business.attempts()).map((attempt) => [attempt.calendar, attempt])),
    }));
    for (const calendar of declared) {
      const attempt = attempts.get(calendar.name) ?? null;
      if (attempt !== null && isBefore(deps.now(), attempt.nextAt) && calendar.source.kind === "url") continue;
      const state = await deps.transact((records) => records.business.source(calendar.name));
      const failure = await refreshOne(deps, calendar, state);
      if (failure !== null && failure !== attempt?.failure) deps.report(calendar.name, failure);
    }
  };
}

/** Null when it went well or there was nothing to do. */
async function refreshOne(
  deps: RefreshDeps,
  calendar: BusinessCalendar,
  state: SourceState | null,
): Promise<string | null> {
  const { source } = calendar;
  if (source.kind === "url") {
    const result = await subscribe(deps, calendar, source.url, state);
    return result.ok ? null : sayRefusal(result.error);
  }
  const text = source.kind === "inline" ? source.text : (state?.text ?? null);
  if (text === null || (state?.text === text && !needsRenewal(deps, calendar, state))) return null;
  const imported = await makeImportCalendar(deps)({ calendar: calendar.name, text, etag: null }, systemCall);
  const failure = imported.ok ? null : sayRefusal(imported.error);
  await note(deps, calendar, failure);
  return failure;
}

function needsRenewal({ now }: RefreshDeps, calendar: BusinessCalendar, state: SourceState): boolean {
  return state.zone !== calendar.zone || isBefore(state.expandedTo, now().add({ hours: 24 * renewDays }));
}

export function sayRefusal(refusal: SubscribeRefusal): string {
  switch (refusal.code) {
    case "invalid-calendar":
      return sayFault(refusal.fault);
    case "feed-failed":
      return refusal.message;
    case "not-subscribed":
      return "The calendar has no address to read from.";
    case "no-such-calendar":
      return "The configuration declares no such calendar any more.";
  }
}

/** Fetches and imports; whatever fails is noted beside the last good state, which stays as it is. */
async function subscribe(
  deps: RefreshDeps,
  calendar: BusinessCalendar,
  url: string,
  state: SourceState | null,
): Promise<Result<ImportOutcome, SubscribeRefusal>> {
  const result = await importFrom(deps, calendar, url, state, systemCall);
  await note(deps, calendar, result.ok ? null : sayRefusal(result.error));
  return result;
}

/** Fetches and imports. `state` null: whatever was there before, it is read anew. */
export async function importFrom(
  deps: RefreshDeps,
  calendar: BusinessCalendar,
  url: string,
  state: SourceState | null,
  call: Call,
): Promise<Result<ImportOutcome, SubscribeRefusal>> {
  const isStale = state === null || needsRenewal(deps, calendar, state);
  const fetched = await deps.fetch(url, isStale ? null : state.etag);
  if (!fetched.ok) return err({ code: "feed-failed", message: fetched.error.message });
  const { text, etag } = fetched.value;
  if (text === null || (!isStale && text === state.text))
    return ok({ calendar: calendar.name, added: 0, removed: 0, unchanged: 0, reflow: null });
  return makeImportCalendar(deps)({ calendar: calendar.name, text, etag }, call);
}

async function note(deps: RefreshDeps, calendar: BusinessCalendar, failure: string | null): Promise<void> {
  const at = deps.now();
  const attempt: AttemptState = {
    calendar: calendar.name,
    at,
    nextAt: at.add(calendar.refresh),
    failure,
    failingSince: failure === null ? null : at,
  };
  await deps.transact((records) => records.business.saveAttempt(attempt));
}
