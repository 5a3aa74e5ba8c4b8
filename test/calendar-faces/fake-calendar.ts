import { lintCalendarHandler } from "#api/calendar/lint-calendar.ts";
import { previewCalendarHandler } from "#api/calendar/preview-calendar.ts";
import { readOverviewHandler } from "#api/calendar/read-overview.ts";
import { readTimetableHandler } from "#api/calendar/read-timetable.ts";
import type { Handler } from "#api/handler.ts";
import { checkSources } from "#config/world.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import type { DeploymentId } from "#core/id.ts";
import { fakeApi } from "#test/api/fakes.ts";
import { calendarFaces, type CalendarFaces } from "#usecases/calendar/timetable-faces.ts";
import type { CalendarBooking } from "#usecases/calendar/timetable.ts";

/** Places and services that the calendar is about. */
export interface FakePlaces {
  readonly environments: readonly { readonly name: string; readonly zone: string; readonly protected: boolean }[];
  readonly services: readonly {
    readonly name: string;
    readonly team: string;
    readonly unit: string;
    readonly tier: number;
  }[];
}

const rules = `kind: Window
metadata: { name: prod-working-hours }
spec: { scope: { environments: ["prod-*"] }, zone: target, start: 2026-01-05T09:00, rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", end: "16:00" }
---
kind: Window
metadata: { name: prod-weekend }
spec: { scope: { environments: ["prod-*"] }, zone: target, start: 2026-01-03T01:00, rrule: "FREQ=WEEKLY;BYDAY=SA,SU", end: "05:00" }
---
kind: Window
metadata: { name: ledger-nights }
spec: { scope: { environments: [prod-emea], teams: [ledger] }, zone: Europe/Berlin, start: 2026-01-05T21:00, rrule: "FREQ=WEEKLY;BYDAY=TU", end: "23:00" }
---
kind: Freeze
metadata: { name: black-friday }
spec: { scope: { environments: ["prod-*"] }, strength: hard, zone: target, start: 2026-11-26T18:00, end: 2026-12-01T06:00, owner: release-manager, reason: From the eve of Black Friday to the morning after Cyber Monday. }
---
kind: Freeze
metadata: { name: clock-night }
spec: { scope: { environments: [prod-emea] }, strength: soft, zone: Europe/Berlin, start: 2026-10-22T12:00, end: 2026-10-24T08:00, owner: release-manager, reason: Payroll runs before the clocks change. }`;

/** Quarter end lies within the weeks that the pages are looked at; prod-emea takes care. */
function cautions(): readonly Caution[] {
  const at = (text: string) => Temporal.Instant.from(text);
  const caution = (name: string, summary: string, from: string, to: string): Caution => ({
    name: `finance/${name}`,
    calendar: "finance",
    summary,
    scope: { environments: ["prod-emea"], tags: ["financial"] },
    span: { from: at(from), to: at(to) },
  });
  return [caution("pre-close", "Pre-close of October", "2026-10-21T06:00Z", "2026-10-22T16:00Z")];
}

/** The real faces of the calendar over places, rules and bookings in memory. */
function facesOf({ environments, services }: FakePlaces, bookings: () => readonly CalendarBooking[]): CalendarFaces {
  const names = environments.map(
    ({ name, zone, protected: isProtected }, index) =>
      `kind: Environment\nmetadata: { name: ${name} }\nspec: { zone: ${zone}, protected: ${isProtected}, after: [${index === 0 ? "" : environments[0]?.name}] }`,
  );
  const owned = services.map(
    ({ name, team, unit, tier }) =>
      `kind: Service\nmetadata: { name: ${name} }\nspec: { team: ${team}, unit: ${unit}, tier: ${tier} }`,
  );
  const text = [...names, ...owned, rules].join("\n---\n");
  const { world, documents, problems } = checkSources([{ path: "calendar.yaml", text }]);
  if (world === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return calendarFaces({
    inForce: async () => ({ revision: 1, organisation: world.organisation, cautions: cautions() }),
    documents: async () => documents,
    bookings: async () => bookings(),
    lintFacts: async () => ({ durations: [], imported: [], swaps: [] }),
  });
}

/** A deployment as the pages' world knows it. */
interface FakeDeployment {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly state: CalendarBooking["state"];
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

const isDeployment = (id: string): id is DeploymentId => id.startsWith("dep_");

function toBooking(one: FakeDeployment, now: Temporal.Instant): readonly CalendarBooking[] {
  if (!isDeployment(one.id)) return [];
  const from = Temporal.Instant.from(one.startedAt ?? one.requestedAt);
  const to = one.endedAt === null ? now.add({ hours: 2 }) : Temporal.Instant.from(one.endedAt);
  const { id, service, version, environment, state } = one;
  const least = from.add({ minutes: 20 });
  return [
    {
      id,
      service,
      version,
      environment,
      state,
      span: { from, to: Temporal.Instant.compare(to, least) > 0 ? to : least },
    },
  ];
}

interface Asked {
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Operations of the calendar for a server in memory: the product's own handlers, so the pages see real answers. */
export function fakeCalendarHandlers(
  places: FakePlaces,
  deployments: () => Iterable<FakeDeployment>,
  now: () => Temporal.Instant,
): Readonly<Record<string, (asked: Asked) => Promise<unknown>>> {
  const api = fakeApi();
  const bookings = (): readonly CalendarBooking[] => [...deployments()].flatMap((one) => toBooking(one, now()));
  const deps = { ...api.deps, calendar: facesOf(places, bookings) };
  const run = (handler: Handler) => async (asked: Asked) => {
    if (handler.access === "public") throw new Error("the calendar is for people who are known");
    const body = handler.route.method === "post" ? asked.body : {};
    const prepared = handler.prepare({ params: {}, query: Object.fromEntries(asked.query), body });
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.error));
    const actor = { person: "ana", account: "ana@corp", method: "session" } as const;
    const person = { name: "ana", displayName: "Ana", teams: [], roles: [], accounts: [] };
    const credential = { id: "s1", kind: "session", expiresAt: now(), grantedUntil: now() } as const;
    const identity = { person, actor, credential };
    const answered = await prepared.value(deps, { identity, requestId: "req_1", key: null, now: now() });
    if (answered.kind === "refused") throw new Error(answered.detail);
    return answered.body;
  };
  return {
    readTimetable: run(readTimetableHandler),
    readOverview: run(readOverviewHandler),
    previewCalendar: run(previewCalendarHandler),
    lintCalendar: run(lintCalendarHandler),
  };
}
