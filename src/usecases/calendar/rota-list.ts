import type { SubscriptionState, ImportInForce } from "#usecases/calendar/rota-types.ts";
import { sourceOf } from "#usecases/calendar/rota-refresh.ts";
import type { Transact } from "#usecases/records.ts";

/** Where the shifts of a team come from, as far as they are not written out in the configuration. */
export interface RotaSourceView {
  readonly team: string;
  readonly source: string;
  /** The rota that subscribes to it; null for an import by a person or a pipeline. */
  readonly rota: string | null;
  /** null: never read. */
  readonly imported: ImportInForce | null;
  readonly state: SubscriptionState | null;
}

/** Sources that a list shows: more than anybody keeps. */
const maxSources = 1_000;

/** All imports in force, and every subscription with what is known of it. */
export async function listRotas(transact: Transact): Promise<readonly RotaSourceView[]> {
  return transact(async (records) => {
    const imports = await records.cover.importsInForce(maxSources);
    const states = new Map((await records.cover.subscriptions()).map((state) => [state.rota, state]));
    const subscriptions = (await records.cover.subscribed()).map(({ name, team }): RotaSourceView => {
      const source = sourceOf(name);
      const imported = imports.find((one) => one.source === source && one.team === team) ?? null;
      return { team, source, rota: name, imported, state: states.get(name) ?? null };
    });
    const known = new Set(subscriptions.map(({ source }) => source));
    const byHand = imports
      .filter(({ source }) => !known.has(source))
      .map((imported): RotaSourceView => {
        return { team: imported.team, source: imported.source, rota: null, imported, state: null };
      });
    return [...subscriptions, ...byHand];
  });
}
