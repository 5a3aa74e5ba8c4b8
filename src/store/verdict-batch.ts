import { z } from "zod";
import type { VerdictId } from "#core/id.ts";
import { factParts } from "#core/policy/fact-parts.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { sha256Of } from "#runtime/digest.ts";
import { auditRow, type AuditAct } from "./audit.ts";
import { incarnationOf, unchangedSince, type Snapshot } from "./fact-change.ts";
import { toTimestamp } from "./row.ts";
import { isRolledBackConflict, prepared, queryOne, sql, type Queryable, type Statement } from "./sql.ts";
import { verdictText } from "./verdict.ts";

/** An answer to a question, with the entry of the record that goes with it. */
export interface Answered {
  readonly id: VerdictId;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly auditId: string;
  readonly act: AuditAct;
}

/** Parts that are stored already; losing some of them costs time only. */
export interface KnownParts {
  /** Of which database; null: of none yet. */
  readonly of: () => string | null;
  readonly has: (digest: string) => boolean;
  readonly add: (digests: Iterable<string>) => void;
  /** Forgets everything that is known of another database than that of the snapshot. */
  readonly keepOnly: (snapshot: Snapshot) => void;
}

export function noKnownParts(): KnownParts {
  const digests = new Set<string>();
  let of: string | null = null;
  return {
    of: () => of,
    has: (digest) => digests.has(digest),
    add: (more) => {
      if (digests.size > maxKnownParts) digests.clear();
      for (const digest of more) digests.add(digest);
    },
    keepOnly: (snapshot) => {
      const one = incarnationOf(snapshot);
      if (one !== of) digests.clear();
      of = one;
    },
  };
}

const maxKnownParts = 200_000;

/**
 * Stores answers that were made from facts in memory, all of them or none, in one statement: `true` when no fact has
 * changed since the snapshot that the facts are of. A statement sees what was committed when it began, and it begins
 * after the questions were asked, so whoever asks after a change was acknowledged is never answered from before it.
 */
export async function saveAnswers(
  client: Queryable,
  snapshot: Snapshot,
  answers: readonly Answered[],
  known: KnownParts,
): Promise<boolean> {
  known.keepOnly(snapshot);
  const bodies = new Map<string, string>();
  const rows = answers.map((answer) => ({ ...answer, facts: factsByParts(answer.facts, known, bodies) }));
  const isSaved = await saveOnce(client, statementOf(snapshot, rows, bodies));
  // Another batch may have learnt meanwhile that the database is another one.
  if (isSaved && known.of() === incarnationOf(snapshot)) known.add(bodies.keys());
  return isSaved;
}

/** Two statements that met are as if facts had changed: nothing is stored, and the answers are made again. */
async function saveOnce(client: Queryable, statement: Statement): Promise<boolean> {
  try {
    const saved = await queryOne(client, statement, z.object({ ok: z.boolean() }));
    return saved?.ok === true;
  } catch (error) {
    if (isRolledBackConflict(error)) return false;
    throw error;
  }
}

type Row = Omit<Answered, "facts"> & { readonly facts: string };

function statementOf(snapshot: Snapshot, rows: readonly Row[], bodies: ReadonlyMap<string, string>): Statement {
  const entries = rows.map(({ auditId, act }) => auditRow(auditId, act));
  const column = <T>(of: (row: Row) => T): T[] => rows.map(of);
  const audited = <T>(of: (row: (typeof entries)[number]) => T): T[] => entries.map(of);
  return prepared(
    "save-answers",
    sql`with fresh as (
          select ${unchangedSince(snapshot)} as ok
        ), parts as (
          insert into fact_part (digest, body)
          select p.digest, p.body from unnest(${[...bodies.keys()]}::text[], ${[...bodies.values()]}::text[]) p(digest, body), fresh
          where fresh.ok order by p.digest on conflict do nothing
        ), answers as (
          insert into verdict (id, at, gate, deployment_id, service, version, environment, decision, verdict, facts,
                               facts_digest, zone_data)
          select v.id, v.at, 'question', null, v.service, v.version, v.environment, v.decision, v.verdict, v.facts,
                 v.facts_digest, v.zone_data
          from unnest(${column(({ id }) => id)}::text[], ${column(({ verdict }) => toTimestamp(verdict.at))}::timestamptz[],
            ${column(({ verdict }) => verdict.subject.service)}::text[],
            ${column(({ verdict }) => verdict.subject.version)}::text[],
            ${column(({ verdict }) => verdict.subject.environment)}::text[],
            ${column(({ verdict }) => verdict.decision)}::text[], ${column(({ verdict }) => verdictText(verdict))}::text[],
            ${column(({ facts }) => facts)}::text[], ${column(({ verdict }) => verdict.factsDigest)}::text[],
            ${column(({ verdict }) => verdict.zoneData)}::text[])
            v(id, at, service, version, environment, decision, verdict, facts, facts_digest, zone_data), fresh
          where fresh.ok
        ), record as (
          insert into audit_entry (id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf)
          select a.id, a.at, a.actor::jsonb, a.action, a.object, a.outcome, a.verdict_id, a.request_id, a.entry, a.leaf
          from unnest(${audited(({ id }) => id)}::text[], ${audited(({ at }) => at)}::timestamptz[],
            ${audited(({ actor }) => actor)}::text[], ${audited(({ action }) => action)}::text[],
            ${audited(({ object }) => object)}::text[], ${audited(({ outcome }) => outcome)}::text[],
            ${audited(({ verdict }) => verdict)}::text[], ${audited(({ requestId }) => requestId)}::text[],
            ${audited(({ entry }) => entry)}::text[], ${audited(({ leaf }) => leaf)}::text[])
            a(id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf), fresh
          where fresh.ok
        )
        select ok from fresh`,
  );
}

/** Parts of facts that have been stored and committed. */
export function rememberParts(known: KnownParts, rows: readonly { readonly facts: Facts }[]): void {
  known.add(rows.flatMap(({ facts }) => factParts(facts, sha256Of).flatMap(({ digest }) => digest ?? [])));
}

/** The text that `whole_facts` reads; parts that are not stored yet are added to `bodies`. */
export function factsByParts(facts: Facts, known: KnownParts, bodies: Map<string, string>): string {
  const inline: Record<string, string> = {};
  const parts: Record<string, string> = {};
  for (const { name, digest, json } of factParts(facts, sha256Of)) {
    if (digest === null) inline[name] = json();
    else {
      parts[name] = digest;
      if (!known.has(digest) && !bodies.has(digest)) bodies.set(digest, json());
    }
  }
  return JSON.stringify({ inline, parts });
}
