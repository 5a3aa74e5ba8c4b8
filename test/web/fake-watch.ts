import type { z } from "zod";
import type { liveWatch } from "#contract/watch.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";

type Watch = z.infer<typeof liveWatch>;

/** A version in the sixth hour of its stabilisation, with one limit above what it may be. */
export function watchOf({ id, service, version, environment }: DeploymentDetail, now: Temporal.Instant): Watch {
  const at = (minutes: number): string => now.add({ minutes }).toString({ smallestUnit: "second" });
  const limit = { kind: "errors", breaches: 3, of: 5, does: "alert", worse: "higher", metric: null } as const;
  const orders = { source: "prometheus", query: 'sum(rate(orders_total{version="5.0.1"}[30s]))', unit: "orders/s" };
  return {
    deployment: id,
    service,
    version,
    environment,
    watch: "after-live",
    phase: "alerting",
    isBlind: false,
    liveAt: at(-370),
    armedUntil: at(-340),
    watchedUntil: at(1070),
    limits: [
      { ...limit, name: "errors", above: 2, standing: "quiet" },
      { ...limit, name: "ledger", kind: "integrity", above: 0, breaches: 1, of: 1, standing: "unknown" },
      {
        ...limit,
        name: "orders",
        kind: "metric",
        above: 5,
        worse: "lower",
        standing: "quiet",
        metric: { ...orders, value: 12.5, newest: Math.floor(now.epochMilliseconds / 1000), trouble: null },
      },
      { ...limit, name: "tight-errors", above: 1, standing: "breached" },
    ],
    stabilisation: {
      watcher: "operator",
      escalate: "release-manager",
      nextCheckIn: at(50),
      prolonged: 0,
      criteria: [
        { name: "errors", isGreen: true, sentence: "errors is within its limit." },
        { name: "ledger", isGreen: false, sentence: "ledger is not known." },
        { name: "tight-errors", isGreen: false, sentence: "tight-errors is beyond its limit." },
        { name: "check-ins", isGreen: true, sentence: "ines said last: all is well." },
      ],
      checkIns: [{ at: at(-10), person: "ines", isWell: true, sentence: "Orders as usual." }],
    },
    exit: null,
    notices: [],
    actions: [
      { name: "check-in", allowed: true, because: "" },
      { name: "end", allowed: true, because: "" },
    ],
  };
}
