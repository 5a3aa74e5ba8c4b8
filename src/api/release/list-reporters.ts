import { answer, defineHandler } from "#api/handler.ts";
import { listReporters } from "#contract/report.ts";

export const listReportersHandler = defineHandler(listReporters, async (deps, { now }) => {
  const { items, left } = await deps.intake.listReporters(now);
  return answer(200, {
    items: items.map(({ heardAt, freshUntil, ...reporter }) => ({
      ...reporter,
      heardAt: heardAt.toString(),
      freshUntil: freshUntil?.toString() ?? null,
      silent: freshUntil !== null && Temporal.Instant.compare(freshUntil, now) <= 0,
    })),
    left,
  });
});
