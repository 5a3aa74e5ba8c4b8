import { lintApprovers, type Approving } from "#core/calendar/lint-approvers.ts";
import { placesOfWindows, type WindowPlace } from "#core/calendar/lint-places.ts";
import { longestRun, type RunNeed, type UsualRunOf } from "#core/calendar/lint-usual-run.ts";
import { lintCalendar, type CalendarHint, type CalendarHintCode } from "#core/calendar/lint.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { teamCovers, type RotaSources } from "#core/calendar/cover/team-cover.ts";
import { clip, msOf, totalMs } from "#core/calendar/span-set.ts";
import { timetableCache } from "#core/calendar/timetable-cache.ts";
import { subjectOf, type Calendar } from "#core/calendar/timetable-view.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import { matchesGlob, type Scope } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import { isBefore, type Span } from "#core/span.ts";

/** Something odd about the calendar: about one of its rules, or about the time that it leaves in an environment. */
export interface CatalogHint {
  readonly code: CalendarHintCode | "little-time" | "approvers-never-awake";
  readonly kind: "window" | "freeze" | "environment";
  readonly name: string;
  readonly message: string;
}

export interface CatalogLintQuery extends Calendar {
  readonly environments: readonly Environment[];
  readonly services: readonly Service[];
  /** What is looked at; months count where they lie in it whole. */
  readonly between: Span;
  /** The usual run where none was measured: openings shorter than this let nothing through. */
  readonly shortestUseful: Temporal.Duration;
  /** What runs take, as the rule `fits-before-closing` has it; null where nothing is known. */
  readonly usualRunOf: UsualRunOf;
  readonly approving: Approving;
  /** A service that has less open time than this in some month is named. */
  readonly leastMonthlyHours: number;
}

/** How much was looked at: a check that saw nothing is not a clean one. */
export interface CatalogLint {
  readonly hints: readonly CatalogHint[];
  readonly checked: {
    readonly windows: number;
    readonly freezes: number;
    /** Services in environments, and how many of them there were beyond the limit. */
    readonly places: number;
    readonly placesLeftOut: number;
    /** Places of which the usual run is known, among `places`. */
    readonly placesMeasured: number;
    /** Windows of which nobody can say whether an approver is awake in them. */
    readonly windowsWithUnknownApprovers: number;
  };
}

/** An hour: runs with stages and their way back are seldom shorter. */
export const defaultUsualRun = Temporal.Duration.from({ hours: 1 });
/** Two hours a week. */
export const defaultLeastMonthlyHours = 8;
/** A year and its clock changes, whole months from the present one on. */
export const lintMonths = 13;
/** Services times environments; beyond it a lint of everything would take longer than a person waits. */
export const maxPlaces = 20_000;
/** Services that a hint names. */
const namedServices = 5;

/** What an organisation brings to its own lint, with what is known of rotas beside it. */
export function orderedCatalog(
  organisation: Organisation,
  rotas: Omit<RotaSources, "declared">,
  decisionTime: Temporal.Duration,
): Pick<CatalogLintQuery, "windows" | "freezes" | "environments" | "services" | "approving"> {
  const { windows, freezes, environments, services, routes, people, workingHours } = organisation;
  const covers = coversOfAll({ ...rotas, declared: organisation.rotas });
  return {
    windows,
    freezes,
    environments: inPromotionOrder([...environments.values()]),
    services: [...services.values()],
    approving: { routes, people, workingHours, covers, decisionTime },
  };
}

/** One cover for each team that has a rota, whatever it answers for. */
function coversOfAll(sources: RotaSources): readonly TeamCover[] {
  const teams = new Set([...sources.declared, ...sources.imported].map(({ team }) => team));
  const covers = teamCovers(
    [...teams].map((team) => ({ service: "", team, tier: 0 })),
    sources,
  );
  return covers === "none" ? [] : covers;
}

/** From the first of the month of `now` on, with a day at both ends so that the months are whole in every zone. */
export function lintRange(now: Temporal.Instant): Span {
  const first = now.toZonedDateTimeISO("UTC").with({ day: 1 }).startOfDay();
  return {
    from: first.subtract({ days: 1 }).toInstant(),
    to: first.add({ months: lintMonths, days: 1 }).toInstant(),
  };
}

/** Every hint on rules in the order given, then on the time that environments leave to services. */
export function lintCatalog(query: CatalogLintQuery): CatalogLint {
  const places = query.environments.length * query.services.length;
  const perEnvironment =
    query.environments.length === 0 ? 0 : Math.floor(Math.min(places, maxPlaces) / query.environments.length);
  const services = query.services.slice(0, perEnvironment);
  const looked = services.length * query.environments.length;
  const placesOf = placesOfWindows(query.windows, query.environments, services);
  const approvers = lintApprovers(placesOf, query.approving, query.between);
  return {
    hints: [
      ...query.windows.flatMap((window) => hintsOnWindow(query, window, placesOf.get(window) ?? [])),
      ...approvers.asleep.map(({ window: { name }, message }) => ({
        code: "approvers-never-awake" as const,
        kind: "window" as const,
        name,
        message: `window ${name} ${message}`,
      })),
      ...query.freezes.flatMap((freeze) => hintsOnRule(query, freeze, { windows: [], freezes: [freeze] }, null)),
      ...query.environments.flatMap((environment) => hintsOnTime(query, environment, services)),
    ],
    checked: {
      windows: query.windows.length,
      freezes: query.freezes.length,
      places: looked,
      placesLeftOut: places - looked,
      placesMeasured: countMeasured(query, services),
      windowsWithUnknownApprovers: approvers.unknown,
    },
  };
}

function countMeasured({ environments, usualRunOf }: CatalogLintQuery, services: readonly Service[]): number {
  return environments.reduce(
    (count, { name }) => count + services.filter((service) => usualRunOf(service.name, name) !== null).length,
    0,
  );
}

function hintsOnWindow(
  query: CatalogLintQuery,
  window: Window,
  places: readonly WindowPlace[],
): readonly CalendarHint[] {
  return hintsOnRule(query, window, { windows: [window], freezes: [] }, longestRun(places, query));
}

/** A rule in the zone of its target is looked at in every zone that it can get; the same is said once. */
function hintsOnRule(
  query: CatalogLintQuery,
  rule: Window | Freeze,
  alone: Calendar,
  need: RunNeed | null,
): readonly CalendarHint[] {
  const { between, environments } = query;
  const shortestUseful = need?.length ?? query.shortestUseful;
  const whose = need?.whose ?? null;
  const targets = environments.filter((environment) => mayMatch(rule.scope, environment)).map(({ zone }) => zone);
  const zones = rule.rule.zone === "target" ? new Set(targets) : new Set([rule.rule.zone]);
  const found = new Map<string, CalendarHint>();
  for (const targetZone of zones) {
    for (const hint of lintCalendar({ ...alone, targetZone, between, shortestUseful, whose })) {
      const message = zones.size > 1 ? `${hint.message} (seen with the clocks of ${targetZone})` : hint.message;
      if (!found.has(hint.code)) found.set(hint.code, { ...hint, message });
    }
  }
  return [...found.values()];
}

function mayMatch({ environments, regions }: Scope, { name, region }: Environment): boolean {
  const any = (globs: readonly string[] | undefined, value: string | null): boolean =>
    globs === undefined || (value !== null && globs.some((glob) => matchesGlob(glob, value)));
  return any(environments, name) && any(regions, region);
}

/** Months of little time, said once for all services that they are the same for. */
function hintsOnTime(
  query: CatalogLintQuery,
  environment: Environment,
  services: readonly Service[],
): readonly CatalogHint[] {
  const cache = timetableCache();
  const months = wholeMonths(query.between, environment.zone);
  const groups = new Map<string, string[]>();
  for (const service of services) {
    const subject = subjectOf({ environment, service, unit: null });
    const table = cache.timetableOf({ ...query, subject, environment });
    if (!table.restricted || table.faults.length > 0) continue;
    const hours = months.map(({ span }) => totalMs(clip(table.open, msOf(span.from), msOf(span.to))) / hourMs);
    const said = sayLittleTime(months, hours, query.leastMonthlyHours);
    if (said !== null) groups.set(said, [...(groups.get(said) ?? []), service.name]);
  }
  return [...groups].map(([said, names]) => ({
    code: "little-time",
    kind: "environment",
    name: environment.name,
    message: `${environment.name} leaves ${sayServices(names)} ${said}`,
  }));
}

const hourMs = 3_600_000;

interface Month {
  readonly name: string;
  readonly span: Span;
}

function wholeMonths({ from, to }: Span, zone: string): readonly Month[] {
  const months: Month[] = [];
  let first = from.toZonedDateTimeISO(zone).with({ day: 1 }).startOfDay();
  if (isBefore(first.toInstant(), from)) first = first.add({ months: 1 });
  for (let next = first.add({ months: 1 }); !isBefore(to, next.toInstant()); next = first.add({ months: 1 })) {
    months.push({
      name: first.toPlainDate().toPlainYearMonth().toString(),
      span: { from: first.toInstant(), to: next.toInstant() },
    });
    first = next;
  }
  return months;
}

function sayLittleTime(months: readonly Month[], hours: readonly number[], least: number): string | null {
  const few = hours.filter((one) => one < least).length;
  if (few === 0) return null;
  const fewest = Math.min(...hours);
  const month = months[hours.indexOf(fewest)]?.name ?? "";
  return (
    `${round(fewest)} h of open time in ${month}; fewer than ${round(least)} h in ${few} of ${months.length} months. ` +
    "Widen a window, or shorten a freeze."
  );
}

function round(hours: number): number {
  return Math.round(hours * 10) / 10;
}

function sayServices(names: readonly string[]): string {
  const more = names.length - namedServices;
  const named = names.slice(0, namedServices).join(", ");
  return more > 0 ? `${named} and ${more} more services` : named;
}
