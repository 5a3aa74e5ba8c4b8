import type { z } from "zod";
import { refuseSpan, spanOf } from "#api/calendar/span-of.ts";
import { answer, defineHandler, type DeepReadonly } from "#api/handler.ts";
import { previewCalendar, type calendarPreview } from "#contract/calendar.ts";
import { openingToJson } from "#core/calendar/present-timetable.ts";
import { firstSpans, minutesOf, type ChangeGroup } from "#core/calendar/timetable-change.ts";
import type { SpanSet } from "#core/calendar/span-set.ts";
import type { PreviewView } from "#usecases/calendar/timetable-preview.ts";

type Preview = DeepReadonly<z.input<typeof calendarPreview>>;

/** Spans of each side of a change, and services, that are listed; the rest is said as a number. */
const spansShown = 20;
const servicesShown = 20;

export const previewCalendarHandler = defineHandler(previewCalendar, async (deps, call) => {
  const found = await deps.calendar.preview({ text: call.body.text, ...spanOf(call.body) }, call.now);
  return found.ok ? answer(200, present(found.value)) : refuseSpan();
});

function present({ problems, between, drafts, groups, compared, leftOut }: PreviewView): Preview {
  return {
    problems: problems.map(({ path, line, column, code, message, remedy, excerpt, severity }) => {
      return { path, line, column, code, message, remedy, excerpt, severity };
    }),
    since: between.from.toString(),
    until: between.to.toString(),
    drafts: drafts.map(({ next, ...draft }) => ({
      ...draft,
      next: next.map(({ zone, spans }) => ({ zone, spans: spans.map(openingToJson) })),
    })),
    effects: groups.map(presentGroup),
    compared,
    leftOut,
  };
}

function presentGroup({ environment, services, opens, closes }: ChangeGroup): Preview["effects"][number] {
  return {
    environment: environment.name,
    zone: environment.zone,
    services: services.length,
    named: services.slice(0, servicesShown),
    opens: shown(opens),
    closes: shown(closes),
    openedMinutes: minutesOf(opens),
    closedMinutes: minutesOf(closes),
  };
}

function shown(set: SpanSet): Preview["effects"][number]["opens"] {
  return firstSpans(set, spansShown).map(({ from, to }) => ({ from: from.toString(), to: to.toString() }));
}
