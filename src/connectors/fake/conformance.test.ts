import { conformsAsDeployer } from "#connectors/conformance.ts";
import { fakeDeployer } from "#connectors/fake/deployer.ts";
import { manualClock } from "#runtime/clock.ts";

const target = { environment: "staging", service: "payment" };
const known = (version: string) => ({ version, digest: `sha256:${version}` });
const [live, good, wrong, unready] = [known("1.0.0"), known("1.1.0"), known("1.2.0"), known("1.3.0")];

const filter = {
  name: "filter",
  kind: "refused",
  onFailure: "roll-back",
  outcome: "proven",
  detail: "The probe got 404.",
  facts: {},
  observedAt: "2027-03-01T09:00:00Z",
} as const;

conformsAsDeployer("fake", async () => {
  const clock = manualClock(Temporal.Instant.from("2027-03-01T09:00:00Z"));
  const service = target.service;
  const checks = [
    { name: "liveness", passed: true, detail: "It answers." },
    { name: "business", passed: false, detail: "The charge was not booked." },
  ];
  const deployer = fakeDeployer({
    now: clock.now,
    programs: [
      { service, ...live },
      { service, ...good, controls: { prepared: [filter] } },
      { service, ...wrong, checks },
      { service, ...unready, start: "unready" },
    ],
    live: [{ ...target, version: live.version }],
  });
  return {
    deployer,
    target,
    live,
    good,
    unready,
    wrong,
    request: async (count) => {
      deployer.setTraffic(target, { perSecond: count });
      clock.advance(Temporal.Duration.from({ seconds: 1 }));
      return 0;
    },
    effects: async () => deployer.ledger,
    close: async () => undefined,
  };
});
