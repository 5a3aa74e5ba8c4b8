import { matchesScope, type Scope } from "#core/catalog/scope.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Concerned } from "#usecases/release/intake-types.ts";

/** Waiting work that the scope may match; null when nothing of the catalog matches it. */
export function placesOf(scope: Scope, { services, environments }: Organisation): Concerned | null {
  const {
    environments: named,
    regions,
    classes: _classes,
    actions: _actions,
    invokers: _invokers,
    ...ofService
  } = scope;
  const ofEnvironment: Scope = {
    ...(named === undefined ? {} : { environments: named }),
    ...(regions === undefined ? {} : { regions }),
  };
  const nobody = {
    environment: "",
    region: null,
    service: "",
    team: "",
    unit: "",
    tier: 0,
    tags: [],
    dataClasses: [],
    class: "normal",
    action: "deploy",
    invoker: "person",
  } as const;
  const found = [...services.values()].filter((service) =>
    matchesScope(ofService, { ...nobody, ...service, service: service.name }),
  );
  const where = [...environments.values()].filter((environment) =>
    matchesScope(ofEnvironment, { ...nobody, environment: environment.name, region: environment.region }),
  );
  if (found.length === 0 || where.length === 0) return null;
  return {
    services: found.map(({ name }) => name),
    environments: where.length === environments.size ? [] : where.map(({ name }) => name),
    digest: null,
  };
}
