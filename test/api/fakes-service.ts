import { defaultEmergency } from "#core/exemption/lane.ts";
import { effectiveSettings } from "#core/policy/effective.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import { aPolicy } from "#core/testing-demands.ts";
import type { ServiceView } from "#usecases/views.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");

const service = {
  name: "checkout-api",
  unit: "shop",
  team: "checkout",
  tier: 1,
  tags: [],
  dataClasses: [],
  dependsOn: [{ on: "ledger-core", kind: "sync", versions: null }],
  contract: null,
} as const;

const environment = {
  name: "prod-emea",
  region: "emea",
  zone: "Europe/Berlin",
  after: [],
  protected: true,
  windows: "optional",
} as const;

const policy = aPolicy({ ticket: { states: ["approved"] } });

/** One service in one place, with one demand. */
export const fakeService: ServiceView = {
  service,
  dependants: ["catalog-web"],
  places: [
    {
      environment,
      live: { version: "5.0.0", since: at },
      settings: effectiveSettings([policy], placeScope(service, environment), at),
      emergency: defaultEmergency,
    },
  ],
  holds: [],
  exemptions: [],
  emergencies: [],
  debts: [],
};
