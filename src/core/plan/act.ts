import type { ChangeAction } from "#core/catalog/scope.ts";

/*
 * Steps that do something where services run. They go to the target under the key of the step and the number of the
 * environment's lock, which the run holds from the first of them to its end.
 */

export type TargetAction =
  | ShellCommand
  | StartVersion
  | StopVersion
  | ShiftTraffic
  | TrafficBack
  | ObserveTraffic
  | SmokeTest
  | MigrateSchema
  | DigestData
  | SwitchFlag
  | FlagBack;

/** A service in an environment, and a version of it. */
interface Versioned {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}

/** Runs a command that the configuration of the environment's agent allows by name; nothing of it is read by a shell. */
export interface ShellCommand {
  readonly kind: "shell";
  readonly service: string;
  readonly environment: string;
  /** Name in the agent's configuration. */
  readonly command: string;
  /** By the names of the command's parameters. */
  readonly arguments: Readonly<Record<string, string | number>>;
  /** What the rules take it for. */
  readonly change: ChangeAction;
}

/** Starts a version beside the others, without traffic. */
export interface StartVersion extends Versioned {
  readonly kind: "start-version";
}

/** Ends a version without traffic; the target refuses one that has any. */
export interface StopVersion extends Versioned {
  readonly kind: "stop-version";
}

/** Gives a version its share of live traffic; the version that is live on record has the rest. */
export interface ShiftTraffic extends Versioned {
  readonly kind: "shift-traffic";
  readonly percent: number;
}

/** Gives back the shares that were there before a step of this run changed them. */
export interface TrafficBack {
  readonly kind: "traffic-back";
  /** Name of a forward step with shift-traffic. */
  readonly step: string;
}

/** Watches a version beside the one that is live. What is not enough evidence is no health: the step fails then. */
export interface ObserveTraffic extends Versioned {
  readonly kind: "observe";
  /** Watched at least this long, however good it looks. */
  readonly minSeconds: number;
  /** Without enough evidence after this long it fails. */
  readonly maxSeconds: number;
  /** Requests that the version must have served. */
  readonly minRequests: number;
  /** Names of documents of kind Criteria; absent: the judge alone. */
  readonly criteria?: readonly string[];
}

/** Calls a version directly, past its proxy: the checks of its catalogue. */
export interface SmokeTest extends Versioned {
  readonly kind: "smoke";
}

/** Applies the scripts that belong to a version to a database of the agent, or takes back what this run has applied. */
export interface MigrateSchema extends Versioned {
  readonly kind: "migrate-schema";
  /** Name in the agent's configuration. */
  readonly database: string;
  readonly direction: "up" | "back";
}

/** Reads digests over the rows of tables of a database of the agent; changes nothing. */
export interface DigestData {
  readonly kind: "digest-data";
  readonly service: string;
  readonly environment: string;
  /** Name in the agent's configuration. */
  readonly database: string;
  readonly tables: readonly string[];
}

/** Switches a feature flag on or off for an environment, at the system that keeps flags. */
export interface SwitchFlag {
  readonly kind: "flag";
  /** On whose behalf. */
  readonly service: string;
  readonly environment: string;
  /** Where the flag is kept. */
  readonly project: string;
  readonly flag: string;
  readonly isOn: boolean;
}

/** Switches a flag to what it was before a step of this run switched it. */
export interface FlagBack {
  readonly kind: "flag-back";
  /** Name of a forward step with flag. */
  readonly step: string;
}

const kinds: Readonly<Record<TargetAction["kind"], true>> = {
  shell: true,
  "start-version": true,
  "stop-version": true,
  "shift-traffic": true,
  "traffic-back": true,
  observe: true,
  smoke: true,
  "migrate-schema": true,
  "digest-data": true,
  flag: true,
  "flag-back": true,
};

export function isTargetAction(action: { readonly kind: string }): action is TargetAction {
  return Object.hasOwn(kinds, action.kind);
}

/** False of what only looks. */
export function changesTarget({ kind }: TargetAction): boolean {
  return kind !== "observe" && kind !== "smoke" && kind !== "digest-data";
}

/** How an action is taken back where its step does not say; null: nothing follows from the action itself. */
export function naturalUndo(step: string, action: { readonly kind: string }): TargetAction | null {
  if (!isTargetAction(action)) return null;
  switch (action.kind) {
    case "start-version":
      return { ...action, kind: "stop-version" };
    case "shift-traffic":
      return { kind: "traffic-back", step };
    case "migrate-schema":
      return action.direction === "up" ? { ...action, direction: "back" } : null;
    case "flag":
      return { kind: "flag-back", step };
    case "flag-back":
    case "shell":
    case "stop-version":
    case "traffic-back":
    case "observe":
    case "smoke":
    case "digest-data":
      return null;
  }
}

/** One sentence for a person. */
export function sayTargetAction(action: TargetAction): string {
  switch (action.kind) {
    case "shell":
      return `Run ${action.command} for ${action.service} in ${action.environment}.`;
    case "start-version":
      return `Start ${action.service}@${action.version} in ${action.environment}, without traffic.`;
    case "stop-version":
      return `Stop ${action.service}@${action.version} in ${action.environment}.`;
    case "shift-traffic":
      return `Give ${action.service}@${action.version} ${action.percent} % of the traffic in ${action.environment}.`;
    case "traffic-back":
      return `Give back the shares that were there before ${action.step}.`;
    case "observe":
      return `Watch ${action.service}@${action.version} in ${action.environment} for ${action.minSeconds} s at least${action.criteria === undefined ? "" : `, by the criteria of ${action.criteria.join(", ")}`}.`;
    case "smoke":
      return `Check ${action.service}@${action.version} in ${action.environment} before users see it.`;
    case "flag":
      return `Switch the flag ${action.flag} ${action.isOn ? "on" : "off"} for ${action.service} in ${action.environment}.`;
    case "flag-back":
      return `Switch the flag of ${action.step} to what it was before.`;
    case "digest-data":
      return `Take digests of ${action.tables.join(", ")} in ${action.database} of ${action.environment}.`;
    case "migrate-schema":
      return action.direction === "up"
        ? `Apply the scripts of ${action.service}@${action.version} to ${action.database} in ${action.environment}.`
        : `Undo what this run has applied to ${action.database} in ${action.environment}.`;
  }
}
