import { answer, defineHandler, refuse } from "#api/handler.ts";
import { nameDetail } from "#api/calendar/name-detail.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { swapShift } from "#contract/cover.ts";

export const swapShiftHandler = defineHandler(swapShift, async (deps, call) => {
  const { person, replaces, reason } = call.body;
  const [from, to] = [Temporal.Instant.from(call.body.from), Temporal.Instant.from(call.body.to)];
  if (person === null && replaces === null) {
    return refuse("names-nobody", "Name who steps in (`person`), who is away (`replaces`), or both.");
  }
  if (Temporal.Instant.compare(from, to) >= 0) return refuse("bad-span", "The swap ends at or before its start.");
  const input = { team: call.params.team, person, replaces, from, to, reason };
  const result = await deps.operations.swapShift(input, callOf(call));
  if (result.ok) return answer(200, result.value);
  return refuse(result.error.code, `Nothing was swapped: ${nameDetail(result.error)}`);
});
