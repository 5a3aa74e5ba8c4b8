import type { BusinessCalendar, CalendarEvent, EventEffect } from "#core/calendar/business/business-calendar.ts";
import { effectOf, eventName } from "#core/calendar/business/effects.ts";
import { err, type Result } from "#core/result.ts";
import type { Feeds } from "#usecases/calendar/feed-access.ts";
import { makeImportCalendar, type ImportOutcome } from "#usecases/calendar/import-calendar.ts";
import { importFrom, type RefreshDeps, type SubscribeRefusal } from "#usecases/calendar/import-refresh.ts";
import type { AttemptState, Reflow, SourceState } from "#usecases/calendar/import-types.ts";
import type { ImportShifts } from "#usecases/calendar/rota-import.ts";
import { listRotas, type RotaSourceView } from "#usecases/calendar/rota-list.ts";
import type { DecideReflow } from "#usecases/calendar/reflow-decide.ts";
import type { Call } from "#usecases/operations.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";

/** A declared calendar with what is known of it. */
export interface BusinessCalendarView {
  readonly calendar: BusinessCalendar;
  /** The last good import; null before the first. */
  readonly source: Omit<SourceState, "text"> | null;
  readonly attempt: AttemptState | null;
  /** Events of the next days with an effect. */
  readonly events: readonly EventView[];
}

export interface EventView extends Pick<CalendarEvent["event"], "summary" | "from" | "to"> {
  readonly name: string;
  readonly effect: EventEffect;
}

/** Everything about calendars from outside that the API offers; bound in `main`. */
export interface BusinessOperations {
  readonly calendars: () => Promise<readonly BusinessCalendarView[]>;
  readonly importText: (
    input: { readonly calendar: string; readonly text: string },
    call: Call,
  ) => Promise<Result<ImportOutcome, SubscribeRefusal>>;
  readonly importUrl: (
    input: { readonly calendar: string; readonly url: string },
    call: Call,
  ) => Promise<Result<ImportOutcome, SubscribeRefusal>>;
  readonly reflows: (limit: number) => Promise<readonly Reflow[]>;
  readonly decideReflow: DecideReflow;
  readonly feeds: Feeds;
  readonly importShifts: ImportShifts;
  readonly rotas: () => Promise<readonly RotaSourceView[]>;
}

/** Events of one calendar that a list shows. */
const maxEventsShown = 200;

export interface BusinessDeps extends RefreshDeps {
  readonly sources: () => Promise<readonly Omit<SourceState, "text">[]>;
  readonly reflows: (limit: number) => Promise<readonly Reflow[]>;
  readonly decideReflow: DecideReflow;
  readonly feeds: Feeds;
  readonly importShifts: ImportShifts;
}

export function makeBusinessOperations(deps: BusinessDeps): BusinessOperations {
  const importCalendar = makeImportCalendar(deps);
  return {
    calendars: () => listCalendars(deps),
    importText: ({ calendar, text }, call) => importCalendar({ calendar, text, etag: null }, call),
    async importUrl({ calendar, url }, call) {
      const declared = await deps.transact((records) => records.business.declared());
      const found = declared.find(({ name }) => name === calendar);
      // Read anew, and not noted as an attempt of the subscription: the person hears of a failure at once.
      return found === undefined ? err({ code: "no-such-calendar" }) : importFrom(deps, found, url, null, call);
    },
    reflows: deps.reflows,
    decideReflow: deps.decideReflow,
    feeds: deps.feeds,
    importShifts: deps.importShifts,
    rotas: () => listRotas(deps.transact),
  };
}

async function listCalendars(deps: BusinessDeps): Promise<readonly BusinessCalendarView[]> {
  const at = deps.now();
  const sources = new Map((await deps.sources()).map((source) => [source.calendar, source]));
  return deps.transact(async (records) => {
    const attempts = new Map((await records.business.attempts()).map((attempt) => [attempt.calendar, attempt]));
    const events = await records.business.events({ from: at, to: horizonOf(at) }, at);
    return (await records.business.declared()).map((calendar) => ({
      calendar,
      source: sources.get(calendar.name) ?? null,
      attempt: attempts.get(calendar.name) ?? null,
      events: events
        .filter((event) => event.calendar === calendar.name)
        .flatMap((event) => viewOf(calendar, event))
        .slice(0, maxEventsShown),
    }));
  });
}

function viewOf(calendar: BusinessCalendar, event: CalendarEvent): readonly EventView[] {
  const effect = effectOf(calendar, event.event)?.effect;
  const { summary, from, to } = event.event;
  return effect === undefined ? [] : [{ name: eventName(event), summary, effect, from, to }];
}
