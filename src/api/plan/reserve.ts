import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentReserved, refusedBecause } from "#api/plan/present-reservation.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { reserve } from "#contract/reservation.ts";

/** What is taken is no error: 200, with who has it and what else is possible. */
export const reserveHandler = defineHandler(reserve, async (deps, call) => {
  const { place, team, from, to, seats, orNext, reason } = call.body;
  const span = { from: Temporal.Instant.from(from), to: Temporal.Instant.from(to) };
  const result = await deps.reservations.reserve({ place, team, span, seats, orNext, reason }, callOf(call));
  if (result.ok) return answer(200, presentReserved(result.value, call.now));
  const about = result.error === "no-such-team" || result.error === "not-of-team" ? team : place.name;
  return refuse(result.error, refusedBecause(result.error, about));
});
