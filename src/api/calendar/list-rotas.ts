import type { z } from "zod";
import { answer, defineHandler } from "#api/handler.ts";
import { listRotas, type rotaSource } from "#contract/cover.ts";
import type { RotaSourceView } from "#usecases/calendar/rota-list.ts";

export const listRotasHandler = defineHandler(listRotas, async (deps, call) => {
  const items = await deps.business.rotas();
  return answer(200, { items: items.map((item) => present(item, call.now)) });
});

function present(
  { team, source, rota, imported, state }: RotaSourceView,
  now: Temporal.Instant,
): z.infer<typeof rotaSource> {
  // An attempt that went well confirms the state, also when nothing had changed.
  const isConfirmed = state !== null && state.failure === null;
  const goodAt = imported === null ? null : isConfirmed ? state.attemptedAt : imported.importedAt;
  return {
    team,
    source,
    rota,
    importedAt: imported?.importedAt.toString() ?? null,
    importedBy: imported?.importedBy ?? null,
    ageSeconds: goodAt === null ? null : Math.max(0, Math.round(goodAt.until(now).total("seconds"))),
    duties: imported?.duties ?? 0,
    until: imported?.until.toString() ?? null,
    lastAttemptAt: state?.attemptedAt.toString() ?? null,
    failure: state?.failure ?? null,
    failingSince: state?.failingSince?.toString() ?? null,
  };
}
