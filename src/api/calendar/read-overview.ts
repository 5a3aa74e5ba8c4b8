import type { z } from "zod";
import { refuseCalendar, spanOf } from "#api/calendar/span-of.ts";
import { answer, defineHandler, type DeepReadonly } from "#api/handler.ts";
import { readOverview, type calendarOverview } from "#contract/calendar.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { bordersOf } from "#core/calendar/timetable.ts";
import { borderToJson, clockChangeToJson, faultToJson, toJsonSpans } from "#core/calendar/present-timetable.ts";
import type { CalendarLane, OverviewView } from "#usecases/calendar/timetable-overview.ts";

type Overview = DeepReadonly<z.input<typeof calendarOverview>>;

export const readOverviewHandler = defineHandler(readOverview, async (deps, call) => {
  const { lanes, environment, service } = call.query;
  const question = { lanes, environment: environment ?? null, service: service ?? null, ...spanOf(call.query) };
  const found = await deps.calendar.overview(question, call.now);
  return found.ok ? answer(200, present(found.value)) : refuseCalendar(found.error, call.query);
});

function present({ between, lanes, environments, isTruncated }: OverviewView): Overview {
  return {
    since: between.from.toString(),
    until: between.to.toString(),
    lanes: lanes.map(presentLane),
    environments: environments.map(({ name, zone, protected: isProtected }) => ({
      name,
      zone,
      protected: isProtected,
    })),
    truncated: isTruncated,
  };
}

function presentLane({
  name,
  owner,
  table,
  narrower,
  clockChanges,
  cautions,
  bookings,
}: CalendarLane): Overview["lanes"][number] {
  const { environment } = owner;
  return {
    name,
    environment: environment.name,
    unit: owner.unit,
    zone: environment.zone,
    restricted: table.restricted,
    open: toJsonSpans(table.open),
    borders: bordersOf(table).map((border) => borderToJson(border, environment.zone)),
    freezes: table.freezes.map(({ rule, spans }) => ({
      name: rule.name,
      strength: rule.strength,
      reason: rule.reason,
      spans: toJsonSpans(spans),
    })),
    narrower: narrower.map(({ kind, name: rule, spans }) => ({ kind, name: rule, spans: toJsonSpans(spans) })),
    faults: table.faults.map(faultToJson),
    clockChanges: clockChanges.map((change) => clockChangeToJson(change, environment.zone)),
    cautions: cautions.map(presentCaution),
    bookings: bookings.map(({ span, ...booking }) => ({
      ...booking,
      from: span.from.toString(),
      to: span.to.toString(),
    })),
  };
}

function presentCaution({ name, calendar, summary, span }: Caution): Overview["lanes"][number]["cautions"][number] {
  return { name, calendar, summary, from: span.from.toString(), to: span.to.toString() };
}
