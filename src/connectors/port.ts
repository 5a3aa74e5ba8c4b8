import type { MetricAnswer, SecondSpan } from "#core/criteria/series.ts";
import type { Result } from "#core/result.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

// The wire owns the bounds: both ends of it count into the same buckets.
export { latencyBoundsMs } from "#contract/agent.ts";

/** Why a call to a foreign system did not do what was asked. `later`: the same call may succeed; `never`: a person must act. */
export interface Failure {
  readonly code: string;
  /** What happened, to what, and what to do. Never contains a secret. */
  readonly message: string;
  readonly retry: "later" | "never";
}

/** A place where a service runs in an environment. */
export interface Target {
  readonly environment: string;
  readonly service: string;
}

/**
 * Authority of a mutating call. The target refuses a `fence` below the highest it has seen for the environment
 * (code `stale-fence`, never retried) and answers a repeated `key` with the first answer, doing nothing again.
 */
export interface Command {
  readonly key: string;
  readonly fence: number;
}

export type VersionState = "starting" | "ready" | "failed" | "stopped";

export interface ObservedVersion {
  readonly version: string;
  readonly digest: string;
  readonly state: VersionState;
  /** Share of live traffic in per cent, 0 to 100. */
  readonly percent: number;
  /** Why the version is `failed`, in one sentence; absent otherwise. */
  readonly reason?: string;
}

/** What the proxy at the target can do, and what it does beside the shares. */
export interface ObservedRouting {
  readonly can: TrafficAbilities;
  readonly sticky: boolean;
  /** Cohort → version. */
  readonly cohorts: Readonly<Record<string, string>>;
  /** Version → sessions that have made a request within the time for which one may be silent; absent: it does not count them. */
  readonly sessions?: Readonly<Record<string, number>>;
}

/** What is true at the target now, whatever our records say. */
export interface Observation {
  readonly versions: readonly ObservedVersion[];
  readonly observedAt: string;
  /** Absent: the target does not tell; what it cannot do it refuses when it is asked to. */
  readonly routing?: ObservedRouting;
}

/** What decides beside the shares. Each shift says it anew: what is left out ends, and its sessions move. */
export interface RoutingRules {
  /** Sessions stay with their version, which can be stopped this long after its last request. */
  readonly sticky?: { readonly idleSeconds: number };
  /** Cohort that requests name → version, whatever its share. */
  readonly cohorts?: Readonly<Record<string, string>>;
}

export interface SmokeCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** A security control at the target, as its probe found it. */
export interface ProvenControl {
  readonly name: string;
  readonly kind: string;
  /** What is asked for when it is not proven. */
  readonly onFailure: "roll-back" | "hold";
  /** `inconclusive`: it could not be looked at, which is no pass. */
  readonly outcome: "proven" | "failed" | "inconclusive";
  readonly detail: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly observedAt: string;
}

/** Counts of one version in one second of wall time at the target, as seen by its proxy. */
export interface SecondOfTraffic {
  /** Epoch seconds at the target. */
  readonly second: number;
  readonly version: string;
  readonly requests: number;
  readonly errors: number;
  /** Requests per latency bucket; upper bounds in `latencyBoundsMs`, one more bucket for the rest. */
  readonly latency: readonly number[];
}

export interface Traffic {
  readonly seconds: readonly SecondOfTraffic[];
  /** Everything before this second is complete and was returned or is older than the target keeps. */
  readonly completeBefore: number;
}

/** What came of a connection that was opened at the target to something it has to reach. */
export interface Reached {
  /** host:port. */
  readonly address: string;
  readonly reached: boolean;
  /** One sentence. */
  readonly detail: string;
  /** End of the certificate that was shown, ISO 8601; null: none was. */
  readonly certificateUntil: string | null;
  readonly observedAt: string;
}

/** Drives one kind of deployment target. One conformance suite for all (`connectors/conformance.ts`). */
export interface Deployer {
  readonly id: string;
  /** `withSessions`: counted where the proxy tells them apart. */
  readonly observe: (target: Target & { readonly withSessions?: true }) => Promise<Result<Observation, Failure>>;
  /** Starts a version beside the running ones with no live traffic; returns once it is ready or failed for good. */
  readonly startVersion: (
    target: Target & { readonly version: string; readonly digest: string },
    command: Command,
  ) => Promise<Result<ObservedVersion, Failure>>;
  /** Calls the version directly, past the proxy, before users see it: liveness and business checks. */
  readonly smoke: (target: Target & { readonly version: string }) => Promise<Result<readonly SmokeCheck[], Failure>>;
  /** Proves the security controls that the target names for this point; none where it names none. Repeating is harmless. */
  readonly proveControls: (
    target: Target & { readonly version: string; readonly when: "prepared" | "live" },
  ) => Promise<Result<readonly ProvenControl[], Failure>>;
  /**
   * Gives `version` the share `percent` of live traffic and the rest to `control`. Answers when it is in effect.
   * `share-not-possible` (never): the proxy there cannot do it, nothing was changed. `traffic-unknown` (later): nobody
   * knows what is in effect; the same call may be repeated.
   */
  readonly shift: (
    target: Target &
      RoutingRules & { readonly version: string; readonly control: string | null; readonly percent: number },
    command: Command,
  ) => Promise<Result<Observation, Failure>>;
  /**
   * Stops a version that has no traffic; drains what is in flight first. Refused otherwise (`has-traffic`, `has-sessions`),
   * unless it is to be stopped even then: its users are without the service until another version gets the traffic.
   */
  readonly stopVersion: (
    target: Target & { readonly version: string; readonly evenWithTraffic?: true },
    command: Command,
  ) => Promise<Result<Observation, Failure>>;
  /** Opens a connection from where it acts, by a name of its configuration (`unknown-path`, never, for others); changes nothing. */
  readonly reach: (path: string) => Promise<Result<Reached, Failure>>;
  /** Traffic seconds since (inclusive) an epoch second of the target. */
  readonly traffic: (target: Target & { readonly since: number }) => Promise<Result<Traffic, Failure>>;
}

/** What a target is asked to run: a command that its own configuration allows by name, or scripts of a version. */
export type CommandWork =
  | { readonly kind: "command"; readonly name: string; readonly arguments: Readonly<Record<string, string | number>> }
  | {
      readonly kind: "migration";
      readonly database: string;
      readonly version: string;
      /** Of the version as it is on record: the scripts are a part of it. */
      readonly digest: string;
      readonly direction: "up" | "back";
      /** Back: key under which the scripts were applied that are undone. */
      readonly appliedUnder: string | null;
    }
  /** Digests over the rows of tables, printed as `data TABLE DIGEST ROWS`; nothing is changed. */
  | { readonly kind: "data"; readonly database: string; readonly tables: readonly string[] };

/** A command at the target, as it stands. */
export interface CommandState {
  readonly key: string;
  /** `lost`: it ended without telling how, with the machine or by force; what it did is not known. */
  readonly state: "running" | "done" | "failed" | "timed-out" | "cancelled" | "lost";
  readonly exitCode: number | null;
  /** It failed in a way that may pass: it may be tried again, under another key. */
  readonly isPassing: boolean;
  /** Cleaned, without the secrets that it was given, and cut. */
  readonly output: { readonly text: string; readonly bytes: number; readonly isCut: boolean };
  /** When it gave its last sign of life. */
  readonly beatAt: string;
}

/**
 * Runs commands at a place. A command belongs to its key: asking again under the key tells how it stands and starts
 * nothing; it ends at its time-out although nobody asks. Failures as in `Deployer`; `unknown-command` (never): the target
 * allows no such command, or there is none under the key.
 */
export interface Commander {
  readonly id: string;
  readonly run: (
    wish: Target & { readonly work: CommandWork; readonly withinSeconds: number },
    command: Command,
  ) => Promise<Result<CommandState, Failure>>;
  readonly look: (target: Target, key: string) => Promise<Result<CommandState, Failure>>;
  /** Ends it: asks, waits, kills. What has ended stays as it ended. */
  readonly cancel: (target: Target, command: Command) => Promise<Result<CommandState, Failure>>;
}

/** A feature flag of a project, as an environment of the system that keeps it has it. */
export interface FlagPlace {
  readonly project: string;
  readonly flag: string;
  readonly environment: string;
}

/** Reads and switches feature flags. Switching to what is so already is harmless. */
export interface FlagKeeper {
  readonly id: string;
  readonly read: (place: FlagPlace) => Promise<Result<{ readonly isOn: boolean }, Failure>>;
  readonly switch: (place: FlagPlace & { readonly isOn: boolean }) => Promise<Result<void, Failure>>;
}

/** What is asked of a source of metrics. */
export interface MetricQuestion extends Target {
  /** In the language of the source, with everything filled in. */
  readonly query: string;
  /** Points that lie in it, in epoch seconds. */
  readonly span: SecondSpan;
  /** A point for every so many seconds, where the source can choose. */
  readonly stepSeconds: number;
  /** Of the points that come. */
  readonly unit: string;
  /** The version that is judged; logs are about classes of errors that no other version has had. */
  readonly version: string;
}

/**
 * Reads measured series. One conformance suite for all (`connectors/metric-conformance.ts`). A source answers what it
 * has and judges nothing: wrong numbers are seen by `core/criteria`. It answers or fails within its own time limit.
 */
export interface MetricSource {
  readonly id: string;
  readonly read: (question: MetricQuestion) => Promise<Result<MetricAnswer, Failure>>;
}

/** An answer to a pipeline that is kept back by its own system. */
export interface RuleAnswer {
  /** Where it is answered, as the event named it. */
  readonly url: string;
  readonly environment: string;
  readonly installation: number;
  readonly state: "approved" | "rejected";
  /** For the person who looks at the run: why, and where to read more. */
  readonly comment: string;
}

/** Lets a job that is kept back go, or ends it. Answering twice with the same is harmless. */
export interface RuleAnswerer {
  readonly id: string;
  readonly answer: (answer: RuleAnswer) => Promise<Result<void, Failure>>;
}
