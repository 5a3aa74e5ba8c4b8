import { z } from "zod";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { type BookedWork, capacityResources, hasAppetite, usageOf } from "#core/policy/booked-work.ts";
import { scoreOf } from "#core/release/newest.ts";
import type { BookedRisk, ResourceUse } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";
import { emptyMap, entriesOf, type ChunkedMap } from "#core/world/chunked-map.ts";
import { keyOf, rowsOf, withShelf, type World } from "#core/world/world.ts";
import { instant } from "#store/row.ts";
import { query, sql, type Queryable } from "#store/sql.ts";
import { among, type Keys } from "./shelf.ts";

/*
 * What bookings take of resources and of the appetite for risk follows from policies, so it is computed and not read:
 * anew whenever a booking, a score or the configuration changes, and not at all while no policy counts anything.
 */

/** A booking with what decides whether it counts. */
export interface Work extends BookedWork {
  readonly version: string;
  /** Has not ended; what has ended spends risk of its day and holds no resource. */
  readonly isOpen: boolean;
}

const row = z.object({
  booking: z.string(),
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  class: z.enum(changeClasses),
  action: z.enum(changeActions),
  invoker: z.enum(invokers),
  from: instant,
  to: instant,
  isOpen: z.boolean(),
});

/** Open work, and work that has run; of that only what a local day of today may hold. */
export async function readWork(client: Queryable, keys: Keys, now: Temporal.Instant): Promise<readonly Work[]> {
  return query(
    client,
    sql`select b.id as booking, b.service, b.version, b.environment, b.subject ->> 'class' as class,
          b.subject ->> 'action' as action, b.subject ->> 'invoker' as invoker,
          to_jsonb(b.planned_from) #>> '{}' as "from", to_jsonb(b.planned_to) #>> '{}' as "to",
          d.ended_at is null as "isOpen"
        from booking b join deployment d on d.booking_id = b.id ${among(keys, sql`b.id`)}
        where d.ended_at is null
          or (d.started_at is not null and b.planned_from >= ${now.subtract(keptFor).toString()})`,
    row,
  );
}

/** A local day of any zone that holds now began less than this before it, and a mirror is not for ever. */
const keptFor = { hours: 48 } as const;

/** True when any policy counts what bookings take: without one, work need not be known at all. */
export function countsWork({ policies }: Organisation): boolean {
  return capacityResources(policies).size > 0 || hasAppetite(policies);
}

/** The world with usage and exposure as they follow from the work; null: nothing counts it. */
export function withSharedWork(world: World, known: ChunkedMap<Work> | null): World {
  const { organisation } = world;
  const work = known ?? emptyMap<Work>();
  const resources = capacityResources(organisation.policies);
  const open = resources.size === 0 ? [] : worksOf(work).filter(({ isOpen }) => isOpen);
  const usage: readonly ResourceUse[] = usageOf(organisation.policies, resources, open, organisation);
  const exposure = hasAppetite(organisation.policies) ? [...risksOf(world, work)] : [];
  return withShelf(
    withShelf(world, "usage", usage, ({ resource }) => [resource]),
    "exposure",
    exposure,
    ({ environment, unit, region }) => [
      keyOf("environment", environment),
      keyOf("unit", unit),
      ...(region === null ? [] : [keyOf("region", region)]),
    ],
  );
}

/** In the order of their starts. */
function worksOf(work: ChunkedMap<Work>): readonly Work[] {
  return [...entriesOf(work)].map(([, each]) => each).sort(byStart);
}

function byStart(a: Work, b: Work): number {
  return compareInstants(a.from, b.from) || (a.booking < b.booking ? -1 : 1);
}

function* risksOf(world: World, work: ChunkedMap<Work>): Iterable<BookedRisk> {
  const { services, environments }: Organisation = world.organisation;
  for (const { booking, service, version, environment, from } of worksOf(work)) {
    const score = scoreOf(rowsOf(world, "riskScores", keyOf(service, version, environment)));
    const unit = services.get(service)?.unit;
    const there = environments.get(environment);
    if (score === null || unit === undefined || there === undefined) continue;
    yield { booking, environment, unit, region: there.region, from, score: score.score };
  }
}
