import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentReservation, refusedBecause } from "#api/plan/present-reservation.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { releaseReservation } from "#contract/reservation.ts";

export const releaseReservationHandler = defineHandler(releaseReservation, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.reservations.releaseReservation({ id, reason: call.body.reason }, callOf(call));
  if (!result.ok) return refuse(result.error, refusedBecause(result.error, `reservation ${id}`));
  const { reservation, moved } = result.value;
  return answer(200, {
    reservation: presentReservation(reservation, call.now),
    moved: moved.map((one) => presentReservation(one, call.now)),
  });
});
