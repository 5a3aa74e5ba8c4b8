import { cpus } from "node:os";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";

/**
 * The main job on the real system: server and worker as processes, PostgreSQL with durable commits, an agent with its
 * services. Requests go over HTTP one after the other. The bare commit of the same PostgreSQL stands beside them, so
 * that a slow disk is told apart from a slow product.
 */
const warmUp = 20;
const questions = 300;
const requests = 100;
const commits = 500;
const deployments = 6;

const documents = `apiVersion: tidegate.dev/v1
kind: ApprovalRoute
metadata: { name: bench-automatic }
spec: { scope: {}, priority: 100, approvals: 0 }
`;
/** Stages without any wait: what is left is the product's own time, not that of watching. */
const stages = [5, 25, 50, 100].map((percent) => ({ percent, minSeconds: 0, minRequests: 0 }));

const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

function line(metric: string, value: number, unit: string, samples: number): void {
  const rounded = Number(value.toFixed(3));
  console.log(JSON.stringify({ bench: "main", metric, value: rounded, unit, samples, machine }));
}

function quantiles(metric: string, times: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const found = { p50: at(0.5), p99: at(0.99) };
  line(`${metric} p50`, found.p50, "ms", times.length);
  line(`${metric} p99`, found.p99, "ms", times.length);
  return found;
}

async function timed(count: number, act: (index: number) => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    await act(index);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function must(outcome: { readonly ok: boolean }): void {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
}

/** One small row per transaction on one connection: what the disk and PostgreSQL allow. */
async function bareCommit(on: Installation): Promise<number> {
  const client = await on.pool.connect();
  try {
    await client.query("create table bench_commit (id bigint primary key, at timestamptz not null)");
    const times = await timed(commits, async (index) => {
      await client.query("insert into bench_commit values ($1, now())", [index]);
    });
    return quantiles("bare commit", times).p50;
  } finally {
    await client.query("drop table if exists bench_commit");
    client.release();
  }
}

/** No worker looks at this: what is requested stays where the request left it. */
async function measureRequests(): Promise<void> {
  await using on = await startInstallation({
    without: ["worker"],
    ordersPerSecond: 0,
    services: ["redis-cart", "cart"],
    documents,
    stages,
  });
  const commit = await bareCommit(on);
  const chen = on.as("chen");
  const question = { service: "ad", version: "1.1.0", environment };
  const ask = async (): Promise<void> => must(await chen.askVerdict({ body: question }));
  await timed(warmUp, ask);
  const asked = quantiles("POST /v1/verdicts", await timed(questions, ask));
  line("POST /v1/verdicts p50 / bare commit p50", asked.p50 / commit, "ratio", questions);
  const request = async (index: number): Promise<void> => {
    const version = `2.0.${index}`;
    must(await chen.requestDeployment({ body: { service: "email", version, environment } }));
  };
  for (let index = 0; index < warmUp + requests; index++) {
    const digest = `sha256:${index.toString(16).padStart(64, "0")}`;
    must(await chen.registerArtifact({ body: { service: "email", version: `2.0.${index}`, digest } }));
  }
  await timed(warmUp, request);
  const requested = quantiles("POST /v1/deployments", await timed(requests, (index) => request(warmUp + index)));
  line("POST /v1/deployments p50 / bare commit p50", requested.p50 / commit, "ratio", requests);
}

async function measureDeployments(): Promise<void> {
  await using on = await startInstallation({
    ordersPerSecond: 0,
    services: ["redis-cart", "cart"],
    documents,
    stages,
  });
  const times: number[] = [];
  const visible: number[] = [];
  for (let index = 0; index < deployments; index++) {
    const version = index % 2 === 0 ? "1.1.0" : "1.0.0";
    const watching = new AbortController();
    const following = follow(on, watching.signal, visible);
    const startedAt = performance.now();
    const asked = await on.as("chen").requestDeployment({ body: { service: "cart", version, environment } });
    if (!asked.ok) throw new Error(JSON.stringify(asked.problem));
    const { id } = asked.body;
    await until("the deployment has ended", async () => {
      const shown = await on.as("chen").getDeployment({ params: { id } });
      return shown.ok && shown.body.state === "succeeded";
    });
    times.push(performance.now() - startedAt);
    watching.abort();
    await following;
  }
  quantiles("deployment of four stages without waits", times);
  quantiles("event committed → received over the stream", visible);
}

/** Event times are PostgreSQL's clock and ours is the same machine's, so their difference is the way of the event. */
async function follow(on: Installation, signal: AbortSignal, visible: number[]): Promise<void> {
  try {
    for await (const event of on.as("hana").events({ signal })) {
      if (event.kind !== "timeline") continue;
      const now = performance.timeOrigin + performance.now();
      visible.push(now - Temporal.Instant.from(event.at).epochMilliseconds);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

await measureRequests();
await measureDeployments();
