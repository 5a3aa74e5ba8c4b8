import type { z } from "zod";
import type { ApiDeps } from "#api/deps.ts";
import { answer, defineHandler, refuse, type HandlerAnswer, type HandlerCall } from "#api/handler.ts";
import { nameDetail } from "#api/calendar/name-detail.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { importRota } from "#contract/cover.ts";
import type { Duty } from "#core/calendar/cover/rota.ts";
import { dutiesInSchedule } from "#core/calendar/cover/schedule.ts";
import { sayShiftRefusal } from "#usecases/calendar/rota-refresh.ts";
import { ok, type Result } from "#core/result.ts";

export const importRotaHandler = defineHandler(importRota, async (deps, call) => {
  const { team } = call.params;
  const { source, until } = call.body;
  if ("zone" in call.body) return importCalendar(deps, call, call.body);
  const read = dutiesIn(call.body);
  if (!read.ok) return refuse("no-such-person", `Nothing was imported: ${read.error} names nobody.`);
  const duties = read.value;
  const wrong = duties.find(({ from, to }) => Temporal.Instant.compare(from, to) >= 0);
  if (wrong !== undefined) {
    const detail = `Nothing was imported: a duty of ${wrong.person} ends on ${wrong.to.toString()}, at or before its start.`;
    return refuse("bad-span", detail);
  }
  const last = lastEnd(duties, until === undefined ? null : Temporal.Instant.from(until));
  if (last === null) return refuse("bad-span", "Nothing was imported: the schedule is empty and names no `until`.");
  const result = await deps.operations.importRota({ team, source, duties, until: last }, callOf(call));
  if (result.ok) return answer(200, result.value);
  return refuse(result.error.code, `Nothing was imported: ${nameDetail(result.error)}`);
});

type Body = z.output<typeof importRota.body>;
type CalendarBody = Extract<Body, { readonly zone: string }>;

async function importCalendar(
  deps: ApiDeps,
  call: HandlerCall<typeof importRota>,
  body: CalendarBody,
): Promise<HandlerAnswer<typeof importRota>> {
  const { source, zone, until } = body;
  const about = {
    team: call.params.team,
    source,
    zone,
    persons: body.persons ?? {},
    until: until === undefined ? null : Temporal.Instant.from(until),
  };
  const from = "url" in body ? { url: body.url } : { text: body.calendar };
  const result = await deps.business.importShifts({ ...about, ...from }, callOf(call));
  if (result.ok) return answer(200, result.value);
  const refusal = result.error;
  switch (refusal.code) {
    case "no-shifts":
      return refuse(
        "bad-span",
        "Nothing was imported: the calendar holds no shift from now on, and `until` is not named.",
      );
    case "invalid-calendar":
      return refuse("invalid-calendar", `${sayShiftRefusal(refusal)} Nothing was imported.`, {
        problems: [refusal.fault],
      });
    case "feed-failed":
      return refuse("feed-failed", `${sayShiftRefusal(refusal)}. The last good state stays in force.`);
    case "no-such-team":
    case "no-such-person":
      return refuse(refusal.code, `Nothing was imported: ${nameDetail({ ...refusal, code: refusal.code })}`);
  }
}

function dutiesIn(body: Exclude<Body, CalendarBody>): Result<readonly Duty[], string> {
  const persons = body.persons ?? {};
  if ("schedule" in body) return dutiesInSchedule(body.schedule.final_schedule.rendered_schedule_entries, persons);
  return ok(
    body.duties.map(({ person, from, to }) => ({
      person: Object.hasOwn(persons, person) ? (persons[person] ?? person) : person,
      from: Temporal.Instant.from(from),
      to: Temporal.Instant.from(to),
    })),
  );
}

function lastEnd(duties: readonly Duty[], until: Temporal.Instant | null): Temporal.Instant | null {
  if (until !== null) return until;
  return duties.reduce<Temporal.Instant | null>(
    (last, { to }) => (last === null || Temporal.Instant.compare(to, last) > 0 ? to : last),
    null,
  );
}
