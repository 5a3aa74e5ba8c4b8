import { keyOf } from "#core/world/world.ts";
import { fromMicroseconds, microseconds } from "#store/row.ts";
import { sql } from "#store/sql.ts";
import { stabilisingUntil } from "#store/stabilisation-end.ts";
import { defineBulkReader, textAt } from "./shelf.ts";

/*
 * The shelves that grow with the organisation, as they are read at the start. What changes later is read by the readers
 * of the same names in `readers.ts`; a test holds both to the same facts.
 */

export const artifacts = defineBulkReader({
  shelf: "artifacts",
  select: sql`select r.service, r.version, r.digest, r.author, r.registered_by, ${microseconds(sql`r.registered_at`)}
    from artifact r`,
  key: (columns) => keyOf(textAt(columns, 0), textAt(columns, 1)),
  row: (columns) => {
    const registeredBy = columns[4] ?? null;
    return {
      service: textAt(columns, 0),
      version: textAt(columns, 1),
      digest: textAt(columns, 2),
      author: columns[3] ?? null,
      registeredAt: fromMicroseconds(textAt(columns, 5)),
      ...(registeredBy === null ? {} : { registeredBy }),
    };
  },
});

export const deployed = defineBulkReader({
  shelf: "deployed",
  select: sql`select r.environment, r.service, r.version, ${microseconds(sql`r.valid_from`)},
      ${microseconds(stabilisingUntil(sql`r.deployment_id`))}
    from deployed r where r.valid_to is null`,
  key: (columns) => keyOf(textAt(columns, 0), textAt(columns, 1)),
  row: (columns) => {
    const until = columns[4] ?? null;
    return {
      service: textAt(columns, 1),
      version: textAt(columns, 2),
      environment: textAt(columns, 0),
      since: fromMicroseconds(textAt(columns, 3)),
      ...(until === null ? {} : { stabilisingUntil: fromMicroseconds(until) }),
    };
  },
});

export const bookings = defineBulkReader({
  shelf: "bookings",
  select: sql`select d.environment, d.service, b.id, b.version, ${microseconds(sql`b.planned_from`)},
      ${microseconds(sql`b.planned_to`)}
    from deployment d join booking b on b.id = d.booking_id
    where d.ended_at is null order by b.planned_from, b.id`,
  key: (columns) => keyOf(textAt(columns, 0), textAt(columns, 1)),
  row: (columns) => ({
    id: textAt(columns, 2),
    service: textAt(columns, 1),
    version: textAt(columns, 3),
    environment: textAt(columns, 0),
    from: fromMicroseconds(textAt(columns, 4)),
    to: fromMicroseconds(textAt(columns, 5)),
  }),
});

export const bookingOf = defineBulkReader({
  shelf: "bookingOf",
  select: sql`select d.id, d.booking_id from deployment d where d.ended_at is null`,
  key: (columns) => textAt(columns, 0),
  row: (columns) => textAt(columns, 1),
});
