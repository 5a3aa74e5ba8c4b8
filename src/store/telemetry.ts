import { createHash } from "node:crypto";
import { z } from "zod";
import { pointKinds, type ReceivedLog, type ReceivedPoint } from "#core/criteria/otlp.ts";
import type { ReceivedSeries } from "#core/criteria/received-series.ts";
import { metricLimits, type SecondSpan } from "#core/criteria/series.ts";
import { whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** Series, and classes of errors, of one service in one environment: labels that never repeat fill no disk. */
const placeLimit = 300;
/** Series that a document asks for have room behind what others have filled. */
const askedLimit = 2 * placeLimit;

interface Place {
  readonly service: string;
  readonly environment: string;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** What was there already stays as it came first; new series beyond the limit of a place are refused with their points. */
export async function addPoints(
  client: Queryable,
  points: readonly ReceivedPoint[],
  asked: ReadonlySet<string> = new Set(),
): Promise<{ readonly refused: number }> {
  if (points.length === 0) return { refused: 0 };
  const rows = JSON.stringify(points.map((point) => ({ ...point, labels: labelsText(point.labels) })));
  const isAsked = sql`metric = any(${[...asked]}::text[])`;
  await execute(
    client,
    sql`insert into telemetry_series (service, environment, metric, labels, kind)
        select service, environment, metric, labels, kind from (
          select n.*, row_number() over (partition by n.service, n.environment order by ${isAsked} desc)
                      + (select count(*) from telemetry_series s
                         where s.service = n.service and s.environment = n.environment) as place
          from (select distinct service, environment, metric, labels, kind
                from jsonb_to_recordset(${rows}::jsonb)
                  as p(service text, environment text, metric text, labels text, kind text)
                except select service, environment, metric, labels, kind from telemetry_series) n) l
        where place <= case when ${isAsked} then ${askedLimit}::integer else ${placeLimit}::integer end
        order by 1, 2, 3, 4, 5
        on conflict do nothing`,
  );
  const known = await queryOne(
    client,
    sql`with p as (
          select s.id, p.second, p.value
          from jsonb_to_recordset(${rows}::jsonb)
            as p(service text, environment text, metric text, labels text, kind text, second bigint, value double precision)
          join telemetry_series s using (service, environment, metric, labels, kind)),
        added as (
          insert into telemetry_point (series_id, second, value)
          select id, second, value from p order by id, second on conflict do nothing)
        select count(*) as known from p`,
    z.object({ known: whole }),
  );
  await beat(client, "metrics", points);
  return { refused: points.length - (known?.known ?? 0) };
}

/** Errors are counted by class, version and second; every record is a sign of life. */
export async function addLogs(client: Queryable, logs: readonly ReceivedLog[]): Promise<{ readonly refused: number }> {
  if (logs.length === 0) return { refused: 0 };
  const errors = logs.flatMap(({ pattern, ...log }) =>
    pattern === null
      ? []
      : [{ ...log, pattern, fingerprint: createHash("sha256").update(pattern, "utf8").digest("hex") }],
  );
  const rows = JSON.stringify(errors);
  await execute(
    client,
    sql`insert into log_class (service, environment, fingerprint, pattern)
        select service, environment, fingerprint, pattern from (
          select n.*, row_number() over (partition by n.service, n.environment)
                      + (select count(*) from log_class c
                         where c.service = n.service and c.environment = n.environment) as place
          from (select distinct on (service, environment, fingerprint) service, environment, fingerprint, pattern
                from jsonb_to_recordset(${rows}::jsonb)
                  as e(service text, environment text, fingerprint text, pattern text)
                where not exists (select 1 from log_class c
                                  where c.service = e.service and c.environment = e.environment
                                    and c.fingerprint = e.fingerprint)) n) l
        where place <= ${placeLimit}
        order by 1, 2, 3
        on conflict do nothing`,
  );
  const known = await queryOne(
    client,
    sql`with e as (
          select c.id, e.version, e.second, count(*)::integer as count
          from jsonb_to_recordset(${rows}::jsonb)
            as e(service text, environment text, version text, second bigint, fingerprint text)
          join log_class c using (service, environment, fingerprint)
          group by 1, 2, 3),
        added as (
          insert into log_count (class_id, version, second, count)
          select id, version, second, count from e order by 1, 2, 3
          on conflict (class_id, version, second) do update set count = log_count.count + excluded.count)
        select coalesce(sum(count), 0) as known from e`,
    z.object({ known: whole }),
  );
  await beat(client, "logs", logs);
  return { refused: errors.length - (known?.known ?? 0) };
}

async function beat(
  client: Queryable,
  signal: "metrics" | "logs",
  records: readonly (Place & { readonly second: number })[],
): Promise<void> {
  const rows = JSON.stringify(records.map(({ service, environment, second }) => ({ service, environment, second })));
  await execute(
    client,
    sql`insert into telemetry_beat (service, environment, signal, second)
        select service, environment, ${signal}, max(second)
        from jsonb_to_recordset(${rows}::jsonb) as r(service text, environment text, second bigint)
        group by 1, 2 order by 1, 2
        on conflict (service, environment, signal)
        do update set second = greatest(telemetry_beat.second, excluded.second)`,
  );
}

const labels = z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text)));
const pointRow = z.object({ id: whole, labels, kind: z.enum(pointKinds), second: whole, value: z.number() });

/** In the order of time; one point more than an answer may have tells that there are too many. */
export async function receivedSeries(
  client: Queryable,
  about: Place & { readonly metric: string; readonly span: SecondSpan },
): Promise<readonly ReceivedSeries[]> {
  const rows = await query(
    client,
    sql`select s.id, s.labels, s.kind, p.second, p.value
        from telemetry_series s join telemetry_point p on p.series_id = s.id
        where s.service = ${about.service} and s.environment = ${about.environment} and s.metric = ${about.metric}
          and p.second >= ${about.span.from} and p.second < ${about.span.until}
        order by s.id, p.second limit ${metricLimits.points + 1}`,
    pointRow,
  );
  return [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((points) => {
    const [first] = points;
    if (first === undefined) return [];
    const { kind } = first;
    return [{ labels: first.labels, kind, points: points.map(({ second, value }) => ({ atSecond: second, value })) }];
  });
}

/** Errors of the version, of classes that no other version has had as far as anything is kept. */
export async function newErrors(
  client: Queryable,
  about: Place & { readonly version: string; readonly span: SecondSpan },
): Promise<readonly { readonly pattern: string; readonly second: number; readonly count: number }[]> {
  return query(
    client,
    sql`select c.pattern, n.second, n.count
        from log_class c join log_count n on n.class_id = c.id and n.version = ${about.version}
        where c.service = ${about.service} and c.environment = ${about.environment}
          and n.second >= ${about.span.from} and n.second < ${about.span.until}
          and not exists (select 1 from log_count o where o.class_id = c.id and o.version <> ${about.version})
        order by c.id, n.second limit ${metricLimits.points + 1}`,
    z.object({ pattern: z.string(), second: whole, count: whole }),
  );
}

export async function newestLog(client: Queryable, { service, environment }: Place): Promise<number | null> {
  const found = await queryOne(
    client,
    sql`select second from telemetry_beat
        where service = ${service} and environment = ${environment} and signal = 'logs'`,
    z.object({ second: whole }),
  );
  return found?.second ?? null;
}

/** Removes what is older, and series and classes of which nothing is left, a bounded number at a time. */
export async function pruneTelemetry(client: Queryable, beforeSecond: number, limit: number): Promise<number> {
  const points = await execute(
    client,
    sql`delete from telemetry_point where ctid = any (array(
          select ctid from telemetry_point where second < ${beforeSecond} limit ${limit}))`,
  );
  const counts = await execute(
    client,
    sql`delete from log_count where ctid = any (array(
          select ctid from log_count where second < ${beforeSecond} limit ${limit}))`,
  );
  await execute(
    client,
    sql`delete from telemetry_series s where not exists (select 1 from telemetry_point p where p.series_id = s.id)`,
  );
  await execute(
    client,
    sql`delete from log_class c where not exists (select 1 from log_count n where n.class_id = c.id)`,
  );
  return points + counts;
}
