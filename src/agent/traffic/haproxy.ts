import { replaceFile } from "#agent/files.ts";
import type { Refusal } from "#agent/refusal.ts";
import { unknownTraffic, type InEffect, type Routing, type TrafficDriver } from "#agent/traffic/driver.ts";
import { backendOf, heaviest, nowhere, slots, type HaproxyFiles } from "#agent/traffic/haproxy-config.ts";
import { readMap, readServerStates, type Ask, type ServerState } from "#agent/traffic/haproxy-socket.ts";
import type { InTurn } from "#agent/traffic/in-turn.ts";
import { wholeWeights } from "#agent/weights.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

/** Whole weights up to 256: every share from 0.4 to 99.6 % is met to a twentieth of a point, whole per cents exactly. */
const haproxyAbilities: TrafficAbilities = {
  driver: "haproxy",
  finestPercent: 0.4,
  exactWithin: 0.05,
  mostVersions: slots.length,
  sticky: true,
  cohorts: true,
  losesNothing: true,
};

export interface HaproxyPlace {
  readonly service: string;
  readonly url: string;
  readonly files: HaproxyFiles;
  readonly ask: Ask;
  /** One for all services of the process: they share its state file. */
  readonly turns: InTurn;
  readonly traffic: TrafficDriver["traffic"];
}

/** One slot of the backend as it shall be. */
interface Wanted {
  readonly slot: string;
  readonly version: string;
  readonly port: number;
  readonly weight: number;
  readonly percent: number;
}

/** Drives one backend of a running HAProxy by its runtime API. */
export function haproxyDriver(place: HaproxyPlace): TrafficDriver {
  return {
    can: haproxyAbilities,
    url: place.url,
    set: (routing) => place.turns(() => setRouting(place, routing)),
    read: async () => {
      const seen = await look(place);
      return seen.ok ? ok(inEffect(seen.value)) : seen;
    },
    inFlight: async (version) => {
      const seen = await look(place);
      if (!seen.ok) return seen;
      const slot = slots.find((each) => seen.value.versions[each] === version);
      const stats = await place.ask(`show stat ${backendOf(place.service)} 4 -1`);
      return stats.ok ? ok(currentSessions(stats.value, slot ?? "")) : stats;
    },
    traffic: place.traffic,
  };
}

interface Seen {
  readonly servers: readonly ServerState[];
  readonly versions: Readonly<Record<string, string>>;
  readonly cohorts: Readonly<Record<string, string>>;
}

async function look({ service, files, ask }: HaproxyPlace): Promise<Result<Seen, Refusal>> {
  const states = await ask(`show servers state ${backendOf(service)}`);
  if (!states.ok) return states;
  const versions = await ask(`show map ${files.versions(service)}`);
  if (!versions.ok) return versions;
  const cohorts = await ask(`show map ${files.cohorts(service)}`);
  if (!cohorts.ok) return cohorts;
  const servers = readServerStates(states.value);
  if (servers.length !== slots.length) {
    return err(unknownTraffic(`HAProxy shows ${servers.length} places for ${service} where ${slots.length} belong`));
  }
  return ok({ servers, versions: readMap(versions.value), cohorts: readMap(cohorts.value) });
}

/**
 * The shares of the weights that HAProxy shows. Where they are the weights that stand for the shares on record there,
 * it is these: 1 to 2 is how HAProxy does 33.3 %.
 */
function inEffect({ servers, versions, cohorts }: Seen): InEffect {
  const weighing = servers.filter(({ weight, takesNew }) => weight > 0 && takesNew);
  const sum = weighing.reduce((total, { weight }) => total + weight, 0);
  const asWanted = servers.every(
    ({ name, weight, takesNew }) => Number(versions[`${name}.weight`] ?? 0) === (takesNew ? weight : 0),
  );
  const shares = weighing.map(({ name, weight }) => {
    const percent = asWanted ? Number(versions[`${name}.percent`]) : (100 * weight) / sum;
    return [versions[name] ?? `unknown (${name})`, percent] as const;
  });
  const known = Object.entries(cohorts).map(([cohort, slot]) => [cohort, versions[slot] ?? slot] as const);
  return {
    shares: Object.fromEntries(shares),
    sticky: versions["sticky"] === "on",
    cohorts: Object.fromEntries(known),
  };
}

async function setRouting(place: HaproxyPlace, routing: Routing): Promise<Result<void, Refusal>> {
  const before = await look(place);
  if (!before.ok) return before;
  const wanted = assign(routing, before.value);
  if (!wanted.ok) return wanted;
  const maps = await commitMaps(place, routing, wanted.value);
  if (!maps.ok) return maps;
  const told = await place.ask(weightCommands(place.service, wanted.value, before.value.servers).join(";"));
  if (!told.ok) return told;
  const after = await look(place);
  if (!after.ok) return after;
  const difference = differenceIn(wanted.value, after.value.servers);
  if (difference !== null) return err(unknownTraffic(`HAProxy was told new shares and shows ${difference}`));
  return await keep(place, routing, wanted.value);
}

/** A version keeps its slot; a new one gets a slot that nothing is routed to, one that was never used before others. */
function assign({ routes }: Routing, { servers, versions }: Seen): Result<readonly Wanted[], Refusal> {
  const percents = routes.map(({ percent }) => percent);
  const weights = wholeWeights(percents, heaviest, haproxyAbilities.exactWithin);
  if (weights === null || routes.length > slots.length) {
    const wish = routes.map(({ version, percent }) => `${version} ${percent} %`).join(", ");
    const message = `HAProxy cannot route ${wish}: weights up to ${heaviest}, ${slots.length} versions. Choose other shares.`;
    return err({ code: "share-not-possible", status: 422, message });
  }
  const kept = new Set(routes.map(({ version }) => version));
  const free = servers
    .map(({ name }) => name)
    .filter((slot) => !kept.has(versions[slot] ?? ""))
    .toSorted((a, b) => Number(versions[a] !== undefined) - Number(versions[b] !== undefined));
  return ok(
    routes.map(({ version, port, percent }, index) => {
      const slot = slots.find((each) => versions[each] === version) ?? free.shift() ?? "";
      return { slot, version, percent, port: port ?? nowhere, weight: weights[index] ?? 0 };
    }),
  );
}

/** Addresses first, then what gains, then what loses: at no moment does nobody have the traffic. */
function weightCommands(service: string, wanted: readonly Wanted[], servers: readonly ServerState[]): string[] {
  const name = (slot: string) => `set server ${backendOf(service)}/${slot}`;
  const before = new Map(servers.map((each) => [each.name, each]));
  const gain = ({ slot, weight }: Wanted) => weight - (before.get(slot)?.weight ?? 0);
  const places = wanted.flatMap(({ slot, port }) => {
    const there = before.get(slot);
    const moved = there?.port === port ? [] : [`${name(slot)} addr 127.0.0.1 port ${port}`];
    return there?.takesNew === true ? moved : [...moved, `${name(slot)} state ready`];
  });
  const weights = wanted
    .filter((each) => gain(each) !== 0)
    .toSorted((a, b) => gain(b) - gain(a))
    .map(({ slot, weight }) => `${name(slot)} weight ${weight}`);
  const used = new Set(wanted.map(({ slot }) => slot));
  // Maintenance lets what is under way end, and sends sessions that would come back to other versions.
  const gone = servers
    .filter((each) => !used.has(each.name) && (each.weight > 0 || (each.takesNew && each.port !== nowhere)))
    .flatMap((each) => [`${name(each.name)} weight 0`, `${name(each.name)} state maint`]);
  return [...places, ...weights, ...gone];
}

function differenceIn(wanted: readonly Wanted[], servers: readonly ServerState[]): string | null {
  for (const { name, port, weight, takesNew } of servers) {
    const wish = wanted.find(({ slot }) => slot === name);
    const effective = takesNew ? weight : 0;
    if (effective !== (wish?.weight ?? 0)) return `weight ${effective} at ${name} instead of ${wish?.weight ?? 0}`;
    if (wish !== undefined && port !== wish.port) return `port ${port} at ${name} instead of ${wish.port}`;
  }
  return null;
}

function mapsOf({ sticky, cohorts }: Routing, wanted: readonly Wanted[]) {
  const versions = wanted.flatMap(({ slot, version, percent, weight }) => [
    [slot, version] as const,
    [`${slot}.percent`, String(percent)] as const,
    [`${slot}.weight`, String(weight)] as const,
  ]);
  const slotOf = (version: string) => wanted.find((each) => each.version === version)?.slot;
  const groups = Object.entries(cohorts).flatMap(([cohort, version]) => {
    const slot = slotOf(version);
    return slot === undefined ? [] : [[cohort, slot] as const];
  });
  return { versions: [...versions, ["sticky", sticky ? "on" : "off"] as const], cohorts: groups };
}

type Entries = readonly (readonly [key: string, value: string])[];

async function commitMaps(place: HaproxyPlace, routing: Routing, wanted: readonly Wanted[]) {
  const maps = mapsOf(routing, wanted);
  const versions = await commitMap(place.ask, place.files.versions(place.service), maps.versions);
  return versions.ok ? await commitMap(place.ask, place.files.cohorts(place.service), maps.cohorts) : versions;
}

/** Replaces a map as a whole: lookups see the old entries or the new ones, never a part. */
async function commitMap(ask: Ask, file: string, entries: Entries): Promise<Result<void, Refusal>> {
  const prepared = await ask(`prepare map ${file}`);
  if (!prepared.ok) return prepared;
  const version = /New version created: (\d+)/.exec(prepared.value)?.[1];
  if (version === undefined) return err(unknownTraffic(`HAProxy does not know ${file}: ${prepared.value.trim()}`));
  const adding = entries.map(([key, value]) => `add map @${version} ${file} ${key} ${value}`);
  const told = await ask([...adding, `commit map @${version} ${file}`].join(";"));
  if (!told.ok) return told;
  const complaint = told.value.trim();
  return complaint === "" ? ok(undefined) : err(unknownTraffic(`HAProxy did not take ${file}: ${complaint}`));
}

/** Keeps what is in effect for the next reload or start of HAProxy. */
async function keep({ service, files, ask }: HaproxyPlace, routing: Routing, wanted: readonly Wanted[]) {
  const state = await ask("show servers state");
  if (!state.ok) return state;
  const maps = mapsOf(routing, wanted);
  await replaceFile(files.versions(service), textOf(maps.versions));
  await replaceFile(files.cohorts(service), textOf(maps.cohorts));
  await replaceFile(files.serverState, state.value);
  return ok(undefined);
}

function textOf(entries: Entries): string {
  return entries.map(([key, value]) => `${key} ${value}\n`).join("");
}

/** `scur` of a server in the CSV of `show stat`: requests that are under way there. */
function currentSessions(csv: string, slot: string): number {
  const lines = csv.split("\n").map((each) => each.split(","));
  const column = lines[0]?.indexOf("scur") ?? -1;
  return Number(lines.find((cells) => cells[1] === slot)?.[column] ?? 0);
}
