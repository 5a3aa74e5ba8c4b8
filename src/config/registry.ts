import type { Kind } from "#config/kind.ts";
import { approvalRoute } from "#config/kinds/approval-route.ts";
import { calendar } from "#config/kinds/calendar.ts";
import { criteria } from "#config/kinds/criteria.ts";
import { environment } from "#config/kinds/environment.ts";
import { exemptionType } from "#config/kinds/exemption-type.ts";
import { freeze } from "#config/kinds/freeze.ts";
import { person } from "#config/kinds/person.ts";
import { policy } from "#config/kinds/policy.ts";
import { policyCase } from "#config/kinds/policy-case.ts";
import { resource } from "#config/kinds/resource.ts";
import { rollback } from "#config/kinds/rollback.ts";
import { rota } from "#config/kinds/rota.ts";
import { runbook } from "#config/kinds/runbook.ts";
import { sequence } from "#config/kinds/sequence.ts";
import { service } from "#config/kinds/service.ts";
import { source } from "#config/kinds/source.ts";
import { state } from "#config/kinds/state.ts";
import { strategy } from "#config/kinds/strategy.ts";
import { team } from "#config/kinds/team.ts";
import { unit } from "#config/kinds/unit.ts";
import { vendor } from "#config/kinds/vendor.ts";
import { watch } from "#config/kinds/watch.ts";
import { wavePlan } from "#config/kinds/wave-plan.ts";
import { window } from "#config/kinds/window.ts";

/** Every kind, in the order of an export: what others refer to comes first. */
export const kinds: readonly Kind<unknown>[] = [
  unit,
  team,
  person,
  vendor,
  service,
  environment,
  window,
  freeze,
  calendar,
  approvalRoute,
  strategy,
  watch,
  criteria,
  policy,
  exemptionType,
  source,
  rota,
  resource,
  runbook,
  wavePlan,
  sequence,
  rollback,
  state,
  policyCase,
];

/** Words of the configuration language that this version does not read yet. Refused, never ignored. */
export const plannedKinds = ["Train"] as const;

const byName: ReadonlyMap<string, Kind<unknown>> = new Map(kinds.map((kind) => [kind.kind, kind]));

export function kindNamed(name: string): Kind<unknown> | undefined {
  return byName.get(name);
}

export function kindNames(): readonly string[] {
  return kinds.map(({ kind }) => kind);
}
