import type { Invariant } from "./oracle.ts";
import type { Plane } from "./plane.ts";
import type { Work } from "./load.ts";

/** What an injection has done. */
export interface Injected {
  /** How often the fault has struck; 0 fails the run. */
  readonly times: number;
  /** Work that was under way, or was asked for meanwhile, and has to end. */
  readonly work: readonly Work[];
}

/** A fault of the catalogue as it is played on a plane. */
export interface Fault {
  /** Of the catalogue; several faults may play one line of it in different ways. */
  readonly id: string;
  readonly title: string;
  readonly invariants: readonly Invariant[];
  /** Why it cannot be played here; null: it can. */
  readonly lacks: (plane: Plane) => string | null;
  /** Played with the whole test suite too; the others when somebody asks for faults. */
  readonly onEveryCommit: boolean;
  /** Longer than most like to wait; played where TIDEGATE_FAULTS=all. */
  readonly isLong: boolean;
  /** Strikes and heals: when it returns, nothing is broken any more but by its own doing. */
  readonly inject: (plane: Plane) => Promise<{ readonly injected: Injected; readonly expect: () => Promise<void> }>;
}

interface Wish<T extends Injected> {
  readonly id: string;
  readonly title: string;
  readonly invariants: readonly Invariant[];
  readonly lacks?: (plane: Plane) => string | null;
  readonly onEveryCommit?: boolean;
  readonly isLong?: boolean;
  readonly inject: (plane: Plane) => Promise<T>;
  /** What has to be true beyond the invariants, once all of its work has ended. */
  readonly expect?: (plane: Plane, injected: T) => Promise<void>;
}

export function defineFault<T extends Injected>(wish: Wish<T>): Fault {
  return {
    id: wish.id,
    title: wish.title,
    invariants: wish.invariants,
    lacks: wish.lacks ?? (() => null),
    onEveryCommit: wish.onEveryCommit ?? false,
    isLong: wish.isLong ?? false,
    inject: async (plane) => {
      const injected = await wish.inject(plane);
      return { injected, expect: async () => await wish.expect?.(plane, injected) };
    },
  };
}

/** The same fault, chosen for every commit. */
export function everyCommit(fault: Fault): Fault {
  return { ...fault, onEveryCommit: true };
}
