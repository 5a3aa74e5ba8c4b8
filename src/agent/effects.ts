import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "#agent/fleet.ts";
import { once, type Command } from "#agent/once.ts";
import type { Refusal } from "#agent/refusal.ts";
import {
  findProxy,
  keyOf,
  observationOf,
  percentOf,
  routeTraffic,
  versionOf,
  type Place,
  type World,
} from "#agent/world.ts";
import { isUp } from "#agent/supervisor.ts";
import type { AgentObservation, AgentVersion } from "#contract/agent.ts";
import { agentObservation, agentVersion } from "#contract/agent.ts";
import { ok, type Result } from "#core/result.ts";
import { monotonicMs } from "#runtime/clock.ts";

const drainLookMs = 5;
/** Shares are decimal fractions; their sum may be off by what binary fractions cannot hold. */
const sumTolerance = 0.001;

/** Starts a version beside the others, without traffic. A version that runs already with this digest is left alone. */
export function startVersion(
  world: World,
  place: Place,
  { version, digest, ...command }: Command & { readonly version: string; readonly digest: string },
): Promise<Result<AgentVersion, Refusal>> {
  const wanted = { service: place.service, version, digest };
  return once(world, place, command, {
    effect: "start-version",
    detail: `${version} ${digest}`,
    answer: agentVersion,
    check: () => {
      const found = findProxy(world, place);
      if (!found.ok) return found.error;
      const startable = findProgram(world.settings.fleetFile, wanted);
      if (!startable.ok) return startable.error;
      const running = world.supervisor.find(place.environment, place.service, version);
      if (running === null || !isUp(running) || running.digest === digest) return null;
      const message = `${place.service} ${version} runs with digest ${running.digest}; stop it before another is started.`;
      return { code: "digest-mismatch", status: 422, message };
    },
    apply: async () => {
      const running = world.supervisor.find(place.environment, place.service, version);
      // An agent that ended in mid-start left the process behind: it is waited for and not started a second time.
      if (running !== null) await world.supervisor.settled(running);
      if (running?.state === "ready") return ok(versionOf(world, running));
      // Its bytes are compared again here: the check may have been minutes ago, behind other work.
      const startable = findProgram(world.settings.fleetFile, wanted);
      if (!startable.ok) return startable;
      const record = await world.supervisor.start(startable.value, { ...place, version, digest });
      routeTraffic(world, place);
      return ok(versionOf(world, record));
    },
  });
}

/** Sets the shares of live traffic; a version not named gets none. In effect when the answer is given. */
export function setWeights(
  world: World,
  place: Place,
  { weights, ...command }: Command & { readonly weights: Readonly<Record<string, number>> },
): Promise<Result<AgentObservation, Refusal>> {
  return once(world, place, command, {
    effect: "set-weights",
    detail: Object.entries(weights)
      .map(([version, percent]) => `${version} ${percent} %`)
      .sort()
      .join(", "),
    answer: agentObservation,
    check: () => {
      const found = findProxy(world, place);
      return found.ok ? faultOfWeights(world, place, weights) : found.error;
    },
    apply: async () => {
      const found = findProxy(world, place);
      if (!found.ok) return found;
      const given = Object.entries(weights).filter(([, percent]) => percent > 0);
      world.store.state.weights[keyOf(place)] = Object.fromEntries(given);
      routeTraffic(world, place);
      await world.store.save();
      return ok(observationOf(world, place, found.value));
    },
  });
}

function faultOfWeights(world: World, place: Place, weights: Readonly<Record<string, number>>): Refusal | null {
  const sum = Object.values(weights).reduce((total, percent) => total + percent, 0);
  if (Math.abs(sum - 100) > sumTolerance) {
    return { code: "bad-request", status: 400, message: `The shares add up to ${sum}; they must add up to 100.` };
  }
  for (const [version, percent] of Object.entries(weights)) {
    if (percent === 0) continue;
    const record = world.supervisor.find(place.environment, place.service, version);
    if (record === null) {
      return { code: "unknown-version", status: 404, message: `${place.service} ${version} was never started here.` };
    }
    // Keeping a share is allowed to a version that is just being started again after a crash; gaining one is not.
    if (record.state !== "ready" && percent > percentOf(world, place, version)) {
      const message = `${place.service} ${version} is ${record.state} and cannot take traffic.`;
      return { code: "not-ready", status: 409, message };
    }
  }
  return null;
}

/** Ends a version without traffic, after the requests it still works on. */
export function stopVersion(
  world: World,
  place: Place,
  { version, ...command }: Command & { readonly version: string },
): Promise<Result<AgentObservation, Refusal>> {
  return once(world, place, command, {
    effect: "stop-version",
    detail: version,
    answer: agentObservation,
    check: () => {
      const found = findProxy(world, place);
      if (!found.ok) return found.error;
      if (world.supervisor.find(place.environment, place.service, version) === null) {
        return { code: "unknown-version", status: 404, message: `${place.service} ${version} was never started here.` };
      }
      const percent = percentOf(world, place, version);
      if (percent === 0) return null;
      const message = `${place.service} ${version} has ${percent} % of the traffic; give it to another version first.`;
      return { code: "has-traffic", status: 409, message };
    },
    apply: async () => {
      const found = findProxy(world, place);
      if (!found.ok) return found;
      const record = world.supervisor.find(place.environment, place.service, version);
      const proxy = found.value;
      const deadline = monotonicMs() + world.settings.drainForMs;
      while (proxy.inFlight(version) > 0 && monotonicMs() < deadline) await delay(drainLookMs);
      if (record !== null) await world.supervisor.stop(record);
      return ok(observationOf(world, place, proxy));
    },
  });
}
