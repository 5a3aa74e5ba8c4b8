import { z } from "zod";
import { rememberLast } from "#core/policy/remember-last.ts";
import { sql, type Statement } from "./sql.ts";
import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";

/*
 * Parts of row parsers. The driver hands over times, bigint and numeric as text (see sql.ts), so nothing is rounded on
 * the way; inside a jsonb value PostgreSQL writes a time as ISO 8601 with offset and a bigint as a number.
 */

/** timestamptz, to the microsecond. Infinity is no instant and is refused. */
export const instant = z.string().transform((text, context) => {
  try {
    return Temporal.Instant.from(text);
  } catch {
    context.issues.push({ code: "custom", message: "not an instant", input: text });
    return z.NEVER;
  }
});

/** bigint; beyond 2^53 it would lose digits and is refused. */
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.int()),
]);

/** numeric or real. */
export const decimal = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/)
    .transform(Number),
]);

/** xid8: unsigned 64 bits, kept as text. */
export const transactionId = z.string().regex(/^\d+$/);

export const deploymentId = z.custom<DeploymentId>((value) => typeof value === "string");
export const bookingId = z.custom<BookingId>((value) => typeof value === "string");
export const verdictId = z.custom<VerdictId>((value) => typeof value === "string");

/**
 * Instants go to the database cut to its precision, the microsecond: rounding there could move a time into the future
 * of the transaction that wrote it. Rows that are written together mostly have one instant, whose text is made once.
 */
export const toTimestamp: (at: Temporal.Instant) => string = rememberLast((at) =>
  at.round({ smallestUnit: "microsecond", roundingMode: "floor" }).toString(),
);

export function toTimestampOrNull(at: Temporal.Instant | null | undefined): string | null {
  return at === null || at === undefined ? null : toTimestamp(at);
}

/** Microseconds of the epoch as a column, for `fromMicroseconds`: read ten times as fast as a date. */
export function microseconds(column: Statement): Statement {
  return sql`(extract(epoch from ${column}) * 1000000)::bigint`;
}

export function fromMicroseconds(text: string): Temporal.Instant {
  const us = Number(text);
  if (!Number.isSafeInteger(us)) throw new RangeError(`${text} are no microseconds of an instant`);
  return us % 1000 === 0
    ? Temporal.Instant.fromEpochMilliseconds(us / 1000)
    : Temporal.Instant.fromEpochNanoseconds(BigInt(text) * 1000n);
}
