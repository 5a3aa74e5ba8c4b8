import { fakeDeployer } from "#connectors/fake/deployer.ts";
import { conformsAsMetricSource } from "#connectors/metric-conformance.ts";
import { ownCounters } from "#usecases/criteria/sources.ts";

const target = { environment: "prod", service: "shop" };
const digest = `sha256:${"1".repeat(64)}`;

conformsAsMetricSource("The proxy at the target", async () => {
  let now = Temporal.Instant.fromEpochMilliseconds(1_000_000);
  const deployer = fakeDeployer({
    now: () => now,
    programs: [{ service: "shop", version: "1.1.0", digest }],
    live: [{ ...target, version: "1.1.0" }],
  });
  deployer.setTraffic(target, { perSecond: 100, versions: { "1.1.0": { errorRate: 0, medianMs: 20 } } });
  now = now.add({ seconds: 60 });
  return {
    source: ownCounters(deployer),
    known: {
      ...target,
      version: "1.1.0",
      query: "errors-percent",
      span: { from: 1_005, until: 1_055 },
      stepSeconds: 1,
      unit: "%",
    },
    value: 0,
    unknown: null,
    unreadable: "sum(x)",
    close: async () => undefined,
  };
});
