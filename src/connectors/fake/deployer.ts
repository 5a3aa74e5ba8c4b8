import { setTimeout as delay } from "node:timers/promises";
import type { LedgerEntry } from "#contract/agent.ts";
import type {
  Command,
  Deployer,
  Failure,
  Observation,
  ObservedRouting,
  ObservedVersion,
  ProvenControl,
  SmokeCheck,
  Target,
  Traffic,
} from "#connectors/port.ts";
import { failureOf, faultSwitches, type FaultSwitches, type Faults, type Operation } from "#connectors/fake/faults.ts";
import { behaviourOf, copyOf, newPlace, observedIn, sharesAt, type Place } from "#connectors/fake/place.ts";
import { countSecond, type Behaviour } from "#connectors/fake/traffic.ts";
import { err, ok, type Result } from "#core/result.ts";

/** What can be started at the fake target. */
export interface FakeProgram {
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  /** `unready`: it starts and never gets ready. */
  readonly start?: "ready" | "unready";
  readonly checks?: readonly SmokeCheck[];
  readonly controls?: Readonly<Partial<Record<"prepared" | "live", readonly ProvenControl[]>>>;
}

export interface FakeOptions {
  readonly id?: string;
  /** Time at the target: observations and seconds of traffic follow it. */
  readonly now: () => Temporal.Instant;
  readonly programs: readonly FakeProgram[];
  /** Versions that run and have all the traffic already. */
  readonly live?: readonly (Target & { readonly version: string })[];
  /** What the proxies say that they can do; they say nothing when left out. */
  readonly routing?: ObservedRouting;
  /** What can be reached from the target, by name. */
  readonly paths?: Readonly<Record<string, "open" | "refused">>;
  /** Used by `slow`; a simulation passes its own. */
  readonly pause?: (ms: number) => Promise<void>;
}

export interface FakeDeployer extends Deployer {
  /** Every effect and refusal, in order: the oracle of tests. It never lies. */
  readonly ledger: readonly LedgerEntry[];
  readonly faults: Faults;
  /** Load on a service and how its versions behave under it, from now on; a version not named keeps its behaviour. */
  readonly setTraffic: (
    target: Target,
    traffic: { readonly perSecond?: number; readonly versions?: Readonly<Record<string, Behaviour>> },
  ) => void;
  /** What is true, past all faults. */
  readonly truth: (target: Target) => readonly ObservedVersion[];
  /** Sessions of the version make requests up to this second of the target. */
  readonly setSessions: (target: Target, version: string, untilSecond: number, count?: number) => void;
  /** Ends a version as a crash would. */
  readonly crash: (target: Target, version: string) => void;
}

interface World {
  readonly options: FakeOptions;
  readonly places: Map<string, Place>;
  readonly fences: Map<string, number>;
  /** What each key was used for. */
  readonly bodies: Map<string, string>;
  readonly ledger: LedgerEntry[];
  readonly faults: FaultSwitches;
}

/** The longest history of traffic that is given out, as in the agent. */
const keptSeconds = 15 * 60;

/** A deployment target in memory; held to the same conformance suite as the real ones. */
export function fakeDeployer(options: FakeOptions): FakeDeployer {
  const world: World = {
    options,
    places: new Map(),
    fences: new Map(),
    bodies: new Map(),
    ledger: [],
    faults: faultSwitches(),
  };
  for (const live of options.live ?? []) {
    const place = placeIn(world, live);
    const digest = options.programs.find((p) => p.service === live.service && p.version === live.version)?.digest;
    if (digest === undefined) throw new Error(`no program ${live.service} ${live.version}`);
    place.versions.set(live.version, { version: live.version, digest, state: "ready" });
    place.shares.push({ since: 0, percent: new Map([[live.version, 100]]) });
  }
  return {
    id: options.id ?? "fake",
    ...readsOf(world),
    ...effectsOf(world),
    ledger: world.ledger,
    faults: world.faults,
    setTraffic: (target, traffic) => {
      const place = placeIn(world, target);
      place.perSecond = traffic.perSecond ?? place.perSecond;
      for (const [version, behaviour] of Object.entries(traffic.versions ?? {}))
        place.behaviours.set(version, behaviour);
    },
    truth: (target) => observedIn(placeIn(world, target)),
    setSessions: (target, version, second, count = 1) =>
      placeIn(world, target).sessionsUntil.set(version, { second, count }),
    crash: (target, version) => {
      const place = placeIn(world, target);
      const entry = place.versions.get(version);
      if (entry !== undefined) place.versions.set(version, { ...entry, state: "failed", reason: "It crashed." });
    },
  };
}

function readsOf(world: World): Pick<Deployer, "observe" | "smoke" | "proveControls" | "traffic" | "reach"> {
  return {
    observe: ({ withSessions, ...target }) =>
      meet(world, "observe", () => {
        const place = placeOf(world, target);
        return place === null ? unknownService(target.service) : ok(observationOf(world, place, withSessions));
      }),
    smoke: ({ environment, service, version }) =>
      meet(world, "smoke", (mode) => {
        const place = placeOf(world, { environment, service });
        if (place === null) return unknownService(service);
        if (place.versions.get(version)?.state !== "ready") {
          return refuse("not-ready", `${service} ${version} is not ready; start it first.`);
        }
        const checks = programOf(world, service, version)?.checks ?? defaultChecks;
        return ok(mode === "lie" ? checks.map((check) => ({ ...check, passed: true })) : checks);
      }),
    proveControls: ({ environment, service, version, when }) =>
      meet(world, "proveControls", () => {
        const place = placeOf(world, { environment, service });
        if (place === null) return unknownService(service);
        if (place.versions.get(version)?.state !== "ready") {
          return refuse("not-ready", `${service} ${version} is not ready; start it first.`);
        }
        return ok(programOf(world, service, version)?.controls?.[when] ?? []);
      }),
    reach: (path) =>
      meet(world, "reach", () => {
        const port = world.options.paths?.[path];
        if (port === undefined) return refuse("unknown-path", `There is no path ${path}.`);
        const detail = port === "open" ? "The connection was opened." : "The connection was refused.";
        const observedAt = world.options.now().toString();
        return ok({ address: `${path}:1`, reached: port === "open", detail, certificateUntil: null, observedAt });
      }),
    traffic: ({ environment, service, since }) =>
      meet(world, "traffic", () => {
        const place = placeOf(world, { environment, service });
        return place === null ? unknownService(service) : ok(trafficOf(place, since, secondNow(world)));
      }),
  };
}

function trafficOf(place: Place, since: number, completeBefore: number): Traffic {
  const seconds = [];
  for (let second = Math.max(since, completeBefore - keptSeconds); second < completeBefore; second += 1) {
    for (const [version, percent] of sharesAt(place, second)) {
      const perSecond = (place.perSecond * percent) / 100;
      if (perSecond > 0) seconds.push(countSecond(second, version, perSecond, behaviourOf(place, version)));
    }
  }
  return { seconds, completeBefore };
}

function effectsOf(world: World): Pick<Deployer, "startVersion" | "shift" | "stopVersion"> {
  const started = new Map<string, Result<ObservedVersion, Failure>>();
  const observed = new Map<string, Result<Observation, Failure>>();
  return {
    startVersion: (input, command) =>
      carryOut(world, started, command, {
        operation: "startVersion",
        target: input,
        detail: `${input.version} ${input.digest}`,
        apply: (place) => start(world, place, input.version, input.digest),
      }),
    shift: (input, command) =>
      carryOut(world, observed, command, {
        operation: "shift",
        target: input,
        detail: `${input.version} ${input.percent} % beside ${input.control ?? "nothing"}`,
        apply: (place) => shift(world, place, input),
      }),
    stopVersion: (input, command) =>
      carryOut(world, observed, command, {
        operation: "stopVersion",
        target: input,
        detail: input.evenWithTraffic === true ? `${input.version} with its traffic` : input.version,
        apply: (place) => stop(world, place, input),
      }),
  };
}

function start(world: World, place: Place, version: string, digest: string): Result<ObservedVersion, Failure> {
  const { service } = place.target;
  const program = programOf(world, service, version);
  if (program === undefined) return refuse("no-such-program", `No program for ${service} ${version} is known.`);
  if (program.digest !== digest) {
    return refuse("digest-mismatch", `${service} ${version} is ${program.digest}, not ${digest}.`);
  }
  const running = observedIn(place).find((seen) => seen.version === version && seen.state === "ready");
  if (running !== undefined) return ok(running);
  const outcome =
    program.start === "unready"
      ? ({ state: "failed", reason: "It did not become ready in time." } as const)
      : ({ state: "ready" } as const);
  place.versions.set(version, { version, digest, ...outcome });
  return ok({ version, digest, percent: 0, ...outcome });
}

type Shift = Parameters<Deployer["shift"]>[0];

function shift(world: World, place: Place, wish: Shift): Result<Observation, Failure> {
  const { version, control, percent } = wish;
  const can = world.options.routing?.can;
  if ((wish.sticky !== undefined && can?.sticky !== true) || (wish.cohorts !== undefined && can?.cohorts !== true)) {
    return refuse("share-not-possible", "This target knows shares only, neither sessions nor cohorts.");
  }
  if (control === null && percent !== 100) return refuse("bad-request", "Without a control the share must be 100 %.");
  const shares = new Map([[version, percent]]);
  if (control !== null) shares.set(control, 100 - percent);
  for (const [named, share] of shares) {
    if (share > 0 && place.versions.get(named)?.state !== "ready") {
      return refuse("not-ready", `${place.target.service} ${named} is not ready and cannot take traffic.`);
    }
  }
  place.shares.push({ since: secondNow(world), percent: shares });
  place.rules = { sticky: wish.sticky ?? null, cohorts: wish.cohorts ?? {} };
  return ok(observationOf(world, place));
}

type Stop = Parameters<Deployer["stopVersion"]>[0];

function stop(world: World, place: Place, { version, evenWithTraffic }: Stop): Result<Observation, Failure> {
  const { service } = place.target;
  const entry = observedIn(place).find((seen) => seen.version === version);
  if (entry === undefined) return refuse("unknown-version", `${service} ${version} was never started here.`);
  if (entry.percent > 0 && evenWithTraffic !== true)
    return refuse("has-traffic", `${service} ${version} still has ${entry.percent} %.`);
  if (sessionsIn(world, place, version) > 0 && evenWithTraffic !== true) {
    return refuse("has-sessions", `${service} ${version} served a session just now.`);
  }
  place.versions.set(version, { version, digest: entry.digest, state: "stopped" });
  return ok(observationOf(world, place));
}

/** Sessions that were heard of within the silence that one may keep. */
function sessionsIn(world: World, { rules: { sticky }, sessionsUntil }: Place, version: string): number {
  const last = sessionsUntil.get(version);
  return sticky !== null && last !== undefined && secondNow(world) < last.second + sticky.idleSeconds ? last.count : 0;
}

type Mode = "honest" | "lie";

/** Runs a call through the fault that is armed for it. */
async function meet<T>(
  world: World,
  operation: Operation,
  body: (mode: Mode) => Result<T, Failure>,
): Promise<Result<T, Failure>> {
  const fault = world.faults.take(operation);
  if (fault === null) return body("honest");
  switch (fault.kind) {
    case "slow":
      await (world.options.pause ?? delay)(fault.ms);
      return body("honest");
    case "hang":
      await world.faults.hang();
      break;
    case "lie":
      return body("lie");
    case "lost-answer":
    case "garbage":
      body("honest");
      break;
    case "unreachable":
    case "refused":
      break;
  }
  const failure = failureOf(fault);
  return failure === null ? body("honest") : err(failure);
}

const effectNames = { startVersion: "start-version", shift: "set-weights", stopVersion: "stop-version" } as const;

interface Effect<T> {
  readonly operation: keyof typeof effectNames;
  readonly target: Target;
  readonly detail: string;
  readonly apply: (place: Place) => Result<T, Failure>;
}

/** Fence, then key, then effect: the order of the agent. A refusal is not stored, so the same key may succeed later. */
function carryOut<T>(
  world: World,
  answers: Map<string, Result<T, Failure>>,
  command: Command,
  { operation, target: { environment, service }, detail, apply }: Effect<T>,
): Promise<Result<T, Failure>> {
  const body = JSON.stringify([operation, environment, service, detail]);
  const record = (outcome: LedgerEntry["outcome"]) => {
    const at = world.options.now().toString();
    const seq = world.ledger.length + 1;
    const effect = effectNames[operation];
    world.ledger.push({ seq, at, environment, service, effect, detail, ...command, outcome });
  };
  return meet(world, operation, (mode) => {
    const place = placeOf(world, { environment, service });
    if (place === null) return unknownService(service);
    if (mode === "lie") return apply(copyOf(place));
    const highest = world.fences.get(environment) ?? 0;
    if (command.fence < highest) {
      record("refused");
      return refuse("stale-fence", `Fence ${command.fence} is behind ${highest} in ${environment}.`);
    }
    const known = world.bodies.get(command.key);
    if (known !== undefined && known !== body) {
      return refuse("key-conflict", `Key ${command.key} was used for something else.`);
    }
    world.fences.set(environment, command.fence);
    const stored = answers.get(command.key);
    if (stored !== undefined) {
      record("replayed");
      return stored;
    }
    const answer = apply(place);
    if (!answer.ok) return answer;
    world.bodies.set(command.key, body);
    answers.set(command.key, answer);
    record("applied");
    return answer;
  });
}

const defaultChecks: readonly SmokeCheck[] = [
  { name: "liveness", passed: true, detail: "It answers." },
  { name: "identity", passed: true, detail: "It is the version that was asked for." },
  { name: "business", passed: true, detail: "One business case ran through." },
];

function refuse(code: string, message: string): Result<never, Failure> {
  return err({ code, message, retry: "never" });
}

function programOf(world: World, service: string, version: string): FakeProgram | undefined {
  return world.options.programs.find((program) => program.service === service && program.version === version);
}

/** Null for a service that no program is known for. */
function placeOf(world: World, { environment, service }: Target): Place | null {
  const name = `${environment}/${service}`;
  const known = world.places.get(name);
  if (known !== undefined) return known;
  if (!world.options.programs.some((program) => program.service === service)) return null;
  const place = newPlace({ environment, service });
  world.places.set(name, place);
  return place;
}

/** For the tests' own calls: a service that is not there is a bug in the test. */
function placeIn(world: World, target: Target): Place {
  const place = placeOf(world, target);
  if (place === null) throw new Error(`no program for ${target.service}`);
  return place;
}

function unknownService(service: string): Result<never, Failure> {
  return refuse("unknown-service", `No program for the service ${service} is known.`);
}

function secondNow(world: World): number {
  return Math.floor(world.options.now().epochMilliseconds / 1000);
}

function observationOf(world: World, place: Place, withSessions = false): Observation {
  const { now, routing } = world.options;
  const sessions = Object.fromEntries(
    [...place.versions.keys()].map((version) => [version, sessionsIn(world, place, version)]),
  );
  const counted = withSessions && place.rules.sticky !== null ? { sessions } : {};
  const rules = { sticky: place.rules.sticky !== null, cohorts: place.rules.cohorts, ...counted };
  return {
    versions: observedIn(place),
    observedAt: now().toString(),
    ...(routing === undefined ? {} : { routing: { ...routing, ...rules } }),
  };
}
