import { toLocalMs } from "#core/calendar/civil.ts";
import { zoneOf, type Zone } from "#core/calendar/zone.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Windows and freezes differ where a local time happens twice: an ambiguity never opens more than what is written. */
export type SpanKind = "window" | "freeze";

/**
 * The instant (epoch ms) at which an occurrence starts. In a gap it is the instant of the jump; in an overlap the
 * first of the two (semantics §2.2).
 */
export function resolveStart(zone: Zone, localMs: number): number {
  return zone.onlyInstantOf(localMs) ?? zone.readingsOf(localMs).first;
}

/**
 * The instant (epoch ms) at which an occurrence that started at `startMs` ends. In a gap it is the instant of the jump.
 * In an overlap a window ends at the first reading after its start and a freeze at the last (semantics §2.2).
 */
export function resolveEnd(zone: Zone, localMs: number, kind: SpanKind, startMs: number): number {
  const only = zone.onlyInstantOf(localMs);
  if (only !== null) return only;
  const { first, last } = zone.readingsOf(localMs);
  return kind === "window" && first > startMs ? first : last;
}

/**
 * A point in time (a departure, a booked start, an imported event) as RFC 5545 3.3.5 says: in a gap the reading with
 * the offset from before it, in an overlap the first. Error: the zone is unknown.
 */
export function resolvePoint(local: Temporal.PlainDateTime, zoneName: string): Result<Temporal.Instant, string> {
  const zone = zoneOf(zoneName);
  if (zone === null) return err(unknownZone(zoneName));
  const localMs = toLocalMs(local);
  const at = zone.onlyInstantOf(localMs) ?? zone.readingsOf(localMs).byOffsetBefore;
  return ok(Temporal.Instant.fromEpochMilliseconds(at));
}

/** The sentence for a zone that the zone data does not know. */
export function unknownZone(name: string): string {
  return `the zone data knows no zone "${name}"; name an IANA zone such as Europe/Berlin`;
}
