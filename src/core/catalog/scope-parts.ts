import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Service } from "#core/catalog/service.ts";

/** What a scope says of the service, of the environment and of the change. Fields are ANDed, so all three must match. */
export interface ScopeParts {
  readonly service: Scope;
  readonly environment: Scope;
  readonly change: Scope;
}

export function partsOf(scope: Scope): ScopeParts {
  const { environments, regions, classes, actions, invokers, ...service } = scope;
  return {
    service,
    environment: { ...(environments && { environments }), ...(regions && { regions }) },
    change: { ...(classes && { classes }), ...(actions && { actions }), ...(invokers && { invokers }) },
  };
}

export function concernsService({ service }: Pick<ScopeParts, "service">, { name, ...rest }: Service): boolean {
  return matchesScope(service, { ...anySubject, ...rest, service: name });
}

export function concernsEnvironment(
  { environment }: Pick<ScopeParts, "environment">,
  { name, region }: Environment,
): boolean {
  return matchesScope(environment, { ...anySubject, environment: name, region });
}

export function concernsChange(
  { change }: Pick<ScopeParts, "change">,
  asked: Pick<ScopeSubject, "class" | "action" | "invoker">,
): boolean {
  return matchesScope(change, { ...anySubject, ...asked });
}

/** For the part of a scope that is looked at; the others are empty and restrict nothing. */
const anySubject: ScopeSubject = {
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
};
