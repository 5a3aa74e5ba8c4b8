import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { storedDocument, type Document } from "#config/document.ts";
import type { World } from "#core/world/world.ts";
import { judge } from "#main/bind-operations.ts";
import { bindRejudge } from "#main/bind-rejudge.ts";
import { openFactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { now } from "./catalogue.ts";
import { documentsOf } from "./documents.ts";

export interface RejudgeFigures {
  readonly work: number;
  /** From the acknowledged freeze to the last new verdict on record. */
  readonly ms: number;
  /** From the acknowledged freeze to the record of the last of those who were told otherwise. */
  readonly toldMs: number;
  readonly notices: number;
}

/** A freeze of everything for two days, which concerns all waiting work that was to go in them. */
const freeze: Document = storedDocument("Freeze", "bench-everything", {
  scope: {},
  strength: "hard",
  zone: "Europe/Berlin",
  start: "2026-03-26T00:00",
  end: "2026-05-28T00:00",
  owner: "platform",
});

/**
 * So much waiting work, judged before, is made due by a freeze that concerns all of it, as an applied configuration does;
 * a worker's own code judges it again, puts the verdicts on record and finds who was told otherwise.
 */
export async function measureRejudge(pool: Pool, world: World, work: number): Promise<RejudgeFigures> {
  let at = now;
  const clock = (): Temporal.Instant => at;
  const log = createLog({ level: "silent" });
  const memory = openFactMemory({ pool, organisations: createOrganisationCache(), now: clock, log, canGoBack: false });
  try {
    await memory.refresh();
    // Nothing may go: a freeze holds all of it.
    const rejudge = bindRejudge({ pool, memory, now: clock, judge, resume: () => Promise.resolve(0) });
    await makeDue(pool, work);
    await untilDone(rejudge);
    at = at.add({ seconds: 10 });
    const documents = [...documentsOf(world.organisation), freeze];
    await transaction(pool, (client) =>
      applyDocuments(client, { documents, at: at.subtract({ seconds: 5 }), by: "bench" }),
    );
    await makeDue(pool, work);
    const begun = performance.now();
    const done = untilDone(rejudge).then(() => performance.now() - begun);
    const { toldMs, notices } = await watchNotices(pool, begun, done);
    return { work, ms: await done, toldMs, notices };
  } finally {
    await memory.stop();
  }
}

const lookEveryMs = 25;

/** Looks at the record of who was told until all is done; the last change was seen at `toldMs`. */
async function watchNotices(
  pool: Pool,
  begun: number,
  done: Promise<number>,
): Promise<Pick<RejudgeFigures, "toldMs" | "notices">> {
  let notices = 0;
  let toldMs = 0;
  for (let isDone = false; !isDone;) {
    isDone = await Promise.race([done.then(() => true), delay(lookEveryMs, false)]);
    const { rows } = await pool.query<{ readonly count: string }>("select count(*) from notice");
    const count = Number(rows[0]?.count ?? 0);
    if (count !== notices) toldMs = performance.now() - begun;
    notices = count;
  }
  return { toldMs, notices };
}

async function untilDone(rejudge: () => Promise<number>): Promise<void> {
  while ((await rejudge()) > 0);
}

/** The same rows each time, by their ids. */
async function makeDue(pool: Pool, work: number): Promise<void> {
  await execute(
    pool,
    sql`update deployment set next_check_at = ${now.toString()}::timestamptz
        where id in (select id from deployment where state = 'waiting' order by id limit ${work})`,
  );
}
