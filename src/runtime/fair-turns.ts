import { err, ok, type Result } from "#core/result.ts";

export interface FairTurnsOptions {
  /** Turns under way at the same time. */
  readonly atOnce: number;
  /** Askers that wait beside them, at most. */
  readonly waiting: number;
}

/** `yours`: the asker has a turn already, or waits for one · `full`: as many wait as may. */
export type NoTurn = "yours" | "full";

/**
 * Turns for heavy work, one asker after the other in the order of their asking. Nobody has two, so whoever comes back for
 * his next turn stands behind everybody who waits.
 */
export function fairTurns({
  atOnce,
  waiting,
}: FairTurnsOptions): <T>(asker: string, work: () => Promise<T>) => Promise<Result<T, NoTurn>> {
  const present = new Set<string>();
  const queue: (() => void)[] = [];
  let underWay = 0;
  // A turn is handed on, so that nobody who comes at this very moment takes it.
  const next = (): void => {
    const waits = queue.shift();
    if (waits === undefined) underWay--;
    else waits();
  };
  return async (asker, work) => {
    if (present.has(asker)) return err("yours");
    if (queue.length >= waiting && underWay >= atOnce) return err("full");
    present.add(asker);
    try {
      if (underWay < atOnce) underWay++;
      else await new Promise<void>((resolve) => void queue.push(resolve));
      try {
        return ok(await work());
      } finally {
        next();
      }
    } finally {
      present.delete(asker);
    }
  };
}
