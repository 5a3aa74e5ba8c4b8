import { answer, defineHandler } from "#api/handler.ts";
import { presentOption, presentSpan } from "#api/plan/present-reservation.ts";
import { listContentions } from "#contract/reservation.ts";

export const listContentionsHandler = defineHandler(listContentions, async (deps) => {
  const found = await deps.reservations.listContentions();
  return answer(200, {
    items: found.map(({ use, capacity, with: others, options }) => ({
      resource: use.resource,
      capacity,
      booking: use.booking,
      service: use.service,
      ...presentSpan(use),
      with: [...others],
      options: options.map(presentOption),
    })),
  });
});
