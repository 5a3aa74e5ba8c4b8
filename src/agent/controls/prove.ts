import { randomUUID } from "node:crypto";
import { probeAtRest } from "#agent/controls/at-rest.ts";
import type { Ports } from "#agent/controls/call.ts";
import { probeIdentity } from "#agent/controls/identity.ts";
import type { ProbeOutcome } from "#agent/controls/outcome.ts";
import { probeRefused } from "#agent/controls/refused.ts";
import type { ControlSettings } from "#agent/controls/settings.ts";
import { probeTls } from "#agent/controls/tls.ts";
import type { AgentControl } from "#contract/agent.ts";
import { systemClock } from "#runtime/clock.ts";

/** The controls of a place that are to be proven at a point, one after the other: probes must not disturb each other. */
export async function proveControls(
  controls: readonly ControlSettings[],
  ports: Ports,
): Promise<readonly AgentControl[]> {
  const proven: AgentControl[] = [];
  for (const { name, onFailure, probe } of controls) {
    const { outcome, detail, facts } = await run(probe, ports);
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
