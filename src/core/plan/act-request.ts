import type { Criterion } from "#core/criteria/criterion.ts";

/*
 * What is asked of a target for a step, fixed when the step begins, and what came of it. Both survive JSON: they are
 * stored with the step.
 */

interface Place {
  readonly environment: string;
  readonly service: string;
}

export type ActRequest =
  | (Place & { readonly do: "run-command"; readonly withinSeconds: number } & CommandCall)
  | (Place & { readonly do: "migrate"; readonly withinSeconds: number } & Migration)
  | (Place & { readonly do: "digest-data"; readonly withinSeconds: number } & DataDigest)
  | (Place & { readonly do: "start-version"; readonly version: string; readonly digest: string })
  | (Place & { readonly do: "stop-version"; readonly version: string })
  | (Place & { readonly do: "set-shares" } & Shift)
  | (Place & { readonly do: "smoke"; readonly version: string })
  | (Place & { readonly do: "observe" } & Watching)
  | (Place & { readonly do: "set-flag"; readonly project: string; readonly flag: string; readonly isOn: boolean });

export interface CommandCall {
  readonly command: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

export interface Migration {
  readonly database: string;
  readonly version: string;
  readonly digest: string;
  readonly direction: "up" | "back";
  /** Back: key of the step whose scripts are undone. */
  readonly appliedUnder: string | null;
}

export interface DataDigest {
  readonly database: string;
  readonly tables: readonly string[];
}

export interface Shift {
  readonly version: string;
  /** Has the rest. */
  readonly control: string | null;
  readonly percent: number;
}

export interface Watching {
  readonly version: string;
  readonly control: string | null;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  readonly minRequests: number;
  /** As they stood when the step began; absent: none. */
  readonly criteria?: readonly Criterion[];
  /** Of the environment; absent without criteria. */
  readonly zone?: string;
}

/** What a target showed before anything was asked of it. */
export interface SeenBefore {
  /** Version → per cent; those without any are left out. */
  readonly shares: Readonly<Record<string, number>>;
  /** Epoch second at the target. */
  readonly second: number;
  /** Of a flag, whether it was on; absent: none was looked at. */
  readonly isOn?: boolean;
}

/** What came of it. */
export interface ActAnswer {
  readonly state: "done" | "failed" | "refused" | "cancelled";
  /** One sentence for a person. */
  readonly outcome: string;
  readonly output: ActOutput | null;
  /** What has all the traffic now, as seen at the target. */
  readonly live: { readonly version: string; readonly digest: string } | null;
}

/** What a command printed: cleaned, without secrets, and cut. */
export interface ActOutput {
  readonly text: string;
  /** As printed. */
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Characters of output that are kept: the beginning, and the end, where the reason of a failure stands. */
export const outputLimits = { head: 4_096, tail: 12_288 } as const;
