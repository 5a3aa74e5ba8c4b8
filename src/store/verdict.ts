import { z } from "zod";
import { canonical } from "#core/audit/canonical.ts";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import type { DeploymentId, VerdictId } from "#core/id.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { factsToJson } from "#core/policy/facts-codec.ts";
import { outcomes, remedyKinds } from "#core/policy/finding.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { decisions, type Verdict } from "#core/policy/verdict.ts";
import { instant, toTimestamp, verdictId } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** Where a verdict was asked for. */
export type VerdictGate = "question" | "request" | "gate" | "sweep" | "start" | "stage";

/** A verdict as it was stored: canonical texts, equal byte for byte whenever the same facts are judged again. */
export interface StoredVerdict {
  readonly id: VerdictId;
  readonly at: Temporal.Instant;
  readonly gate: string;
  readonly deployment: string | null;
  /** Canonical JSON of `verdictToJson`. */
  readonly verdict: string;
  /** Canonical JSON of `factsToJson`; `factsFromJson` reads it. */
  readonly facts: string;
  readonly zoneData: string;
}

/** Never overwrites: an id that exists already is an error of its maker (23505). */
export async function saveVerdict(
  client: Queryable,
  id: VerdictId,
  judged: {
    readonly verdict: Verdict;
    readonly facts: Facts;
    readonly gate: VerdictGate;
    readonly deployment: DeploymentId | null;
  },
): Promise<void> {
  const { verdict, facts, gate, deployment } = judged;
  const { service, version, environment } = verdict.subject;
  await execute(
    client,
    sql`insert into verdict (id, at, gate, deployment_id, service, version, environment, decision, verdict, facts,
                             facts_digest, zone_data)
        values (${id}, ${toTimestamp(verdict.at)}, ${gate}, ${deployment}, ${service}, ${version}, ${environment},
                ${verdict.decision}, ${verdictText(verdict)}, ${canonical(factsToJson(facts))}, ${verdict.factsDigest},
                ${verdict.zoneData})`,
  );
}

const stored = z.object({
  id: verdictId,
  at: instant,
  gate: z.string(),
  deployment_id: z.string().nullable(),
  verdict: z.string(),
  facts: z.string(),
  zone_data: z.string(),
});

/** What is needed to judge again and compare; null if there is no such verdict. */
export async function findVerdict(client: Queryable, id: VerdictId): Promise<StoredVerdict | null> {
  return queryOne(
    client,
    sql`select id, at, gate, deployment_id, verdict, whole_facts(facts) as facts, zone_data from verdict where id = ${id}`,
    parseStored,
  );
}

/** Verdicts in the order of their making, from after `after`, for the job that judges all of them again. */
export async function verdictsAfter(
  client: Queryable,
  after: VerdictId | null,
  limit: number,
): Promise<readonly StoredVerdict[]> {
  return query(
    client,
    sql`select id, at, gate, deployment_id, verdict, whole_facts(facts) as facts, zone_data from verdict
        where (${after}::text is null or id > ${after}) order by id limit ${limit}`,
    parseStored,
  );
}

function parseStored(row: unknown): StoredVerdict {
  const { deployment_id: deployment, zone_data: zoneData, ...read } = stored.parse(row);
  return { ...read, deployment, zoneData };
}

const subject = z.object({
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  action: z.enum(changeActions),
  class: z.enum(changeClasses),
  invoker: z.enum(invokers),
  requestedBy: z.string().nullable(),
  contentDigest: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
}) satisfies z.ZodType<Subject>;

const remedy = z.object({ kind: z.enum(remedyKinds), who: z.string(), what: z.string() });

const json = z.object({
  verdict: z.enum(decisions),
  at: instant,
  subject,
  findings: z.array(
    z.object({
      rule: z.string(),
      ruleVersion: z.string(),
      outcome: z.enum(outcomes),
      code: z.string(),
      sentence: z.string(),
      until: instant.nullable(),
      evidence: z.array(z.object({ kind: z.string(), ref: z.string(), text: z.string() })),
      remedies: z.array(remedy),
    }),
  ),
  nextOpening: instant.nullable(),
  openings: z.array(z.object({ from: instant, to: instant })),
  detour: z.object({ at: instant, rule: z.string(), sentence: z.string() }).exactOptional(),
  zone: z.string().exactOptional(),
  counterfactuals: z.array(
    z.object({ steps: z.array(z.object({ rule: z.string(), ...remedy.shape })), opensAt: instant.nullable() }),
  ),
  factsDigest: z.string(),
  zoneData: z.string(),
});

/** Reads what `verdictText` wrote. */
export function parseVerdict(text: string): Verdict {
  const { verdict: decision, counterfactuals, ...read } = json.parse(JSON.parse(text));
  return {
    ...read,
    decision,
    counterfactuals: counterfactuals.map(({ steps, opensAt }) => ({
      remedies: steps.map(({ rule, ...each }) => ({ rule, remedy: each })),
      opensAt,
    })),
  };
}
