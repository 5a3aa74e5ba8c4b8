/**
 * Which test files may run beside each other. Two lanes take files side by side; the files named here come after them,
 * one at a time, with nothing beside them. Whatever measures how long something takes belongs here.
 */
export const alone: readonly string[] = [
  // Starts of the demonstration within seconds.
  "test/fresh-clone/fresh-clone.e2e.test.ts",
  // From an event to the screen, in milliseconds.
  "test/browser/main-job.browser.e2e.test.ts",
  "test/web/deeds.browser.e2e.test.ts",
  "test/web/pages.browser.e2e.test.ts",
  // Slow senders against the limits of a socket.
  "test/security/socket.e2e.test.ts",
  // A primary that dies in the middle of work, and workers that look for the next one within seconds.
  "test/faults/failover.e2e.test.ts",
  // A command that has to start before a release of a few seconds has ended.
  "test/main-job/command-line.e2e.test.ts",
  // Leases of a second and a half, which a busy machine lets run out.
  "test/engine/chaos.e2e.test.ts",
  "src/workflows/engine/lease.db.test.ts",
];

/** Files that one process runs to its end. */
export interface Job {
  readonly title: string;
  readonly files: readonly string[];
}

export interface Plan {
  /** What each lane has for its own. */
  readonly lanes: readonly (readonly Job[])[];
  readonly alone: readonly Job[];
}

/**
 * Tests that need nothing are one job, every other file is one of its own. PostgreSQL keeps the first lane busy; the files of
 * the second wait more than they compute, so the two leave each other room.
 */
export function planOf(files: readonly string[]): Plan {
  const kindOf = (file: string): string => /\.(db|e2e)\.test\.ts$/.exec(file)?.[1] ?? "unit";
  const of = (kind: string): readonly string[] =>
    files.filter((file) => kindOf(file) === kind && !alone.includes(file));
  const single = (file: string): Job => ({ title: file, files: [file] });
  const unit = of("unit");
  const pure = unit.length === 0 ? [] : [{ title: `${unit.length} files that need nothing`, files: unit }];
  return {
    lanes: [[...pure, ...of("db").map(single)], of("e2e").map(single)],
    alone: alone.filter((file) => files.includes(file)).map(single),
  };
}

/**
 * Works through all lanes at once; `work` gets the number of the lane that has taken the job. A lane that has done its own
 * takes from the end of the longest that is left.
 */
export async function drain(
  lanes: readonly (readonly Job[])[],
  work: (job: Job, lane: number) => Promise<void>,
): Promise<void> {
  const queues = lanes.map((jobs) => [...jobs]);
  const take = (own: Job[]): Job | undefined =>
    own.shift() ?? queues.toSorted((left, right) => right.length - left.length)[0]?.pop();
  await Promise.all(
    queues.map(async (own, lane) => {
      for (let job = take(own); job !== undefined; job = take(own)) await work(job, lane);
    }),
  );
}
