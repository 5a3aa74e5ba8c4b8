import { answer, defineHandler } from "#api/handler.ts";
import { presentReservation } from "#api/plan/present-reservation.ts";
import { listReservations } from "#contract/reservation.ts";

export const listReservationsHandler = defineHandler(listReservations, async (deps, call) => {
  const { environment, resource, limit } = call.query;
  const name = environment === undefined ? resource : environment;
  const kind = environment === undefined ? "resource" : "environment";
  const place = name === undefined ? null : `${kind}:${name}`;
  const found = await deps.reservations.listReservations({ place, limit });
  return answer(200, { items: found.map((one) => presentReservation(one, call.now)) });
});
