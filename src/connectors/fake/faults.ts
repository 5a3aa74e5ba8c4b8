import type { Failure } from "#connectors/port.ts";

/** The calls of a deployer that can go wrong. */
export type Operation =
  | "observe"
  | "startVersion"
  | "smoke"
  | "shift"
  | "stopVersion"
  | "traffic"
  | "reach"
  | "proveControls";

/**
 * What goes wrong (fault catalogue N1 to N6).
 * `slow`: right, but late. `hang`: nothing until `release`, then a time-out without effect. `unreachable`: nothing
 * happened. `lost-answer`: it happened, the caller hears of a failure. `garbage`: it happened, the answer is unreadable.
 * `lie`: it is reported as done and did not happen. `refused`: a failure that no repetition mends.
 */
export type Fault =
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "hang" | "unreachable" | "lost-answer" | "garbage" | "lie" | "refused" };

export interface Faults {
  /** The next `times` calls of the operation meet the fault; the default is every call until `clear`. */
  readonly inject: (operation: Operation, fault: Fault, times?: number) => void;
  readonly clear: () => void;
  /** Ends every call that hangs. */
  readonly release: () => void;
  /** Calls that hang now. */
  readonly hanging: () => number;
}

export interface FaultSwitches extends Faults {
  readonly take: (operation: Operation) => Fault | null;
  readonly hang: () => Promise<void>;
}

export function faultSwitches(): FaultSwitches {
  const armed = new Map<Operation, { readonly fault: Fault; left: number }>();
  let waiting: (() => void)[] = [];
  return {
    inject: (operation, fault, times = Number.POSITIVE_INFINITY) => {
      armed.set(operation, { fault, left: times });
    },
    clear: () => armed.clear(),
    release: () => {
      const ended = waiting;
      waiting = [];
      for (const end of ended) end();
    },
    hanging: () => waiting.length,
    take: (operation) => {
      const entry = armed.get(operation);
      if (entry === undefined || entry.left <= 0) return null;
      entry.left -= 1;
      return entry.fault;
    },
    hang: () => new Promise((resolve) => waiting.push(resolve)),
  };
}

const heard = {
  slow: null,
  lie: null,
  hang: { code: "timeout", message: "The target did not answer in time; ask again.", retry: "later" },
  unreachable: { code: "unreachable", message: "The target cannot be reached; ask again.", retry: "later" },
  "lost-answer": { code: "connection-lost", message: "The connection broke before the answer.", retry: "later" },
  garbage: { code: "bad-answer", message: "The target's answer cannot be read; ask again.", retry: "later" },
  refused: { code: "refused", message: "The target refuses the call; its operator must look.", retry: "never" },
} as const satisfies Record<Fault["kind"], Failure | null>;

/** What the caller hears; null when the fault does not show in the answer. */
export function failureOf(fault: Fault): Failure | null {
  return heard[fault.kind];
}
