import type { ServicePage } from "#web/release/service.ts";
import type { CaseResult } from "#web/policy/cases.ts";
import type { Deviations } from "#test/web/fake-deviations.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import type { Brakes } from "#test/web/fake-verdicts.ts";
import { environments, services, text, type World } from "#test/web/fake-world.ts";

interface Request {
  readonly params: Readonly<Record<string, string>>;
}

const policies = [{ name: "payments-evidence", version: `sha256:${"a1".repeat(32)}` }];
const demands: ServicePage["environments"][number]["demands"] = [
  { setting: "evidence", said: "Evidence of coverage, at least 80, no longer ago than 30 d", policies },
  { setting: "evidence", said: "Evidence of load-test, no longer ago than 30 d", policies },
  { setting: "ticket", said: "A ticket that is approved or scheduled", policies },
];
const lane: ServicePage["environments"][number]["emergency"] = {
  approvals: 2,
  validFor: "PT2H",
  criteria: ["customers-affected", "no-workaround"],
  reviewWithin: "P5D",
  backMergeWithin: "P5D",
  rehearsalWithin: null,
  stopsAfter: "P2D",
};

/** One service as a whole, and the cases of its policies. */
export function fakeServiceHandlers(
  world: World,
  brakes: Brakes,
  deviations: Deviations,
): Readonly<Record<string, (request: Request) => unknown>> {
  return {
    getService: ({ params }) => {
      const found = services.find(({ name }) => name === params["name"]);
      if (found === undefined)
        throw new Refused(404, "no-such-service", `The configuration in force knows no service ${params["name"]}.`);
      const isAbout = (scope: { readonly services?: readonly string[] | undefined }): boolean =>
        scope.services === undefined || scope.services.includes(found.name);
      return {
        ...found,
        tags: ["pci"],
        dataClasses: ["financial"],
        dependsOn: [
          { on: "fraud-svc", kind: "sync", versions: ">=3 <5" },
          { on: "swift-network", kind: "external", versions: null },
        ],
        dependants: ["invoice-batch", "notify-mail"],
        environments: environments.map(({ name, zone, protected: isProtected }) => {
          const cell = world.cells.find((one) => one.service === found.name && one.environment === name);
          const version = cell?.version ?? null;
          const live = version === null ? null : { version, since: cell?.since ?? text(world.now()) };
          return { name, zone, protected: isProtected, live, demands: isProtected ? demands : [], emergency: lane };
        }),
        holds: brakes.holds.filter(({ inForce, scope }) => inForce && isAbout(scope)),
        exemptions: deviations.exemptions.filter(({ scope }) => isAbout(scope)),
        emergencies: deviations.emergencies.filter(({ service }) => service === found.name),
        debts: deviations.debts.filter(({ team }) => team === found.team),
      };
    },
    listPolicyCases: () => ({ items: cases(world.now()), left: 0 }),
  };
}

function cases(now: Temporal.Instant): readonly CaseResult[] {
  const one: CaseResult = {
    name: "load-test-of-the-quarter",
    description: "Without a load test nothing of finance goes to production.",
    place: "policies/payments.yaml:24",
    appliedAt: text(now.subtract({ hours: 24 * 9 })),
    appliedBy: "erin",
    question: {
      service: "ledger-core",
      version: "2.8.0",
      environment: "prod-emea",
      action: "deploy",
      class: "normal",
      at: "2026-03-30T09:00:00Z",
    },
    failures: [
      "evidence-fresh: expected deny evidence-missing, got pass evidence-there: Load-test passed 12 d ago.",
      "next opening: expected none, got 2026-03-30T20:00:00Z",
    ],
    verdict: "allow",
    policies: ["payments-evidence"],
  };
  return [
    one,
    { ...one, name: "coverage-under-the-bar", description: null, failures: [], verdict: "deny" },
    { ...one, name: "frozen-at-the-end-of-the-year", description: null, failures: [], verdict: "wait", policies: [] },
  ];
}
