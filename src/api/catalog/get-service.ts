import type { z } from "zod";
import { answer, defineHandler, refuse, type DeepReadonly } from "#api/handler.ts";
import { presentDebt, presentExemption, presentTicket } from "#api/exemption/present.ts";
import { presentHold } from "#api/release/present-hold.ts";
import { getService, type servicePage } from "#contract/service.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { sayDemands } from "#core/policy/say-demands.ts";
import type { ServiceView } from "#usecases/views.ts";

type WirePage = DeepReadonly<z.input<typeof servicePage>>;
type WirePlace = WirePage["environments"][number];

export const getServiceHandler = defineHandler(getService, async (deps, call) => {
  const { name } = call.params;
  const found = await deps.views.service(name, call.now);
  if (found === null) {
    return refuse("no-such-service", `The configuration in force knows no service ${name}. Correct the name.`);
  }
  return answer(200, presentService(found, call.now));
});

function presentService(found: ServiceView, now: Temporal.Instant): WirePage {
  const { name, team, unit, tier, tags, dataClasses, dependsOn } = found.service;
  return {
    name,
    team,
    unit,
    tier,
    tags,
    dataClasses,
    dependsOn,
    dependants: found.dependants,
    environments: found.places.map(presentPlace),
    holds: found.holds.map((hold) => presentHold(hold, now)),
    exemptions: found.exemptions.map((exemption) => presentExemption(exemption, now)),
    emergencies: found.emergencies.map((ticket) => presentTicket(ticket, now)),
    debts: found.debts.map((debt) => presentDebt(debt, now)),
  };
}

function presentPlace({ environment, live, settings, emergency }: ServiceView["places"][number]): WirePlace {
  return {
    name: environment.name,
    zone: environment.zone,
    protected: environment.protected,
    live: live === null ? null : { version: live.version, since: live.since.toString() },
    demands: sayDemands(settings).map(({ setting, said, sources }) => ({
      setting,
      said,
      policies: sources.map(({ name, version }) => ({ name, version })),
    })),
    emergency: presentLane(emergency),
  };
}

function presentLane(demand: EmergencyDemand): WirePlace["emergency"] {
  const { approvals, criteria, validFor, reviewWithin, backMergeWithin, rehearsalWithin, stopsAfter } = demand;
  return {
    approvals,
    criteria,
    validFor: validFor.toString(),
    reviewWithin: reviewWithin.toString(),
    backMergeWithin: backMergeWithin.toString(),
    rehearsalWithin: rehearsalWithin?.toString() ?? null,
    stopsAfter: stopsAfter?.toString() ?? null,
  };
}
