import type { z } from "zod";
import type { getMatrix } from "#contract/release.ts";
import type { DeepReadonly } from "#api/handler.ts";
import type { MatrixView } from "#usecases/views.ts";

type Matrix = DeepReadonly<z.input<(typeof getMatrix)["answers"][200]>>;
type Cell = Matrix["cells"][number];

/** Only cells with something in them; an absent one has nothing live and nothing on its way. */
export function presentMatrix(view: MatrixView, at: Temporal.Instant): Matrix {
  const cells = new Map<string, Cell>();
  for (const { service, environment, version, since } of view.live) {
    cells.set(keyOf(service, environment), { service, environment, version, since: since.toString(), open: null });
  }
  for (const { id, subject, state, percent } of view.open) {
    const { service, environment, version } = subject;
    const live = cells.get(keyOf(service, environment));
    const empty = { service, environment, version: null, since: null };
    cells.set(keyOf(service, environment), { ...(live ?? empty), open: { id, version, state, percent } });
  }
  return {
    at: at.toString(),
    services: view.services.map(({ name, team, unit, tier }) => ({ name, team, unit, tier })),
    environments: view.environments.map((environment) => ({
      name: environment.name,
      zone: environment.zone,
      protected: environment.protected,
    })),
    cells: [...cells.values()],
  };
}

function keyOf(service: string, environment: string): string {
  return `${environment}\n${service}`;
}
