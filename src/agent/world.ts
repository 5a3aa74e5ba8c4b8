import type { Lanes } from "#agent/lanes.ts";
import type { Ledger } from "#agent/ledger.ts";
import type { Proxy } from "#agent/proxy.ts";
import type { AgentSettings } from "#agent/settings.ts";
import type { Refusal } from "#agent/refusal.ts";
import type { ProcessRecord, StateStore } from "#agent/state.ts";
import { isUp, type Supervisor } from "#agent/supervisor.ts";
import type { AgentObservation, AgentVersion } from "#contract/agent.ts";
import { err, ok, type Result } from "#core/result.ts";
import { systemClock } from "#runtime/clock.ts";

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
  readonly proxies: ReadonlyMap<string, Proxy>;
  readonly lanes: Lanes;
  readonly commands: Commands;
}

/** The highest number accepted in an environment, whatever it was for. */
export function fenceIn({ ledger, commands }: Pick<World, "ledger" | "commands">, environment: string): number {
  return Math.max(ledger.fenceOf(environment), commands.fenceOf(environment));
}

export function keyOf({ environment, service }: Place): string {
  return `${environment}/${service}`;
}

/** The proxy of a place, or why there is none. Reads no file: watching goes on while somebody edits the catalogue. */
export function findProxy(world: World, place: Place): Result<Proxy, Refusal> {
  const proxy = world.proxies.get(keyOf(place));
  if (proxy !== undefined) return ok(proxy);
  const message = `This agent has no service ${place.service} in an environment ${place.environment}; see its configuration and catalogue.`;
  return err({ code: "unknown-service", status: 404, message });
}

export function recordsOf(world: Pick<World, "store">, { environment, service }: Place): readonly ProcessRecord[] {
  return world.store.state.processes.filter((each) => each.environment === environment && each.service === service);
}

export function percentOf(world: Pick<World, "store">, place: Place, version: string): number {
  return world.store.state.weights[keyOf(place)]?.[version] ?? 0;
}

/** Makes the weights on record the ones in effect. */
export function routeTraffic(world: Pick<World, "store" | "proxies">, place: Place): void {
  const records = recordsOf(world, place);
  const weights = world.store.state.weights[keyOf(place)] ?? {};
  world.proxies.get(keyOf(place))?.route(
    Object.entries(weights).map(([version, percent]) => {
      const record = records.find((each) => each.version === version);
      return { version, percent, port: record !== undefined && isUp(record) ? record.port : null };
    }),
  );
}

export function versionOf(world: World, record: ProcessRecord): AgentVersion {
  const { version, digest, state, pid, startedAt, reason } = record;
  return { version, digest, state, percent: percentOf(world, record, version), pid, startedAt, reason };
}

export function observationOf(world: World, place: Place, proxy: Proxy): AgentObservation {
  return {
    ...place,
    versions: recordsOf(world, place).map((record) => versionOf(world, record)),
    fence: fenceIn(world, place.environment),
    url: proxy.url,
    observedAt: systemClock.now().toString(),
  };
}
