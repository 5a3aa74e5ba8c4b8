import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { z } from "zod";
import type { Client, Refusal } from "#contract/client.ts";
import { query, sql } from "#store/sql.ts";
import { endStates } from "#test/crash/injection.ts";
import { until } from "#test/support/installation.ts";
import { environments, services, versions, type Account, type Environment, type Service } from "./configuration.ts";
import type { Targets } from "./target.ts";

/** What a client was told: under this key there is this piece of work. */
export interface Acknowledged {
  readonly kind: "deployment" | "run";
  readonly key: string;
  readonly id: string;
  /** How often it was asked for until an answer came. */
  readonly attempts: number;
}

export interface Work extends Acknowledged {
  /** For the same question again. */
  readonly ask: (key: string) => Promise<Answer>;
}

type Answer = { readonly ok: true; readonly body: { readonly id: string } } | Refusal;

/** Where a release may go: nobody else is there. */
export interface Place {
  readonly service: Service;
  readonly environment: Environment;
}

/** Clients that ask under a key until they are answered, as pipelines do, and remember every answer: the ledger of clients. */
export interface Load {
  readonly acknowledged: readonly Work[];
  /** Releases the version that is not live, in one of the first four environments or in the one that is named. */
  readonly deploy: (environment?: Environment) => Promise<Work>;
  readonly run: (runbook: string, more?: { readonly urgent?: boolean }) => Promise<Work>;
  /** So many of both, asked at the same time. */
  readonly some: (deployments: number, runs: number) => Promise<readonly Work[]>;
  readonly statesOf: (work: readonly Acknowledged[]) => Promise<ReadonlyMap<string, string>>;
  /** Seconds until all have ended; throws what is left after the limit. */
  readonly ended: (work: readonly Acknowledged[], withinMs?: number) => Promise<number>;
  readonly reaches: (work: Acknowledged, state: string) => Promise<void>;
  readonly newKey: () => string;
  /** What a fault has asked for in a way of its own. */
  readonly remember: (work: Omit<Work, "attempts">, place?: Place) => Work;
  readonly placeOf: (work: Acknowledged) => Place | undefined;
}

export interface LoadParts {
  readonly pool: Pool;
  readonly as: (account: Account) => Client;
  readonly targets: Targets;
}

const askWithinMs = 90_000;
const askAgainMs = 100;
/** Longest time after the end of a fault until everything has ended without a hand (I17). */
export const drainWithinMs = 90_000;

const ordinary: readonly Environment[] = environments.filter((environment) => environment !== "watched");

export function openLoad({ pool, as, targets }: LoadParts): Load {
  const acknowledged: Work[] = [];
  const places = new Map<string, Place>();
  const turns = new Map<Environment, number>();
  let turn = 0;
  let keys = 0;
  const newKey = (): string => `faults-${process.pid}-${++keys}`;
  /** Another service each time, so that releases of one environment queue and never meet in one service. */
  const placeIn = (environment: Environment): Place => {
    const at = turns.get(environment) ?? 0;
    turns.set(environment, at + 1);
    return { environment, service: services[at % services.length] ?? "cart" };
  };
  const tryNote = async (kind: Work["kind"], ask: Work["ask"]): Promise<Work | null> => {
    const key = newKey();
    const answer = await askStubbornly(ask, key);
    if (answer === "already-live") return null;
    const work: Work = { kind, key, ...answer, ask };
    acknowledged.push(work);
    return work;
  };
  const note = async (kind: Work["kind"], ask: Work["ask"]): Promise<Work> => {
    const work = await tryNote(kind, ask);
    if (work === null) throw new Error(`a ${kind} that brings nothing was asked for`);
    return work;
  };
  const deploy = async (environment = ordinary[turn++ % ordinary.length] ?? "e1"): Promise<Work> => {
    const place = placeIn(environment);
    for (;;) {
      const live = targets.truth(place).find(({ percent }) => percent === 100)?.version;
      const version = versions.find((each) => each !== live) ?? versions[0];
      const ask: Work["ask"] = (key) => as("olga").requestDeployment({ body: { ...place, version }, key });
      const work = await tryNote("deployment", ask);
      // A release before it may have gone live in between: then the other version is news there.
      if (work === null) continue;
      places.set(work.id, place);
      return work;
    }
  };
  const run = (runbook: string, more: { readonly urgent?: boolean } = {}): Promise<Work> =>
    note("run", (key) => as("olga").startRun({ body: { runbook, reason: "A test.", ...more }, key }));
  const statesOf = (work: readonly Acknowledged[]): Promise<ReadonlyMap<string, string>> => statesIn(pool, work);
  return {
    acknowledged,
    deploy,
    run,
    some: async (deployments, runs) =>
      await Promise.all([
        ...Array.from({ length: deployments }, () => deploy()),
        ...Array.from({ length: runs }, () => run("two-calls")),
      ]),
    statesOf,
    ended: async (work, withinMs = drainWithinMs) => {
      const startedAt = performance.now();
      let open = "";
      const all = async (): Promise<boolean> => {
        const states = await statesOf(work);
        open = work
          .filter(({ id }) => !endStates.has(states.get(id) ?? "absent"))
          .map(({ id }) => `${id} ${states.get(id) ?? "absent"}`)
          .join(", ");
        return open === "";
      };
      await until("everything has ended", all, withinMs).catch(async (error: unknown) => {
        throw new Error(`${String(error)}: ${open}\n${await whyWaiting(pool)}`, { cause: error });
      });
      return (performance.now() - startedAt) / 1000;
    },
    reaches: (work, state) =>
      until(`${work.id} is ${state}`, async () => (await statesOf([work])).get(work.id) === state),
    newKey,
    remember: (asked, place) => {
      const work: Work = { ...asked, attempts: 1 };
      acknowledged.push(work);
      if (place !== undefined) places.set(work.id, place);
      return work;
    },
    placeOf: ({ id }) => places.get(id),
  };
}

/** Failures that say nothing about what happened, or ask for patience. */
function isWorthAsking({ problem }: Refusal): boolean {
  return problem.status === 0 || problem.status >= 500 || problem.status === 429 || problem.status === 409;
}

async function askStubbornly(
  ask: Work["ask"],
  key: string,
): Promise<{ readonly id: string; readonly attempts: number } | "already-live"> {
  const deadline = performance.now() + askWithinMs;
  for (let attempts = 1; ; attempts++) {
    const answer = await ask(key);
    if (answer.ok) return { id: answer.body.id, attempts };
    const { code, title, detail } = answer.problem;
    if (code === "already-live") return code;
    if (!isWorthAsking(answer) || performance.now() > deadline) throw new Error(`${code}: ${title} ${detail}`);
    await delay(askAgainMs);
  }
}

async function statesIn(pool: Pool, work: readonly Acknowledged[]): Promise<ReadonlyMap<string, string>> {
  const ids = work.map(({ id }) => id);
  const row = z.object({ id: z.string(), state: z.string() });
  const found = await query(
    pool,
    sql`select id, state from deployment where id = any(${ids}) union all select id, state from plan_run where id = any(${ids})`,
    row,
  );
  return new Map(found.map(({ id, state }) => [id, state]));
}

/** What is known of releases that wait: when each is looked at again, and what its verdicts said. */
async function whyWaiting(pool: Pool): Promise<string> {
  const row = z.object({ told: z.string() });
  const found = await query(
    pool,
    sql`select concat_ws(' ', d.id, d.environment, 'looked at again', d.next_check_at, 'now', now(), v.gate, v.at, v.decision,
          jsonb_path_query_array(v.verdict::jsonb, '$.findings[*] ? (@.outcome != "pass" && @.outcome != "not-applicable").sentence')) as told
        from deployment d join verdict v on v.deployment_id = d.id where d.state = 'waiting' order by d.id, v.at desc limit 20`,
    row,
  );
  return found.map(({ told }) => told).join("\n");
}
