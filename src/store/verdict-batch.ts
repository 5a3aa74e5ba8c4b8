import { z } from "zod";
import type { VerdictId } from "#core/id.ts";
import { factParts, partsText } from "#core/policy/fact-parts.ts";
import type { Facts } from "#core/policy/facts.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { sha256Of } from "#runtime/digest.ts";
import { auditColumns, auditRow, auditTable, type AuditAct, type AuditRow } from "./audit.ts";
import { incarnationOf, unchangedSince, type Snapshot } from "./fact-change.ts";
import { toTimestamp } from "./row.ts";
import { isRolledBackConflict, prepared, queryOne, sql, type Queryable, type Statement } from "./sql.ts";
import { textArray } from "./text-array.ts";

/** An answer to a question, with the entry of the record that goes with it. */
export interface Answered {
  readonly id: VerdictId;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly auditId: string;
  /** Asked for when the digest of the facts is known, which costs as much as writing them. */
  readonly act: () => AuditAct;
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
  const rows = answers.map((answer): Row => {
    const texts = verdictTexts(answer, known, bodies);
    return { id: answer.id, texts, entry: auditRow(answer.auditId, answer.act()) };
  });
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

/** What is stored of a verdict beside its id and its gate. */
export interface VerdictTexts {
  readonly at: string;
  readonly subject: Verdict["subject"];
  readonly decision: Verdict["decision"];
  readonly verdict: string;
  /** The text that `whole_facts` reads. */
  readonly facts: string;
  readonly factsDigest: string;
  readonly zoneData: string;
}

/** Digest, facts and verdict one after the other, since they have texts in common; new parts are added to `bodies`. */
export function verdictTexts(
  { verdict, facts }: { readonly verdict: Verdict; readonly facts: Facts },
  known: KnownParts,
  bodies: Map<string, string>,
): VerdictTexts {
  const { at, subject, decision, factsDigest, zoneData } = verdict;
  const parts = factParts(facts, sha256Of);
  for (const { digest, json } of parts) {
    if (digest !== null && !known.has(digest) && !bodies.has(digest)) bodies.set(digest, json());
  }
  return {
    at: toTimestamp(at),
    subject,
    decision,
    verdict: verdictText(verdict),
    facts: partsText(parts),
    factsDigest,
    zoneData,
  };
}

/** Columns `at` to `zone_data` of rows of `verdict`, for an `unnest`. */
export function verdictArrays(rows: readonly VerdictTexts[]): Statement {
  const column = (of: (row: VerdictTexts) => string): Buffer => textArray(rows.map(of));
  return sql`${column(({ at }) => at)}::text[], ${column(({ subject }) => subject.service)}::text[],
    ${column(({ subject }) => subject.version)}::text[], ${column(({ subject }) => subject.environment)}::text[],
    ${column(({ decision }) => decision)}::text[], ${column(({ verdict }) => verdict)}::text[],
    ${column(({ facts }) => facts)}::text[], ${column(({ factsDigest }) => factsDigest)}::text[],
    ${column(({ zoneData }) => zoneData)}::text[]`;
}

/** Parts that nobody has stored yet. */
export function newParts(bodies: ReadonlyMap<string, string>): Statement {
  return sql`unnest(${textArray([...bodies.keys()])}::text[], ${textArray([...bodies.values()])}::text[]) p(digest, body)`;
}

interface Row {
  readonly id: string;
  readonly texts: VerdictTexts;
  readonly entry: AuditRow;
}

function statementOf(snapshot: Snapshot, rows: readonly Row[], bodies: ReadonlyMap<string, string>): Statement {
  return prepared(
    "save-answers",
    sql`with fresh as (
          select ${unchangedSince(snapshot)} as ok
        ), parts as (
          insert into fact_part (digest, body)
          select p.digest, p.body from ${newParts(bodies)}, fresh
          where fresh.ok order by p.digest on conflict do nothing
        ), answers as (
          insert into verdict (id, at, gate, deployment_id, service, version, environment, decision, verdict, facts,
                               facts_digest, zone_data)
          select v.id, v.at::timestamptz, 'question', null, v.service, v.version, v.environment, v.decision, v.verdict,
                 v.facts, v.facts_digest, v.zone_data
          from unnest(${textArray(rows.map(({ id }) => id))}::text[], ${verdictArrays(rows.map(({ texts }) => texts))})
            v(id, at, service, version, environment, decision, verdict, facts, facts_digest, zone_data), fresh
          where fresh.ok
        ), record as (
          insert into audit_entry (id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf)
          select ${auditColumns} from ${auditTable(rows.map(({ entry }) => entry))}, fresh
          where fresh.ok
        )
        select ok from fresh`,
  );
}
