import type { Organisation } from "#core/catalog/organisation.ts";
import { personResolver } from "#core/approval/persons.ts";
import type { Exemption } from "#core/exemption/exemption.ts";
import type { RegisteredExemption } from "#core/exemption/register.ts";
import { after } from "#core/policy/say.ts";
import { compareInstants } from "#core/span.ts";
import { placesOf } from "#usecases/exemption/places.ts";

/** What renewals are counted by: whom it exempts from what, on whose behalf and when. */
export type Wanted = Pick<Exemption, "rule" | "codes" | "subjects" | "scope" | "from" | "until" | "requestedBy">;

/**
 * How many approved exemptions this one follows upon, whatever it says itself: of the same rule, for something that both
 * cover, asked for by the same team, and without a break of at least `rest` between one and the next. Who asks again under
 * another number, with other words or for a little more, renews all the same.
 */
export function renewalsBefore(
  wanted: Wanted,
  approved: readonly RegisteredExemption[],
  organisation: Organisation,
  rest: Temporal.Duration,
): number {
  const alike = approved.filter(({ exemption }) => isAlike(wanted, exemption, organisation));
  const chained = new Set<RegisteredExemption>();
  let { from, until } = wanted;
  for (;;) {
    const next = alike.find((one) => !chained.has(one) && isNear(one, { from, until }, rest));
    if (next === undefined) return chained.size;
    chained.add(next);
    from = compareInstants(next.exemption.from, from) < 0 ? next.exemption.from : from;
    until = compareInstants(endOf(next), until) > 0 ? endOf(next) : until;
  }
}

/** No break of at least `rest` lies between them. */
function isNear(one: RegisteredExemption, span: Pick<Wanted, "from" | "until">, rest: Temporal.Duration): boolean {
  const isBefore = compareInstants(after(endOf(one), rest), span.from) > 0;
  return isBefore && compareInstants(one.exemption.from, after(span.until, rest)) < 0;
}

function endOf({ exemption: { until, revokedAt } }: RegisteredExemption): Temporal.Instant {
  return revokedAt !== null && compareInstants(revokedAt, until) < 0 ? revokedAt : until;
}

function isAlike(a: Wanted, b: Wanted, organisation: Organisation): boolean {
  return (
    a.rule === b.rule &&
    meet(a.codes, b.codes) &&
    (a.subjects.length === 0 || b.subjects.length === 0 || meet(a.subjects, b.subjects)) &&
    isOfOneTeam(a.requestedBy, b.requestedBy, organisation) &&
    coverAlike(a, b, organisation)
  );
}

function meet(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.includes(one));
}

/** Some service in some environment that both may match; what is not named is everything. */
function coverAlike({ scope: a }: Wanted, { scope: b }: Wanted, organisation: Organisation): boolean {
  for (const field of ["classes", "actions", "invokers"] as const) {
    const [own, other] = [a[field], b[field]];
    if (own !== undefined && other !== undefined && !meet(own, other)) return false;
  }
  const [own, other] = [placesOf(a, organisation), placesOf(b, organisation)];
  if (own === null || other === null) return false;
  const isEverywhere = own.environments.length === 0 || other.environments.length === 0;
  return meet(own.services ?? [], other.services ?? []) && (isEverywhere || meet(own.environments, other.environments));
}

/** The same person, or two of one team. */
function isOfOneTeam(a: string, b: string, { people }: Organisation): boolean {
  const resolve = personResolver(people);
  const [own, other] = [resolve(a) ?? a, resolve(b) ?? b];
  return own === other || meet(people.get(own)?.teams ?? [], people.get(other)?.teams ?? []);
}
