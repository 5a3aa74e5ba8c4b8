import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentReserved, refusedBecause } from "#api/plan/present-reservation.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { extendReservation } from "#contract/reservation.ts";

export const extendReservationHandler = defineHandler(extendReservation, async (deps, call) => {
  const { id } = call.params;
  const to = Temporal.Instant.from(call.body.to);
  const result = await deps.reservations.extendReservation({ id, to }, callOf(call));
  if (result.ok) return answer(200, presentReserved(result.value, call.now));
  return refuse(result.error, refusedBecause(result.error, `reservation ${id}`));
});
