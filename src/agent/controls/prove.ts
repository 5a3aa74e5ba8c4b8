import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { probeAtRest } from "#agent/controls/at-rest.ts";
import type { Ports } from "#agent/controls/call.ts";
import { probeIdentity } from "#agent/controls/identity.ts";
import type { ProbeOutcome } from "#agent/controls/outcome.ts";
import { probeRefused } from "#agent/controls/refused.ts";
import type { ControlSettings } from "#agent/controls/settings.ts";
import { probeTls } from "#agent/controls/tls.ts";
import type { AgentControl } from "#contract/agent.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";

/** Whoever asks waits for three minutes; what has had no time by then could not be looked at, and is said to be so. */
const allWithinMs = 150_000;

/** The controls of a place that are to be proven at a point, one after the other: probes must not disturb each other. */
export async function proveControls(
  controls: readonly ControlSettings[],
  ports: Ports,
): Promise<readonly AgentControl[]> {
  const deadline = monotonicMs() + allWithinMs;
  const proven: AgentControl[] = [];
  for (const { name, onFailure, probe } of controls) {
    const { outcome, detail, facts } = await within(deadline - monotonicMs(), run(probe, ports));
    proven.push({
      name,
      kind: probe.kind,
      onFailure,
      outcome,
      detail,
      facts,
      observedAt: systemClock.now().toString(),
    });
  }
  return proven;
}

const late: ProbeOutcome = { outcome: "inconclusive", detail: "There was no time left for the probe.", facts: {} };

async function within(ms: number, probing: Promise<ProbeOutcome>): Promise<ProbeOutcome> {
  const timer = new AbortController();
  const over = delay(Math.max(0, ms), late, { signal: timer.signal }).catch(() => late);
  try {
    return await Promise.race([probing, over]);
  } finally {
    timer.abort();
  }
}

/** A probe that fails by itself has proven nothing. */
async function run(probe: ControlSettings["probe"], ports: Ports): Promise<ProbeOutcome> {
  const nonce = randomUUID();
  try {
    switch (probe.kind) {
      case "refused":
        return await probeRefused(probe, ports, nonce);
      case "tls":
        return await probeTls(probe);
      case "identity":
        return await probeIdentity(probe, ports, nonce);
      case "at-rest":
        return await probeAtRest(probe, ports, nonce);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { outcome: "inconclusive", detail: `The probe itself failed: ${why}`, facts: {} };
  }
}
