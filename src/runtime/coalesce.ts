export interface CoalesceOptions {
  /** Most arguments of one call. */
  readonly max: number;
  /** Calls under way at the same time; further arguments are collected for the next one. */
  readonly concurrency: number;
}

interface Pending<A, R> {
  readonly argument: A;
  readonly settle: PromiseWithResolvers<R>;
}

/**
 * Many questions, few round trips: what is asked while calls are under way goes into the next call together. A call
 * always begins after its questions were asked, so no answer is older than its question. `run` answers in the order of
 * its arguments; when it fails, all of its questions fail.
 */
export function coalesce<A, R>(
  run: (asked: readonly A[]) => Promise<readonly R[]>,
  { max, concurrency }: CoalesceOptions,
): (argument: A) => Promise<R> {
  const waiting: Pending<A, R>[] = [];
  let underWay = 0;
  const begin = (): void => {
    while (underWay < concurrency && waiting.length > 0) {
      underWay++;
      void answer(waiting.splice(0, max), run).finally(() => {
        underWay--;
        begin();
      });
    }
  };
  return (argument) => {
    const settle = Promise.withResolvers<R>();
    waiting.push({ argument, settle });
    // Whatever else arrives in this turn of the loop travels along.
    if (waiting.length === 1) queueMicrotask(begin);
    return settle.promise;
  };
}

async function answer<A, R>(
  batch: readonly Pending<A, R>[],
  run: (asked: readonly A[]) => Promise<readonly R[]>,
): Promise<void> {
  try {
    const answers = await run(batch.map(({ argument }) => argument));
    if (answers.length !== batch.length) throw new Error(`${batch.length} questions, ${answers.length} answers`);
    batch.forEach(({ settle }, place) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the lengths are equal, so there is an answer at every place.
      settle.resolve(answers[place] as R);
    });
  } catch (error) {
    for (const { settle } of batch) settle.reject(error);
  }
}
