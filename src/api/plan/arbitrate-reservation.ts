import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentReservation, refusedBecause } from "#api/plan/present-reservation.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { arbitrateReservation } from "#contract/reservation.ts";

export const arbitrateReservationHandler = defineHandler(arbitrateReservation, async (deps, call) => {
  const { id } = call.params;
  const { team, from, to, reason } = call.body;
  const span = { from: Temporal.Instant.from(from), to: Temporal.Instant.from(to) };
  const result = await deps.reservations.arbitrateReservation({ id, team, span, reason }, callOf(call));
  if (result.ok) {
    const { winner, loser } = result.value;
    return answer(200, { winner: presentReservation(winner, call.now), loser: presentReservation(loser, call.now) });
  }
  const { error } = result;
  if (error === "already-begun") {
    const detail = `The reservation ${id} has begun, and what has begun is not taken away. Ask its team to let go of it.`;
    return refuse("reservation-begun", detail);
  }
  if (typeof error === "string") {
    return refuse(error, refusedBecause(error, error === "no-such-team" ? team : `reservation ${id}`));
  }
  const others = error.by.map((one) => `${one.id} (${one.team})`).join(", ");
  return refuse(
    "still-taken",
    `Nothing was moved: the span is taken by ${others} as well. Decide about those first, or name a shorter span.`,
  );
});
