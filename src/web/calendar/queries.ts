import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { CalendarOverview, CalendarPreview, Timetable } from "#contract/calendar.ts";
import type { Span } from "#core/span.ts";
import { answered, api } from "#web/api.ts";
import { present } from "#web/release/search.ts";
import { wire } from "#web/ui/time.ts";
import type { CalendarSearch } from "./search.ts";

/** Bookings move with the events of deployments; this is for what moves by the clock alone. */
const againMs = 60_000;

export function useOverview(
  range: Span,
  { lanes, environment, service }: Pick<CalendarSearch, "lanes" | "environment" | "service">,
): UseQueryResult<CalendarOverview> {
  const query = { ...present({ lanes, environment, service }), since: wire(range.from), until: wire(range.to) };
  return useQuery({
    queryKey: ["deployments", "calendar", query],
    queryFn: ({ signal }) => answered(api.readOverview({ signal, query })),
    placeholderData: (before) => before,
    refetchInterval: againMs,
  });
}

export function useTimetable(environment: string | undefined, service: string | undefined): UseQueryResult<Timetable> {
  return useQuery({
    queryKey: ["calendar", "next", environment ?? "", service ?? ""],
    queryFn: ({ signal }) =>
      answered(api.readTimetable({ signal, query: { environment: environment ?? "", ...present({ service }) } })),
    enabled: environment !== undefined,
    refetchInterval: againMs,
  });
}

export function usePreview(text: string): UseQueryResult<CalendarPreview> {
  return useQuery({
    queryKey: ["calendar", "preview", text],
    queryFn: ({ signal }) => answered(api.previewCalendar({ signal, body: { text } })),
    enabled: text.trim() !== "",
    placeholderData: (before) => before,
  });
}
