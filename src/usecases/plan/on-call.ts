import { onCallAt, type OnCall } from "#core/calendar/cover/on-call.ts";
import type { Records } from "#usecases/records.ts";

/** Who of these teams is to be reached now; a team without a rota is there with the reason. */
export async function onCallOf(
  records: Records,
  teams: readonly string[],
  at: Temporal.Instant,
): Promise<readonly OnCall[]> {
  if (teams.length === 0) return [];
  const { rotas } = await records.catalog.inForce();
  const known = await records.messages.rotasOf(teams, at);
  return [...new Set(teams)].map((team) => onCallAt(team, { declared: rotas, ...known }, at));
}
