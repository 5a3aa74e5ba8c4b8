import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentHold } from "#api/release/present-hold.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { placeHold } from "#contract/hold.ts";
import type { Scope } from "#core/catalog/scope.ts";

export const placeHoldHandler = defineHandler(placeHold, async (deps, call) => {
  const { reason, until, liftedBy } = call.body;
  const end = until === null ? null : Temporal.Instant.from(until);
  const input = { scope: scopeOf(call.body.scope), reason, until: end, liftedBy };
  const result = await deps.intake.placeHold(input, callOf(call));
  if (result.ok) return answer(200, presentHold(result.value, call.now));
  switch (result.error) {
    case "bad-span":
      return refuse(result.error, "Nothing was held: the end is not in the future. Name a later one, or none.");
    case "nobody-may-lift": {
      const detail = `Nothing was held: ${liftedBy ?? "you"} is no person, team or role with anybody who may change holds, so nobody could ever lift it. Name another.`;
      return refuse(result.error, detail);
    }
    case "matches-nothing": {
      const detail =
        "Nothing was held: a service, environment, team or unit of the scope is not in the configuration. Correct the name.";
      return refuse(result.error, detail);
    }
    case "too-many-holds":
      return refuse(result.error, "Nothing was held: as many holds are in force as are looked at. Lift some.");
  }
});

/** Without the fields that were left out: absent and undefined are two things. */
function scopeOf(given: Partial<Record<keyof Scope, unknown>>): Scope {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
