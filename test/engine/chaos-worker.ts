import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { execute, sql } from "#store/sql.ts";
import { systemClock } from "#runtime/clock.ts";
import { createDbosEngine } from "#workflows/engine/dbos.ts";
import type { Workflow } from "#workflows/flow.ts";
import type { PgTx } from "./dbos-bench.ts";

/** A worker process for the kill tests: `node chaos-worker.ts <connection string> <ledger file> <ttl in ms>`. */
export interface Work {
  readonly name: string;
  readonly steps: number;
  readonly stepMs: number;
}

/** Every plain step writes to the ledger first and works afterwards: what is repeated is seen. */
export function workOf(ledger: string): Workflow<PgTx, Work, string> {
  return {
    name: "work",
    body: async (flow, work) => {
      for (let step = 1; step <= work.steps; step += 1) {
        await flow.step(`plain ${step}`, async (key) => {
          appendFileSync(ledger, `${work.name} ${step} ${key} ${process.pid}\n`);
          await delay(work.stepMs);
        });
        await flow.tx(`rows ${step}`, async (tx) => {
          await execute(tx, sql`insert into effect_row (name) values (${`${work.name} ${step}`})`);
        });
      }
      return "done";
    },
  };
}

async function main(connectionString: string, ledger: string, ttlMs: number): Promise<void> {
  const say = (event: unknown) => process.stdout.write(`${JSON.stringify(event)}\n`);
  const quiet = () => undefined;
  const engine = await createDbosEngine<PgTx>({
    connectionString,
    bind: (client) => client,
    clientOf: (tx) => tx,
    queues: ["runs"],
    clock: systemClock,
    log: { debug: quiet, info: quiet, warn: quiet, error: (entry) => say({ kind: "error", entry: String(entry) }) },
    ttlMs,
    queuePollMs: 50,
    report: say,
  });
  engine.register(workOf(ledger));
  await engine.launch();
  say({ kind: "ready", executor: engine.executor });
  process.on("SIGTERM", () => {
    void engine.stop().then(() => process.exit(0));
  });
}

const [connectionString, ledger, ttlMs] = process.argv.slice(2);
if (import.meta.main && connectionString !== undefined && ledger !== undefined) {
  await main(connectionString, ledger, Number(ttlMs));
}
