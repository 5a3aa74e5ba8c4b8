/** Work on one service runs one after the other; more than this waiting is a fault of the caller. */
const longestQueue = 32;

export interface Lanes {
  /** Runs `work` after all work of the same name; null when too much waits already. */
  readonly enter: <T>(name: string, work: () => Promise<T>) => Promise<T> | null;
}

export function lanes(): Lanes {
  const tails = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return {
    enter: (name, work) => {
      const tail = tails.get(name) ?? { waiting: 0, last: Promise.resolve() };
      if (tail.waiting >= longestQueue) return null;
      tails.set(name, tail);
      tail.waiting += 1;
      const done = tail.last.then(work).finally(() => {
        tail.waiting -= 1;
        if (tail.waiting === 0) tails.delete(name);
      });
      tail.last = done.catch(() => undefined);
      return done;
    },
  };
}
