import type { Role } from "#core/catalog/people.ts";
import type { ReportCheck } from "#core/plan/preflight.ts";
import type { ResourceUse } from "#core/plan/resource-queue.ts";
import type { ChangeAction, ChangeClass } from "#core/catalog/scope.ts";

/*
 * Steps that let nothing pass until something is so, or that tell people about it. They touch nothing themselves, so there
 * is nothing to take back, and what does not come about in time is never taken for granted.
 */

export type GuardAction = WaitForWindow | Approve | Lock | Notify | Preflight | StayHealthy;

/** Waits until all that it names may go together, and stays allowed for as long as what comes behind it needs. */
export interface WaitForWindow {
  readonly kind: "wait-for-window";
  readonly environment: string;
  /** Version null: the one that is live. */
  readonly services: readonly { readonly service: string; readonly version: string | null }[];
  /** What the rules take it for. */
  readonly action: ChangeAction;
  readonly class: ChangeClass;
  /** null: the longest way behind it, and the way back. */
  readonly needsSeconds: number | null;
}

/** Waits for the consent of several people to what the run is going to do; a rejection is final for that content. */
export interface Approve {
  readonly kind: "approve";
  /** Whose consent counts: holders of one of the roles, members of one of the teams. */
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  /** Persons that are needed. */
  readonly approvals: number;
  readonly instruction: string;
  /** Whoever decides shows once more who they are. */
  readonly signature: boolean;
}

/**
 * Keeps an environment, or units of shared resources, for this run from here to its end, way back included. Environments
 * or resources and not both, and once in a plan: who holds something waits for nothing else.
 */
export interface Lock {
  readonly kind: "lock";
  readonly environments: readonly string[];
  readonly resources: readonly ResourceUse[];
}

/** A checklist just before something is touched: targets, reports, and what a person has to see. */
export interface Preflight {
  readonly kind: "preflight";
  readonly targets: readonly { readonly service: string; readonly environment: string }[];
  /** Names of connections that the agent opens from where it acts; absent in plans of earlier versions. */
  readonly paths?: readonly string[];
  readonly reports: readonly ReportCheck[];
  /** Person, team or role that answers for the items; null: there are none. */
  readonly who: string | null;
  readonly items: readonly ChecklistItem[];
}

/** What a person has to see, and names the evidence of. */
export interface ChecklistItem {
  readonly name: string;
  readonly ask: string;
}

/** Tells people, each once. */
export interface Notify {
  readonly kind: "notify";
  /** Persons, teams and roles. */
  readonly to: readonly string[];
  /** Teams of which whoever is on call then is told. */
  readonly onCall: readonly string[];
  readonly text: string;
}

/** Lets time pass in which the version is live and reported well, without a break. */
export interface StayHealthy {
  readonly kind: "stay-healthy";
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly seconds: number;
}

const kinds: Readonly<Record<GuardAction["kind"], true>> = {
  "wait-for-window": true,
  approve: true,
  lock: true,
  notify: true,
  preflight: true,
  "stay-healthy": true,
};

export function isGuard(action: { readonly kind: string }): action is GuardAction {
  return Object.hasOwn(kinds, action.kind);
}

/** It may wait, for something that may never come. */
export function holdsUp(action: { readonly kind: string }): boolean {
  return isGuard(action) && action.kind !== "notify";
}

/** One sentence for a person. */
export function sayGuard(action: GuardAction): string {
  switch (action.kind) {
    case "wait-for-window": {
      const names = action.services.map(({ service, version }) => `${service}${version === null ? "" : `@${version}`}`);
      return `Wait until ${names.join(", ")} may go in ${action.environment} (${action.action}).`;
    }
    case "approve":
      return action.instruction;
    case "preflight": {
      const places = action.targets.map(({ service, environment }) => `${service} in ${environment}`);
      const names = [...places, ...action.reports.map(({ name }) => name), ...action.items.map(({ name }) => name)];
      return `Check before anything is touched: ${names.join(", ")}.`;
    }
    case "notify": {
      const audience = [...action.to, ...action.onCall.map((team) => `whoever is on call in ${team}`)];
      return `Tell ${audience.join(", ")}: ${action.text}`;
    }
    case "lock": {
      const units = action.resources.map(({ resource, units: count }) => `${count} of ${resource}`);
      return `Keep ${[...action.environments, ...units].join(", ")} for this run to its end.`;
    }
    case "stay-healthy": {
      const { service, version, environment, seconds } = action;
      return `Let ${seconds} s pass in which ${service}@${version} is well in ${environment}.`;
    }
  }
}
