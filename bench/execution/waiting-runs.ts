import { openPlans, type PlanPlane } from "#test/plan/plane.ts";
import { line, rate } from "./report.ts";

/**
 * Runs of plans on a real PostgreSQL with durable commits and the audit on: how many begin in a second, how late those wake
 * that wait for the same instant, and what a waiting one costs. The bare commit of the same PostgreSQL stands beside them.
 * TIDEGATE_BENCH_RUNS: how many wait; 10,000 when left out.
 */
const waiting = Number(process.env["TIDEGATE_BENCH_RUNS"] ?? 10_000);
const commits = 2_000;
/** Askers at the same time. */
const lanes = 8;

const documents = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: wait }
spec:
  owner: checkout
  within: PT8H
  steps:
    - { name: announce, record: It waits. }
    - { name: soak, after: [announce], soak: PT1H }
    - { name: thank, after: [soak], record: It went on. }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`;

async function bareCommits({ store }: PlanPlane): Promise<number> {
  await store.pool.query("create table bench_commit (id bigint primary key, at timestamptz not null)");
  return await rate(commits, lanes, (index) =>
    store.pool.query("insert into bench_commit values ($1, now())", [index]),
  );
}

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

export async function measureWaitingRuns(): Promise<void> {
  await using plane = await openPlans(documents);
  const bare = await bareCommits(plane);
  line("bare commits", bare, "1/s", commits);

  const before = heap();
  const begun = await rate(waiting, lanes, () => plane.start("wait"));
  line("runs begun, two steps each", begun, "1/s", waiting);
  line("step transitions at the begin", begun * 3, "1/s", waiting);
  line("bare commits / runs begun", bare / begun, "1", waiting);
  line("memory of a waiting run", Math.max(0, heap() - before) / waiting, "B", waiting);

  plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
  const wokenAt = performance.now();
  const looked = plane.look();
  /** How many were over at which millisecond behind their instant. */
  const seen: (readonly [ms: number, over: number])[] = [];
  const ended = async (): Promise<number> => {
    const found = await plane.store.pool.query<{ n: string }>(
      "select count(*) as n from plan_run where state = 'succeeded'",
    );
    return Number(found.rows[0]?.n ?? 0);
  };
  for (let over = 0; over < waiting;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    over = await ended();
    seen.push([performance.now() - wokenAt, over]);
  }
  await looked;
  for (const share of [0.5, 0.99, 1]) {
    const at = seen.find(([, over]) => over >= Math.ceil(share * waiting))?.[0] ?? Number.NaN;
    line(`${waiting} waiting runs woken, one worker, ${share === 1 ? "all" : `p${share * 100}`}`, at, "ms", waiting);
  }
}
