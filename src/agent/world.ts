import type { Lanes } from "#agent/lanes.ts";
import type { Ledger } from "#agent/ledger.ts";
import type { AgentSettings } from "#agent/settings.ts";
import type { Refusal } from "#agent/refusal.ts";
import { noRules, type ProcessRecord, type StateStore } from "#agent/state.ts";
import { unknownTraffic, type InEffect, type Routing, type TrafficDriver } from "#agent/traffic/driver.ts";
import { isUp, type Supervisor } from "#agent/supervisor.ts";
import type { AgentObservation, AgentVersion } from "#contract/agent.ts";
import { err, ok, type Result } from "#core/result.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";

/** One service in one environment. */
export interface Place {
  readonly environment: string;
  readonly service: string;
}

/** What commands leave behind for effects: see `commands.ts`. */
export interface Commands {
  readonly fenceOf: (environment: string) => number;
  readonly accept: (environment: string, fence: number) => Promise<void>;
  /** Runners that this agent started and that have not ended, by key. */
  readonly running: Set<string>;
}

export interface World {
  readonly settings: AgentSettings;
  readonly store: StateStore;
  readonly ledger: Ledger;
  readonly supervisor: Supervisor;
  /** By `environment/service`. */
  readonly drivers: ReadonlyMap<string, TrafficDriver>;
  readonly lanes: Lanes;
  readonly commands: Commands;
  /** By the clock that only rises: what happened before it, the counts do not know. */
  readonly startedAtMs: number;
}

/** The highest number accepted in an environment, whatever it was for. */
export function fenceIn({ ledger, commands }: Pick<World, "ledger" | "commands">, environment: string): number {
  return Math.max(ledger.fenceOf(environment), commands.fenceOf(environment));
}

export function keyOf({ environment, service }: Place): string {
  return `${environment}/${service}`;
}

/** What drives the traffic of a place, or why nothing does. Reads no file: watching goes on while somebody edits the catalogue. */
export function findDriver(world: Pick<World, "drivers">, place: Place): Result<TrafficDriver, Refusal> {
  const driver = world.drivers.get(keyOf(place));
  if (driver !== undefined) return ok(driver);
  const message = `This agent has no service ${place.service} in an environment ${place.environment}; see its configuration and catalogue.`;
  return err({ code: "unknown-service", status: 404, message });
}

export function recordsOf(world: Pick<World, "store">, { environment, service }: Place): readonly ProcessRecord[] {
  return world.store.state.processes.filter((each) => each.environment === environment && each.service === service);
}

/** The routing on record for a place: what a driver was told last, or would be told next. */
export function routingOf(world: Pick<World, "store">, place: Place): Routing {
  const weights = world.store.state.weights[keyOf(place)] ?? {};
  const rules = world.store.state.rules[keyOf(place)] ?? noRules;
  const records = recordsOf(world, place);
  const versions = new Set([...Object.keys(weights), ...records.filter(isUp).map(({ version }) => version)]);
  const routes = [...versions].map((version) => {
    const record = records.find((each) => each.version === version);
    const port = record !== undefined && isUp(record) ? record.port : null;
    return { version, percent: weights[version] ?? 0, port };
  });
  return { routes, sticky: rules.sticky !== null, cohorts: rules.cohorts };
}

/** Makes the routing on record the one in effect. */
export function routeTraffic(world: Pick<World, "store" | "drivers">, place: Place): Promise<Result<void, Refusal>> {
  const found = findDriver(world, place);
  return found.ok ? found.value.set(routingOf(world, place)) : Promise.resolve(found);
}

export function versionOf(record: ProcessRecord, { shares }: InEffect): AgentVersion {
  const { version, digest, state, pid, startedAt, reason } = record;
  return { version, digest, state, percent: shares[version] ?? 0, pid, startedAt, reason };
}

/** What is true at the place: the shares are those that the proxy shows, whatever is on record. */
export async function observe(world: World, place: Place): Promise<Result<AgentObservation, Refusal>> {
  const found = findDriver(world, place);
  if (!found.ok) return found;
  const seen = await found.value.read();
  if (!seen.ok) return seen;
  const foreign = Object.keys(seen.value.shares).filter(
    (version) => !recordsOf(world, place).some((record) => record.version === version),
  );
  if (foreign.length > 0) {
    return err(unknownTraffic(`The proxy of ${place.service} routes to ${foreign.join(", ")}, which never ran here`));
  }
  return ok({
    ...place,
    versions: recordsOf(world, place).map((record) => versionOf(record, seen.value)),
    fence: fenceIn(world, place.environment),
    url: found.value.url,
    observedAt: systemClock.now().toString(),
  });
}

/** What the proxy of a place can do, and its rules in effect; with the sessions of each version when asked for them. */
export async function routingIn(
  world: Pick<World, "drivers" | "store" | "startedAtMs">,
  place: Place,
  withSessions = false,
): Promise<Result<NonNullable<AgentObservation["routing"]>, Refusal>> {
  const found = findDriver(world, place);
  if (!found.ok) return found;
  const seen = await found.value.read();
  if (!seen.ok) return seen;
  const { sticky: canStick, cohorts: canCohort, ...can } = found.value.can;
  const sessions = withSessions ? sessionsIn(world, place, found.value) : null;
  const rules = { sticky: seen.value.sticky, cohorts: seen.value.cohorts };
  return ok({ ...can, canStick, canCohort, ...rules, ...(sessions === null ? {} : { sessions }) });
}

/** null: they cannot be told apart, or not yet, because the agent has not run for as long as one may be silent. */
function sessionsIn(
  { store, startedAtMs }: Pick<World, "store" | "startedAtMs">,
  place: Place,
  { sessions }: TrafficDriver,
): Readonly<Record<string, number>> | null {
  const idleSeconds = store.state.rules[keyOf(place)]?.sticky?.idleSeconds ?? null;
  const isBlind = idleSeconds !== null && monotonicMs() - startedAtMs < idleSeconds * 1000;
  if (sessions === undefined || idleSeconds === null || isBlind) return null;
  return Object.fromEntries(
    recordsOf({ store }, place).map(({ version }) => [version, sessions(version, idleSeconds)]),
  );
}
