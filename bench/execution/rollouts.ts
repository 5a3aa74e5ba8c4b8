import { setTimeout as delay } from "node:timers/promises";
import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { openLoadPlane, services, versions, workers, type LoadPlane, type Place, type Version } from "./plane.ts";
import { line, quantiles } from "./report.ts";

/*
 * Rollouts at a fixed rate of arrival, a burst, and thousands under way of which one worker dies. What clients were told,
 * what the database says and what the targets' ledger says must agree behind each of them; otherwise it throws.
 * TIDEGATE_BENCH_SECONDS: how long the steady rate lasts; 600 when left out. TIDEGATE_BENCH_FLIGHT: how many are under way;
 * 2,000 when left out.
 */
const steady = { perSecond: 2, seconds: Number(process.env["TIDEGATE_BENCH_SECONDS"] ?? 600) };
const burst = { perSecond: 20, seconds: 60 };
const inFlight = Number(process.env["TIDEGATE_BENCH_FLIGHT"] ?? 2_000);
/** Enough that a place is free again when its turn comes. */
const quickEnvironments = 800;
const drainMs = 900_000;

interface Told extends Place {
  readonly id: string;
  readonly version: Version;
}

/** Asks at fixed instants, whether or not the ones before have been answered. */
async function arrive(plane: LoadPlane, places: Iterator<Place>, load: typeof steady): Promise<readonly Told[]> {
  const count = load.perSecond * load.seconds;
  const startedAt = performance.now();
  const asked: Promise<Told>[] = [];
  const late: number[] = [];
  for (let index = 0; index < count; index++) {
    const intended = startedAt + (index * 1000) / load.perSecond;
    await delay(Math.max(0, intended - performance.now()));
    const place: Place = places.next().value;
    asked.push(ask(plane, place).finally(() => late.push(performance.now() - intended)));
  }
  const told = await Promise.all(asked);
  quantiles(`${load.perSecond} rollouts/s for ${load.seconds} s: intended start → answered`, late);
  return told;
}

/** The version that is not live there. */
async function ask({ olga, targets }: LoadPlane, place: Place): Promise<Told> {
  const live = targets.truth(place).find(({ percent }) => percent === 100)?.version;
  const version = versions.find((each) => each !== live) ?? versions[0];
  const { id } = answerOf(await olga.requestDeployment({ body: { ...place, version } }));
  return { ...place, id, version };
}

function* allPlaces(environments: readonly string[]): Generator<Place, never> {
  for (;;) for (const service of services) for (const environment of environments) yield { environment, service };
}

async function countIn({ pool }: LoadPlane, told: readonly Told[], state: string): Promise<number> {
  const { rows } = await pool.query<{ n: string }>(
    "select count(*) as n from deployment where id = any($1) and state = $2",
    [told.map(({ id }) => id), state],
  );
  return Number(rows[0]?.n ?? 0);
}

/** All have gone live, by the database and by the targets; otherwise it throws. */
async function settle(plane: LoadPlane, told: readonly Told[], name: string): Promise<void> {
  const drainedFrom = performance.now();
  await until("all have gone live", async () => (await countIn(plane, told, "succeeded")) === told.length, drainMs);
  line(`${name}: last asked → all live`, performance.now() - drainedFrom, "ms", told.length);
  const { rows } = await plane.pool.query<{ ms: number }>(
    "select extract(epoch from ended_at - requested_at)::float * 1000 as ms from deployment where id = any($1)",
    [told.map(({ id }) => id)],
  );
  quantiles(
    `${name}: asked → live`,
    rows.map(({ ms }) => ms),
  );
  const last = new Map(told.map((each) => [`${each.environment} ${each.service}`, each]));
  for (const { environment, service, version } of last.values()) {
    const live = plane.targets.truth({ environment, service }).find(({ percent }) => percent === 100);
    if (live?.version !== version) throw new Error(`${service} in ${environment} is ${live?.version}, not ${version}`);
  }
  const shifts = plane.targets.ledger.filter(({ outcome }) => outcome !== "applied");
  line(`${name}: effects refused or repeated at the targets`, shifts.length, "1", told.length);
}

/** As many as can be are under way; the worker that has most of them dies. */
async function measureTakeOver(plane: LoadPlane, slow: readonly string[]): Promise<void> {
  const told: Told[] = [];
  const startedAt = performance.now();
  const [service] = services;
  for (let at = 0; at < slow.length; at += 16) {
    told.push(
      ...(await Promise.all(slow.slice(at, at + 16).map((environment) => ask(plane, { environment, service })))),
    );
  }
  const watched = async (): Promise<number> => {
    const { rows } = await plane.pool.query<{ n: string }>(
      "select count(distinct deployment_id) as n from timeline_event where deployment_id = any($1) and name = 'shift to 50 %'",
      [told.map(({ id }) => id)],
    );
    return Number(rows[0]?.n ?? 0);
  };
  await until("all are under way", async () => (await watched()) === told.length, drainMs);
  line(`${told.length} rollouts brought under way`, performance.now() - startedAt, "ms", told.length);
  const held = async (): Promise<ReadonlyMap<string, number>> => {
    const { rows } = await plane.pool.query<{ executor: string; n: string }>(
      "select executor_id as executor, count(*) as n from dbos.workflow_status where status = 'PENDING' group by 1",
    );
    return new Map(rows.map(({ executor, n }) => [executor, Number(n)]));
  };
  const before = await held();
  for (const [index, count] of [...before.values()].entries())
    line(`held by worker ${index + 1}`, count, "1", told.length);
  const killedAt = performance.now();
  await plane.processes.kill(workers[0]);
  let first = Number.NaN;
  const gone = async (): Promise<boolean> => {
    const now = await held();
    const [most] = [...now.values()].toSorted((a, b) => b - a);
    if (Number.isNaN(first) && (most ?? 0) > Math.max(...before.values())) first = performance.now() - killedAt;
    return now.size === 1 && (most ?? 0) >= told.length;
  };
  await until("the other worker has all of them", gone, drainMs);
  line("kill -9 of a worker → first of its rollouts resumed", first, "ms", told.length);
  line("kill -9 of a worker → all of its rollouts resumed", performance.now() - killedAt, "ms", told.length);
}

export async function measureRollouts(): Promise<void> {
  const quick = Array.from({ length: quickEnvironments }, (_, index) => `q${index}`);
  const slow = Array.from({ length: inFlight }, (_, index) => `s${index}`);
  await using plane = await openLoadPlane({ quick, slow });
  const free = allPlaces(quick);
  for (const load of [steady, burst]) {
    const name = `${load.perSecond} rollouts/s for ${load.seconds} s`;
    await settle(plane, await arrive(plane, free, load), name);
  }
  await measureTakeOver(plane, slow);
}
