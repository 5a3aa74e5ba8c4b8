import type { ApiDeps } from "#api/deps.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { sayList } from "#core/policy/say.ts";

interface Names {
  readonly service: string;
  readonly environment: string;
}

/** ` Did you mean cart?` for each name, or nothing where none is near. Names are no secret: everybody reads the catalog. */
export async function nearNames(
  { views }: Pick<ApiDeps, "views">,
  at: Temporal.Instant,
  { service, environment }: Names,
): Promise<Names> {
  const { services, environments } = await views.matrix(at);
  return { service: hint(service, services), environment: hint(environment, environments) };
}

function hint(name: string, known: readonly { readonly name: string }[]): string {
  const near = sayList(
    nearestNames(
      name,
      known.map((each) => each.name),
    ),
    "or",
  );
  return near === "" ? "" : ` Did you mean ${near}?`;
}
