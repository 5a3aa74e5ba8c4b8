import type { Freeze } from "#core/calendar/freeze.ts";
import type { SpanSet } from "#core/calendar/span-set.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { matchesScope, type Scope } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { Span } from "#core/span.ts";

export const feedContents = ["bookings", "freezes", "openings"] as const;
export type FeedContent = (typeof feedContents)[number];

/** What a feed shows. null: everything. Openings need both names: they differ from service to service. */
export interface FeedFilter {
  readonly environment: string | null;
  readonly service: string | null;
  readonly include: readonly FeedContent[];
}

/** One event of a feed. `uid` never changes; `sequence` rises with every move and with the end. */
export interface FeedEntry extends Span {
  readonly uid: string;
  readonly sequence: number;
  readonly changedAt: Temporal.Instant;
  readonly summary: string;
  readonly description: string;
  readonly category: "booking" | "freeze" | "opening";
  readonly status: "TENTATIVE" | "CONFIRMED" | "CANCELLED";
}

export interface FeedBooking {
  readonly booking: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly state: DeploymentState;
  readonly span: Span;
  readonly sequence: number;
  readonly changedAt: Temporal.Instant;
}

/** Names under which programs of others keep our events; not an address, and the same in every installation. */
const uidDomain = "tidegate.dev";

export function bookingEntry(booking: FeedBooking): FeedEntry {
  const { service, version, environment, state } = booking;
  const isOver = !["waiting", "queued", "running"].includes(state);
  return {
    ...booking.span,
    uid: `${booking.booking}@${uidDomain}`,
    // The end changes what an entry says, so it counts like a move.
    sequence: booking.sequence + (isOver ? 1 : 0),
    changedAt: booking.changedAt,
    summary: `${service} ${version} → ${environment}`,
    description: `${service} ${version} to ${environment}: ${state}.`,
    category: "booking",
    status: statusOf(state),
  };
}

function statusOf(state: DeploymentState): FeedEntry["status"] {
  switch (state) {
    case "waiting":
      return "TENTATIVE";
    case "cancelled":
    case "rejected":
      return "CANCELLED";
    case "queued":
    case "running":
    case "succeeded":
    case "rolled-back":
    case "aborted":
    case "failed":
    case "needs-human":
      return "CONFIRMED";
  }
}

/** The stretches of one freeze; the stretch's start is part of the name, so that one is not taken for another. */
export function freezeEntries(freeze: Freeze, spans: SpanSet, changedAt: Temporal.Instant): readonly FeedEntry[] {
  return spansIn(spans).map((span) => ({
    ...span,
    uid: `freeze-${encodeURIComponent(freeze.name)}-${span.from.epochMilliseconds}@${uidDomain}`,
    sequence: 0,
    changedAt,
    summary: `Freeze: ${freeze.name}`,
    description: `${freeze.strength} freeze of ${freeze.owner}. ${freeze.reason}`,
    category: "freeze" as const,
    status: "CONFIRMED" as const,
  }));
}

export function openingEntries(filter: FeedFilter, spans: SpanSet, changedAt: Temporal.Instant): readonly FeedEntry[] {
  const where = `${filter.service ?? ""} in ${filter.environment ?? ""}`;
  return spansIn(spans).map((span) => ({
    ...span,
    uid: `opening-${filter.environment}-${filter.service}-${span.from.epochMilliseconds}@${uidDomain}`,
    sequence: 0,
    changedAt,
    summary: `Open: ${where}`,
    description: `Windows are open and no freeze is in force for ${where}.`,
    category: "opening" as const,
    status: "CONFIRMED" as const,
  }));
}

/** Environments and services that exist. */
export interface FeedCatalog {
  readonly environments: ReadonlyMap<string, Environment>;
  readonly services: ReadonlyMap<string, Service>;
}

/**
 * The first environment of the filter in which the freeze stops some change of a service of the filter; null when there
 * is none. Class, action and who starts the change are left open: the feed is about places.
 */
export function placeInFilter(
  { scope }: Pick<Freeze, "scope">,
  filter: FeedFilter,
  catalog: FeedCatalog,
): Environment | null {
  const { classes: _classes, actions: _actions, invokers: _invokers, ...places } = scope;
  for (const environment of chosen(catalog.environments, filter.environment)) {
    for (const service of chosen(catalog.services, filter.service)) {
      if (isAbout(places, environment, service)) return environment;
    }
  }
  return null;
}

function chosen<T>(all: ReadonlyMap<string, T>, name: string | null): Iterable<T> {
  if (name === null) return all.values();
  const one = all.get(name);
  return one === undefined ? [] : [one];
}

function isAbout(places: Scope, environment: Environment, service: Service): boolean {
  const { name, team, unit, tier, tags, dataClasses } = service;
  const place = { environment: environment.name, region: environment.region };
  const change = { class: "normal", action: "deploy", invoker: "person" } as const;
  return matchesScope(places, { ...place, ...change, service: name, team, unit, tier, tags, dataClasses });
}
