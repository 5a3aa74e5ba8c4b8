import type { Pool } from "pg";
import { z } from "zod";
import type { ServicePlace } from "#core/catalog/place.ts";
import { deploymentId } from "./row.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import { query, readSnapshot, sql, type Queryable } from "./sql.ts";

/** What workers look through again and again: names only, so that thousands of rows cost them next to nothing. */
export interface SweepViews {
  /** Places of which it is on record what is live. */
  readonly recorded: () => Promise<readonly ServicePlace[]>;
  /** Places of the configuration in force of which nothing is on record. */
  readonly unseen: () => Promise<readonly ServicePlace[]>;
  /** Deployments that are queued or running, with their runs. */
  readonly underWay: () => Promise<readonly z.output<typeof underWay>[]>;
}

const place = z.object({ service: z.string(), environment: z.string() });
const underWay = z.object({ id: deploymentId, run: z.string() });

export function sweepViewsOf(pool: Pool, organisations: OrganisationCache): SweepViews {
  return {
    recorded: () => recordedPlaces(pool),
    unseen: () =>
      readSnapshot(pool, async (client) => {
        const { services, environments } = await organisationInForce(client, organisations);
        const known = new Set((await recordedPlaces(client)).map(nameOf));
        const all = [...environments.keys()].flatMap((environment) =>
          [...services.keys()].map((service) => ({ environment, service })),
        );
        return all.filter((each) => !known.has(nameOf(each)));
      }),
    underWay: () =>
      query(
        pool,
        sql`select id, run from deployment where state in ('queued', 'running') and run is not null order by id`,
        underWay,
      ),
  };
}

const nameOf = ({ service, environment }: ServicePlace): string => `${service} ${environment}`;

function recordedPlaces(client: Queryable): Promise<readonly ServicePlace[]> {
  return query(
    client,
    sql`select service, environment from deployed where valid_to is null order by service, environment`,
    place,
  );
}
