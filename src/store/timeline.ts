import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import { deploymentId, instant, toTimestamp, whole } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

export const steps = [
  "lock",
  "judge",
  "preflight",
  "start-version",
  "smoke",
  "shift-traffic",
  "observe",
  "roll-back",
  "verify",
  "record",
  "stop-version",
  "wait",
] as const;

/** One line of a deployment's timeline; `name` and `phase` occur once in a deployment. */
export interface TimelineLine {
  readonly deployment: DeploymentId;
  readonly at: Temporal.Instant;
  readonly step: (typeof steps)[number];
  readonly name: string;
  readonly phase: "started" | "done" | "failed" | "info";
  readonly sentence: string;
  readonly detail: unknown;
}

/** What the proxy counted in one second for one version; `p95Ms` is null without requests. */
export interface Sample {
  readonly second: number;
  readonly arm: "control" | "canary";
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

const line = z.object({
  seq: whole,
  deployment_id: deploymentId,
  at: instant,
  step: z.enum(steps),
  name: z.string(),
  phase: z.enum(["started", "done", "failed", "info"]),
  sentence: z.string(),
  detail: z.unknown(),
});

const sample = z.object({
  second: whole,
  arm: z.enum(["control", "canary"]),
  requests: whole,
  errors: whole,
  p95_ms: z.number().nullable(),
});

/** False when the line is there already: its step is being repeated. */
export async function appendLine(client: Queryable, event: TimelineLine): Promise<boolean> {
  const detail = event.detail === undefined ? null : JSON.stringify(event.detail);
  const added = await execute(
    client,
    sql`insert into timeline_event (deployment_id, at, step, name, phase, sentence, detail)
        values (${event.deployment}, ${toTimestamp(event.at)}, ${event.step}, ${event.name}, ${event.phase},
                ${event.sentence}, ${detail})
        on conflict (deployment_id, name, phase) do nothing`,
  );
  return added === 1;
}

export async function linesOf(
  client: Queryable,
  deployment: DeploymentId,
): Promise<readonly (TimelineLine & { readonly seq: number })[]> {
  return query(
    client,
    sql`select seq, deployment_id, at, step, name, phase, sentence, detail from timeline_event
        where deployment_id = ${deployment} order by seq`,
    (value) => {
      const { deployment_id: of, detail, ...read } = line.parse(value);
      return { ...read, deployment: of, detail: detail ?? null };
    },
  );
}

export async function samplesOf(client: Queryable, deployment: DeploymentId): Promise<readonly Sample[]> {
  return query(
    client,
    sql`select second, arm, requests, errors, p95_ms from traffic_sample
        where deployment_id = ${deployment} order by second, arm`,
    (value) => {
      const { p95_ms: p95Ms, ...read } = sample.parse(value);
      return { ...read, p95Ms };
    },
  );
}
