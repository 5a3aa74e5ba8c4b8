import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { clockChangesIn, type ClockChange } from "#core/calendar/clock-changes.ts";
import {
  mayConcern,
  narrowerRules,
  subjectOf,
  type NarrowerRule,
  type TimetableOwner,
} from "#core/calendar/timetable-view.ts";
import type { Timetable } from "#core/calendar/timetable.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import type { Service } from "#core/catalog/service.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import {
  spanAsked,
  type AskedSpan,
  type CalendarBooking,
  type CalendarRefusal,
  type CalendarSource,
  type TimetableMemo,
} from "./timetable.ts";

export interface OverviewQuestion extends AskedSpan {
  readonly lanes: "environment" | "unit";
  readonly environment: string | null;
  readonly service: string | null;
}

export interface CalendarLane {
  readonly name: string;
  readonly owner: TimetableOwner;
  readonly table: Timetable;
  readonly narrower: readonly NarrowerRule[];
  readonly clockChanges: readonly ClockChange[];
  /** Business events that call for caution for some or all of the services, and close nothing. */
  readonly cautions: readonly Caution[];
  readonly bookings: readonly CalendarBooking[];
}

export interface OverviewView {
  readonly between: Span;
  readonly lanes: readonly CalendarLane[];
  /** In the order of promotion. */
  readonly environments: readonly Environment[];
  readonly isTruncated: boolean;
}

export type ReadOverview = (
  question: OverviewQuestion,
  now: Temporal.Instant,
) => Promise<Result<OverviewView, CalendarRefusal>>;

/** More lanes than this are no overview. */
export const maxLanes = 200;
/** More bars than this nobody can tell apart. */
export const maxBookings = 2_000;
/** Business events of one lane that are still told apart. */
export const maxCautions = 200;

/** Openings, freezes and deployments side by side. */
export function makeReadOverview(
  source: Pick<CalendarSource, "inForce" | "bookings">,
  memo: TimetableMemo,
): ReadOverview {
  return async (question, now) => {
    const asked = spanAsked(question, now);
    if (!asked.ok) return asked;
    const between = asked.value;
    const { revision, organisation, cautions } = await source.inForce(between);
    const environments = inPromotionOrder([...organisation.environments.values()]);
    const service = question.service === null ? null : organisation.services.get(question.service);
    if (service === undefined) return err("no-such-service");
    const owners = ownersOf(question, organisation, environments, service);
    if (owners === null) return err("no-such-environment");
    const bookings = await source.bookings(between, now, maxBookings + 1);
    const make = memo.of(revision, between);
    const lanes = owners.slice(0, maxLanes).map((owner) => ({
      name: question.lanes === "unit" ? (owner.unit ?? "") : owner.environment.name,
      owner,
      table: make({ ...organisation, subject: subjectOf(owner), environment: owner.environment, between }),
      narrower: narrowerRules(organisation, owner, between),
      clockChanges: clockChangesIn(owner.environment.zone, between),
      cautions: cautions.filter(({ scope }) => mayConcern(scope, owner)).slice(0, maxCautions),
      bookings: bookings.slice(0, maxBookings).filter((booking) => belongsTo(booking, owner, organisation)),
    }));
    const isTruncated = bookings.length > maxBookings || owners.length > maxLanes;
    return ok({ between, lanes, environments, isTruncated });
  };
}

/** Null when the environment that was asked for is not known. */
function ownersOf(
  { lanes, environment: name }: OverviewQuestion,
  organisation: Organisation,
  environments: readonly Environment[],
  service: Service | null,
): readonly TimetableOwner[] | null {
  const environment = name === null ? null : organisation.environments.get(name);
  if (environment === undefined) return null;
  if (lanes === "environment") {
    const shown = environment === null ? environments : [environment];
    return shown.map((one) => ({ environment: one, service, unit: null }));
  }
  const place = environment ?? environments.at(-1);
  if (place === undefined) return [];
  const units = service === null ? [...organisation.units.keys()] : [service.unit];
  return units.map((unit) => ({ environment: place, service, unit }));
}

function belongsTo(booking: CalendarBooking, owner: TimetableOwner, { services }: Organisation): boolean {
  if (booking.environment !== owner.environment.name) return false;
  if (owner.service !== null) return booking.service === owner.service.name;
  return owner.unit === null || services.get(booking.service)?.unit === owner.unit;
}
