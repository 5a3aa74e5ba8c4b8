import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Decision } from "#core/policy/verdict.ts";
import { deploymentStates } from "#core/rollout/state.ts";
import type { Gate } from "#usecases/records.ts";
import { ageSeconds, type Health } from "#api/health.ts";

/** What the server counts; workers in the same process may count verdicts here too. */
export interface Metrics {
  readonly observeRequest: (labels: RequestLabels, seconds: number) => void;
  readonly countVerdict: (decision: Decision, gate: Gate) => void;
  readonly setStreams: (open: number) => void;
  readonly countDroppedStream: () => void;
  /** Text of the Prometheus exposition format; asks `health` for what is counted at the moment of the scrape. */
  readonly render: (health: Health, now: Temporal.Instant) => Promise<{ readonly type: string; readonly text: string }>;
}

export interface RequestLabels {
  readonly method: string;
  /** Operation of the contract, or a fixed word: never a path, whose values have no end. */
  readonly operation: string;
  readonly status: number;
}

/** Seconds. The goals of the product lie between 10 ms and 1 s. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "tidegate_http_request_seconds",
    help: "Time from the first byte read to the answer, by operation.",
    labelNames: ["method", "operation", "status"],
    buckets,
    registers,
  });
  const verdicts = new Counter({
    name: "tidegate_verdicts_total",
    help: "Verdicts by decision and gate.",
    labelNames: ["decision", "gate"],
    registers,
  });
  const deployments = new Gauge({
    name: "tidegate_deployments",
    help: "Deployments by state.",
    labelNames: ["state"],
    registers,
  });
  const oldestDue = new Gauge({
    name: "tidegate_oldest_due_seconds",
    help: "Age of the oldest work that is due; 0 when nothing is.",
    registers,
  });
  const streams = new Gauge({ name: "tidegate_event_streams", help: "Open streams of events.", registers });
  const dropped = new Counter({
    name: "tidegate_event_streams_dropped_total",
    help: "Streams closed because their reader was too slow.",
    registers,
  });
  return {
    observeRequest: ({ method, operation, status }, seconds) =>
      requests.observe({ method, operation, status }, seconds),
    countVerdict: (decision, gate) => verdicts.inc({ decision, gate }),
    setStreams: (open) => streams.set(open),
    countDroppedStream: () => dropped.inc(),
    async render(health, now) {
      const [byState, oldestDueAt] = await Promise.all([health.deploymentsByState(), health.oldestDueAt()]);
      for (const state of deploymentStates) deployments.set({ state }, byState.get(state) ?? 0);
      oldestDue.set(ageSeconds(oldestDueAt, now));
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
