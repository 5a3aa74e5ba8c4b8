import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "#agent/fleet.ts";
import { once, type Command } from "#agent/once.ts";
import type { Refusal } from "#agent/refusal.ts";
import {
  findDriver,
  keyOf,
  observe,
  recordsOf,
  routeTraffic,
  routingOf,
  versionOf,
  type Place,
  type World,
} from "#agent/world.ts";
import { noRules, type ProcessRecord, type TrafficRules } from "#agent/state.ts";
import { isUp } from "#agent/supervisor.ts";
import type { TrafficDriver } from "#agent/traffic/driver.ts";
import type { AgentObservation, AgentVersion } from "#contract/agent.ts";
import { agentObservation, agentVersion } from "#contract/agent.ts";
import { ok, type Result } from "#core/result.ts";
import { trafficRefusals } from "#core/rollout/traffic-abilities.ts";
import { monotonicMs, wallMs } from "#runtime/clock.ts";

const drainLookMs = 10;
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
      const found = findDriver(world, place);
      if (!found.ok) return Promise.resolve(found.error);
      const startable = findProgram(world.settings.fleetFile, wanted);
      if (!startable.ok) return Promise.resolve(startable.error);
      const running = world.supervisor.find(place.environment, place.service, version);
      if (running === null || !isUp(running) || running.digest === digest) return Promise.resolve(null);
      const message = `${place.service} ${version} runs with digest ${running.digest}; stop it before another is started.`;
      return Promise.resolve({ code: "digest-mismatch", status: 422, message });
    },
    apply: async () => {
      const running = world.supervisor.find(place.environment, place.service, version);
      // An agent that ended in mid-start left the process behind: it is waited for and not started a second time.
      if (running !== null) await world.supervisor.settled(running);
      if (running?.state === "ready") return await started(world, place, running);
      // Its bytes are compared again here: the check may have been minutes ago, behind other work.
      const startable = findProgram(world.settings.fleetFile, wanted);
      if (!startable.ok) return startable;
      return await started(world, place, await world.supervisor.start(startable.value, { ...place, version, digest }));
    },
  });
}

/** The proxy knows it now, without a share; cohorts may be sent to it. */
async function started(world: World, place: Place, running: ProcessRecord): Promise<Result<AgentVersion, Refusal>> {
  const routed = await routeTraffic(world, place);
  if (!routed.ok) return routed;
  const found = findDriver(world, place);
  const seen = found.ok ? await found.value.read() : found;
  return seen.ok ? ok(versionOf(running, seen.value)) : seen;
}

export type Shares = Command & {
  readonly weights: Readonly<Record<string, number>>;
  readonly sticky?: { readonly idleSeconds: number } | undefined;
  readonly cohorts?: Readonly<Record<string, string>> | undefined;
};

/**
 * Sets the shares of live traffic; a version not named gets none. In effect when the answer is given, by what the proxy
 * itself shows. If it does not show it, the answer is `traffic-unknown`, and what was on record before stays on record.
 */
export function setWeights(
  world: World,
  place: Place,
  { weights, sticky, cohorts, ...command }: Shares,
): Promise<Result<AgentObservation, Refusal>> {
  const rules: TrafficRules = { sticky: sticky ?? null, cohorts: { ...cohorts } };
  return once(world, place, command, {
    effect: "set-weights",
    detail: detailOf(weights, rules),
    answer: agentObservation,
    check: () => {
      const found = findDriver(world, place);
      return Promise.resolve(found.ok ? faultOfWeights(world, place, found.value, { weights, rules }) : found.error);
    },
    apply: async () => {
      const { state } = world.store;
      const key = keyOf(place);
      const before = { weights: state.weights[key] ?? {}, rules: state.rules[key] ?? noRules };
      record(world, key, {
        weights: Object.fromEntries(Object.entries(weights).filter(([, percent]) => percent > 0)),
        rules,
      });
      const routed = await routeTraffic(world, place);
      if (!routed.ok) {
        record(world, key, before);
        return routed;
      }
      await world.store.save();
      return await observe(world, place);
    },
  });
}

interface OnRecord {
  readonly weights: Readonly<Record<string, number>>;
  readonly rules: TrafficRules;
}

function record({ store }: World, key: string, { weights, rules }: OnRecord): void {
  store.state.weights[key] = { ...weights };
  if (rules.sticky === null && Object.keys(rules.cohorts).length === 0) delete store.state.rules[key];
  else store.state.rules[key] = rules;
}

/** With its rules only where there are some: a key that was used before there were any stands for the same as then. */
function detailOf(weights: Readonly<Record<string, number>>, { sticky, cohorts }: TrafficRules): string {
  const shares = Object.entries(weights).map(([version, percent]) => `${version} ${percent} %`);
  const groups = Object.entries(cohorts).map(([cohort, version]) => `cohort ${cohort} to ${version}`);
  const sessions = sticky === null ? [] : [`sessions kept until ${sticky.idleSeconds} s of silence`];
  return [...shares.sort(), ...groups.sort(), ...sessions].join(", ");
}

function faultOfWeights(
  world: World,
  place: Place,
  { can }: TrafficDriver,
  { weights, rules: { sticky, cohorts } }: OnRecord,
): Refusal | null {
  const percents = Object.values(weights);
  const sum = percents.reduce((total, percent) => total + percent, 0);
  if (!(Math.abs(sum - 100) <= sumTolerance) || percents.some((percent) => percent < 0)) {
    const message = `The shares add up to ${sum}; they must be from 0 to 100 and add up to 100.`;
    return { code: "bad-request", status: 400, message };
  }
  const named = Object.values(cohorts);
  const wish = { percents, sticky: sticky !== null, cohorts: named.length > 0 };
  const refusals = trafficRefusals(can, wish);
  if (refusals.length > 0) {
    const message = `${refusals.join("; ")}. Choose other shares, or another driver in the agent's configuration.`;
    return { code: "share-not-possible", status: 422, message };
  }
  const versions = [...Object.keys(weights).filter((version) => (weights[version] ?? 0) > 0), ...named];
  const before = routingOf(world, place).routes;
  for (const version of versions) {
    const found = world.supervisor.find(place.environment, place.service, version);
    if (found === null) {
      return { code: "unknown-version", status: 404, message: `${place.service} ${version} was never started here.` };
    }
    // Keeping a share is allowed to a version that is just being started again after a crash; gaining one is not.
    const had = before.find((route) => route.version === version)?.percent ?? 0;
    if (found.state !== "ready" && ((weights[version] ?? 0) > had || named.includes(version))) {
      const message = `${place.service} ${version} is ${found.state} and cannot take traffic.`;
      return { code: "not-ready", status: 409, message };
    }
  }
  return null;
}

/**
 * Ends a version without traffic and without sessions, after the requests it still works on. `evenWithTraffic` ends one
 * that has both: what comes after it is refused and counted as failed until another version gets its share.
 */
export function stopVersion(
  world: World,
  place: Place,
  {
    version,
    evenWithTraffic,
    ...command
  }: Command & { readonly version: string; readonly evenWithTraffic?: true | undefined },
): Promise<Result<AgentObservation, Refusal>> {
  return once(world, place, command, {
    effect: "stop-version",
    detail: evenWithTraffic === true ? `${version} with its traffic` : version,
    answer: agentObservation,
    check: () => faultOfStop(world, place, version, evenWithTraffic === true ? "even with traffic" : "idle only"),
    apply: async () => {
      const found = findDriver(world, place);
      if (!found.ok) return found;
      const running = recordsOf(world, place).find((each) => each.version === version);
      const deadline = monotonicMs() + world.settings.drainForMs;
      // With traffic it never falls silent: the process itself finishes what it works on.
      for (let isOver = evenWithTraffic === true; !isOver;) {
        const flying = await found.value.inFlight(version);
        if (!flying.ok) return flying;
        isOver = flying.value === 0 || monotonicMs() >= deadline;
        if (!isOver) await delay(drainLookMs);
      }
      if (running !== undefined) await world.supervisor.stop(running);
      // The proxy forgets it: sessions that come back later go by the shares.
      const routed = await routeTraffic(world, place);
      return routed.ok ? await observe(world, place) : routed;
    },
  });
}

async function faultOfStop(
  world: World,
  place: Place,
  version: string,
  which: "idle only" | "even with traffic",
): Promise<Refusal | null> {
  const found = findDriver(world, place);
  if (!found.ok) return found.error;
  const name = `${place.service} ${version}`;
  if (world.supervisor.find(place.environment, place.service, version) === null) {
    return { code: "unknown-version", status: 404, message: `${name} was never started here.` };
  }
  if (which === "even with traffic") return null;
  const seen = await found.value.read();
  if (!seen.ok) return seen.error;
  const percent = seen.value.shares[version] ?? 0;
  if (percent > 0) {
    const message = `${name} has ${percent} % of the traffic; give it to another version first.`;
    return { code: "has-traffic", status: 409, message };
  }
  const cohort = Object.entries(seen.value.cohorts).find(([, each]) => each === version)?.[0];
  if (cohort !== undefined) {
    const message = `${name} has the requests of cohort ${cohort}; send that to another version first.`;
    return { code: "has-traffic", status: 409, message };
  }
  const idleSeconds = world.store.state.rules[keyOf(place)]?.sticky?.idleSeconds ?? null;
  return idleSeconds === null ? null : faultOfSessions(world, name, found.value, version, idleSeconds);
}

/** A session lives until nothing was heard of it for its time; what happened before the agent started is not known. */
function faultOfSessions(
  { startedAtMs }: World,
  name: string,
  driver: TrafficDriver,
  version: string,
  idleSeconds: number,
): Refusal | null {
  const from = Math.floor(wallMs() / 1000) - idleSeconds;
  const { seconds } = driver.traffic(from);
  const isUsed = seconds.some((each) => each.version === version && each.requests > 0);
  const isBlind = monotonicMs() - startedAtMs < idleSeconds * 1000;
  if (!isUsed && !isBlind) return null;
  const why = isUsed ? "served a session within" : "may have served a session before the agent started, within";
  const message = `${name} ${why} the last ${idleSeconds} s; wait for the silence, or set the shares without sticky.`;
  return { code: "has-sessions", status: 409, message };
}
