import type { Organisation } from "#core/catalog/organisation.ts";
import { reservedResource, type Reservation } from "#core/plan/reservation.ts";
import { environmentLock } from "#core/policy/rules/lock-free.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore, type Span } from "#core/span.ts";
import type { Actor, Records } from "#usecases/records.ts";
import type { PlaceRefusal, ReservationWish } from "#usecases/plan/reservation-operations.ts";

/** What can be reserved, with how many places it has. */
export interface Place {
  readonly key: string;
  readonly capacity: number;
  /** Where waiting work is looked at again; null: everywhere, because anything may use the resource. */
  readonly environment: string | null;
}

/** Longer than any release takes; whoever needs a place for good has an environment of their own. */
const longest = { hours: 92 * 24 } as const;

export function placeOf(
  { environments, resources }: Organisation,
  { kind, name }: ReservationWish["place"],
): Result<Place, PlaceRefusal> {
  if (kind === "environment") {
    return environments.has(name)
      ? ok({ key: environmentLock(name), capacity: 1, environment: name })
      : err("no-such-environment");
  }
  const resource = resources.get(name);
  if (resource === undefined) return err("no-such-resource");
  return ok({ key: reservedResource(name), capacity: resource.capacity, environment: null });
}

/** The place of a reservation that was made before, as it is declared now. */
export function placeOfReservation(organisation: Organisation, { place }: Reservation): Result<Place, PlaceRefusal> {
  const [kind = "", ...rest] = place.split(":");
  const name = rest.join(":");
  return placeOf(organisation, { kind: kind === "environment" ? "environment" : "resource", name });
}

/** Not over yet, and of a length that somebody may ask for. */
export function isReservable({ from, to }: Span, now: Temporal.Instant): boolean {
  return isBefore(from, to) && isBefore(now, to) && !isBefore(from.add(longest), to);
}

export function isMember({ people }: Organisation, person: string, team: string): boolean {
  return people.get(person)?.teams.includes(team) === true;
}

interface Change {
  readonly action: string;
  readonly reason: string;
  readonly before: Reservation | null;
  readonly after: Reservation | null;
  readonly at: Temporal.Instant;
}

/** On record, and waiting work there is judged again at once. */
export async function noteChange(
  records: Records,
  place: Place,
  { action, reason, before, after, at }: Change,
  by: { readonly actor: Actor; readonly requestId: string | null },
): Promise<void> {
  await records.deployments.wake(place.environment, at);
  await records.audit.append({
    at,
    actor: by.actor,
    action,
    object: (after ?? before)?.id ?? place.key,
    outcome: after === null ? "ended" : "in-force",
    reason,
    verdict: null,
    requestId: by.requestId,
    before,
    after,
  });
}
