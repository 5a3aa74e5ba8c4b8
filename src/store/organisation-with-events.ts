import type { Organisation } from "#core/catalog/organisation.ts";
import { effectsOfEvents, freezesOfUnread } from "#core/calendar/business/effects.ts";
import type { Span } from "#core/span.ts";
import { eventsIn, sources } from "./business-calendar.ts";
import { newestRevision } from "./configuration.ts";
import { organisationOf, type OrganisationCache } from "./organisation.ts";
import type { Queryable } from "./sql.ts";

export interface OrganisationWithEvents {
  readonly organisation: Organisation;
  /** When the configuration or an imported calendar last changed; the epoch before the first revision. */
  readonly changedAt: Temporal.Instant;
}

/** The organisation in force with the freezes that events of the span make among its own. */
export async function organisationWithEvents(
  client: Queryable,
  organisations: OrganisationCache,
  between: Span,
): Promise<OrganisationWithEvents> {
  const revision = await newestRevision(client);
  const declared = await organisationOf(client, organisations, revision);
  const read = await sources(client);
  const imports = read.map(({ importedAt }) => importedAt);
  const changes = [...imports, ...(revision === null ? [] : [revision.at])];
  const changedAt = changes.toSorted((a, b) => Temporal.Instant.compare(b, a))[0];
  // Nothing that is in force now was valid only later than the last change.
  const events = changedAt === undefined ? [] : await eventsIn(client, between, changedAt);
  const { freezes } = effectsOfEvents(declared.calendars, events);
  const unread = freezesOfUnread(declared.calendars, new Set(read.map(({ calendar }) => calendar)));
  return {
    organisation: { ...declared, freezes: [...declared.freezes, ...freezes, ...unread] },
    changedAt: changedAt ?? Temporal.Instant.fromEpochMilliseconds(0),
  };
}
