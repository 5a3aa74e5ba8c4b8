import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { openLoadPlane } from "./plane.ts";
import { line, quantiles, rate } from "./report.ts";

/*
 * Runs that wait for one instant and two workers as processes: how late they go on. TIDEGATE_BENCH_RUNS: how many; 10,000
 * when left out.
 */

const waiting = Number(process.env["TIDEGATE_BENCH_RUNS"] ?? 10_000);
const lanes = 8;
/** How fast runs begin here at least; the instant lies behind the last of them. */
const begunPerSecond = 60;
const settleMs = 60_000;
const endMs = 600_000;
/** Of each run behind the instant: the wait ends, the last step begins and ends. */
const transitions = 3;

function runbookUntil(instant: Temporal.Instant): string {
  return `---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: wait }
spec:
  owner: crew
  within: PT8H
  steps:
    - { name: wait, timeout: PT2H, waitUntil: "${instant.toString()}" }
    - { name: thank, after: [wait], record: It went on. }
  rollback: [{ name: look, timeout: PT1H, record: Look. }]
`;
}

export async function measureWoken(): Promise<void> {
  const now = Temporal.Instant.fromEpochMilliseconds(Math.round(performance.timeOrigin + performance.now()));
  const at = now.add({ milliseconds: Math.ceil((waiting * 1000) / begunPerSecond) + settleMs });
  await using plane = await openLoadPlane({ quick: ["q0"], slow: ["s0"] }, runbookUntil(at));
  const { olga, pool } = plane;
  const start = async (): Promise<void> => {
    answerOf(await olga.startRun({ body: { runbook: "wait", reason: "A measurement." } }));
  };
  const begun = await rate(waiting, lanes, start);
  line("runs begun over HTTP, beside two workers", begun, "1/s", waiting);
  const late = performance.timeOrigin + performance.now() - at.epochMilliseconds;
  if (late > 0) throw new Error(`the last run began ${Math.round(late)} ms behind the instant`);
  const ended = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ n: string }>("select count(*) as n from plan_run where state = 'succeeded'");
    return Number(rows[0]?.n ?? 0) === waiting;
  };
  await until("all have ended", ended, endMs);
  const { rows } = await pool.query<{ ms: number }>(
    "select extract(epoch from ended_at - $1::timestamptz)::float * 1000 as ms from plan_run",
    [at.toString()],
  );
  const times = rows.map(({ ms }) => ms);
  quantiles(`${waiting} waiting runs, two workers: instant → ended`, times);
  line("durable step transitions of two workers", (waiting * transitions * 1000) / Math.max(...times), "1/s", waiting);
}
