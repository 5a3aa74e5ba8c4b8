import { ok } from "#core/result.ts";
import { armedState } from "#core/rollout/watch.ts";
import { newId } from "#runtime/ids.ts";
import type { WatchOperations } from "#usecases/rollout/watch-operations.ts";

const liveAt = Temporal.Instant.from("2026-03-25T08:00:00Z");
const errors = {
  name: "errors",
  kind: "errors",
  above: 2,
  breaches: 3,
  of: 5,
  minRequests: 20,
  evidence: null,
} as const;

/** Every deployment is watched, in its second minute. */
export function fakeWatches(done: (name: string) => Promise<void>): WatchOperations {
  return {
    showWatch: async (deployment) => ({
      live: {
        deployment,
        service: "checkout-api",
        environment: "prod-emea",
        version: "5.0.1",
        digest: `sha256:${"0".repeat(64)}`,
        watch: {
          name: "after-live",
          scope: {},
          priority: 0,
          armedSeconds: 1800,
          triggers: [errors],
          stabilisation: {
            lastsSeconds: 86_400,
            alerts: [{ ...errors, name: "tight-errors", above: 1 }],
            watcher: "operator",
            checkInSeconds: 3600,
            escalate: null,
          },
        },
        memory: { ...armedState(liveAt), liveSecond: null, newest: null, budgetLeft: null, exit: null },
        liveAt,
        armedUntil: liveAt.add({ minutes: 30 }),
        watchedUntil: liveAt.add({ hours: 24 }),
        prolonged: 0,
        lookAt: liveAt,
      },
      checkIns: [],
      nextCheckIn: liveAt.add({ hours: 1 }),
      criteria: [{ name: "errors", isGreen: false, sentence: "errors is not known." }],
      notices: [],
    }),
    listAsks: async () => [
      {
        kind: "check-in",
        deployment: newId("deployment"),
        service: "checkout-api",
        version: "5.0.1",
        environment: "prod-emea",
        sentence: "checkout-api@5.0.1 in prod-emea: say how it does. A check-in is due.",
        since: liveAt.add({ hours: 1 }),
        until: liveAt.add({ hours: 1, minutes: 10 }),
      },
    ],
    async checkIn({ deployment }) {
      await done("checkInOnWatch");
      return ok(deployment);
    },
    async endWatch({ deployment }) {
      await done("endLiveWatch");
      return ok(deployment);
    },
  };
}
