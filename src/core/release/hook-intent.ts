import type { ChangeAction, ChangeClass } from "#core/catalog/scope.ts";
import type { GateResult } from "#core/release/gate.ts";

/** How a sender of webhooks proves that it is the sender. */
export const hookSchemes = ["standard", "github", "gitlab", "jenkins"] as const;
export type HookScheme = (typeof hookSchemes)[number];

/** A question of a pipeline as its system words it: names are those of that system until they are mapped. */
export interface HookQuestion {
  /** Repository, project or service. */
  readonly project: string;
  readonly version: string | null;
  readonly digest: string | null;
  readonly environment: string;
  readonly action: ChangeAction;
  readonly class: ChangeClass;
  readonly whenDenied: "end" | "park";
  readonly run: string;
  readonly url: string | null;
  readonly callbackUrl: string | null;
  /** When it was asked, by the clock of its system; null: the message says nothing, or its signature covers its time. */
  readonly askedAt: Temporal.Instant | null;
  /** Where a deployment protection rule is answered. */
  readonly github: { readonly url: string; readonly environment: string; readonly installation: number } | null;
}

/** What an event says of a run; null: of whatever it has asked for. */
export interface RunTarget {
  readonly service: string | null;
  readonly environment: string | null;
}

/** What a delivery asks of us. */
export type HookIntent =
  | { readonly kind: "ask"; readonly question: HookQuestion }
  | { readonly kind: "result"; readonly run: string; readonly of: RunTarget; readonly result: GateResult }
  | { readonly kind: "cancel"; readonly run: string; readonly of: RunTarget; readonly reason: string }
  /** It concerns no gate; the sentence says why. */
  | { readonly kind: "ignore"; readonly sentence: string };

/** The event names the run and nothing else. */
export const wholeRun: RunTarget = { service: null, environment: null };

/** Our name for theirs: as it is mapped, or the same when it is not. */
export function mappedName(names: Readonly<Record<string, string>>, theirs: string): string {
  return Object.hasOwn(names, theirs) ? (names[theirs] ?? theirs) : theirs;
}
