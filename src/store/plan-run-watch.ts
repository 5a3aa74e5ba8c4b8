import { z } from "zod";
import type { Oversight } from "#core/plan/oversight.ts";
import { instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, sql, type Queryable } from "./sql.ts";

/** What people look at while a run goes on. */
export interface StoredWatch {
  readonly services: readonly string[];
  readonly oversight: Oversight | null;
  readonly usualSeconds: number | null;
  readonly alertAt: Temporal.Instant | null;
  readonly overrun: StoredOverrun | null;
}

export interface StoredOverrun {
  readonly at: Temporal.Instant;
  readonly because: string;
}

export const watchColumns = {
  services: z.array(z.string()),
  overseer_asked: z.string().nullable(),
  overseer: z.string().nullable(),
  overseer_since: instant.nullable(),
  usual_seconds: whole.nullable(),
  alert_at: instant.nullable(),
  overrun_at: instant.nullable(),
  overrun_because: z.string().nullable(),
};

export function watchOf(read: z.output<z.ZodObject<typeof watchColumns>>): StoredWatch {
  const { overseer_asked: asked, overseer: person, overseer_since: since } = read;
  const { overrun_at: at, overrun_because: because } = read;
  return {
    services: read.services,
    oversight: asked === null ? null : { asked, present: person === null || since === null ? null : { person, since } },
    usualSeconds: read.usual_seconds,
    alertAt: read.alert_at,
    overrun: at === null || because === null ? null : { at, because },
  };
}

export async function overseeRun(client: Queryable, id: string, { present }: Oversight): Promise<void> {
  await execute(
    client,
    sql`update plan_run set overseer = ${present?.person ?? null}, overseer_since = ${toTimestampOrNull(present?.since)}
        where id = ${id}`,
  );
}

/** Only once: a run that is late stays so. */
export async function overrunRun(client: Queryable, id: string, { at, because }: StoredOverrun): Promise<void> {
  await execute(
    client,
    sql`update plan_run set overrun_at = ${toTimestamp(at)}, overrun_because = ${because}
        where id = ${id} and overrun_at is null`,
  );
}
