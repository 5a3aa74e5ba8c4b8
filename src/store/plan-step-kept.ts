import { z } from "zod";
import type { StepDecision } from "#core/plan/consent.ts";
import { parts, type Part } from "#core/plan/plan.ts";
import { insertMessages, rotasOf } from "./plan-message.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

interface StepId {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
}

interface StoredDecision extends StepDecision {
  readonly part: Part;
  readonly step: string;
}

interface StoredFile {
  readonly part: Part;
  readonly step: string;
  readonly fileName: string;
  readonly digest: string;
  readonly bytes: number;
  readonly person: string;
  readonly at: Temporal.Instant;
}

interface StoredSignature {
  readonly id: string;
  readonly secretHash: string;
  readonly person: string;
  readonly account: string;
  readonly token: string;
  readonly step: StepId;
  readonly digest: string;
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly usedAt: Temporal.Instant | null;
}

/** What steps keep beside their state, in the transaction of a client. */
export interface StepRecords {
  readonly decisions: {
    readonly insert: (step: StepId, decision: StepDecision, signature: string | null) => Promise<boolean>;
    readonly ofRun: (run: string) => Promise<readonly StoredDecision[]>;
    readonly authorsOf: (runbook: string, version: string) => Promise<readonly string[]>;
  };
  readonly files: {
    readonly insert: (
      step: StepId,
      file: { readonly fileName: string; readonly digest: string; readonly content: Uint8Array },
      person: string,
      at: Temporal.Instant,
    ) => Promise<void>;
    readonly ofRun: (run: string) => Promise<readonly StoredFile[]>;
    readonly content: (
      run: string,
      digest: string,
    ) => Promise<{ readonly name: string; readonly content: Uint8Array } | null>;
  };
  readonly messages: {
    readonly insert: (message: Parameters<typeof insertMessages>[1], persons: readonly string[]) => Promise<number>;
    readonly rotasOf: (teams: readonly string[], at: Temporal.Instant) => ReturnType<typeof rotasOf>;
  };
  readonly signatures: {
    readonly insert: (signature: Omit<StoredSignature, "usedAt">) => Promise<void>;
    readonly find: (id: string) => Promise<StoredSignature | null>;
    readonly use: (id: string, at: Temporal.Instant) => Promise<void>;
  };
}

export function stepRecordsOf(client: Queryable): StepRecords {
  return {
    decisions: {
      insert: (step, decision, signature) => insertDecision(client, step, decision, signature),
      ofRun: (run) => query(client, sql`select * from plan_approval where run_id = ${run} order by seq`, decisionRow),
      authorsOf: async (runbook, version) => {
        const found = await query(
          client,
          sql`select distinct applied_by from document where kind = 'Runbook' and name = ${runbook} and digest = ${version}`,
          z.object({ applied_by: z.string() }),
        );
        return found.map(({ applied_by: by }) => by);
      },
    },
    files: {
      insert: async ({ run, part, name }, { fileName, digest, content }, person, at) => {
        await execute(
          client,
          sql`insert into plan_attachment (run_id, part, name, file_name, digest, content, person, at)
              values (${run}, ${part}, ${name}, ${fileName}, ${digest}, ${Buffer.from(content)}, ${person}, ${toTimestamp(at)})`,
        );
      },
      ofRun: (run) =>
        query(
          client,
          sql`select part, name, file_name, digest, octet_length(content) as bytes, person, at
              from plan_attachment where run_id = ${run} order by seq`,
          fileRow,
        ),
      content: (run, digest) =>
        queryOne(
          client,
          sql`select file_name, encode(content, 'base64') as content from plan_attachment
              where run_id = ${run} and digest = ${digest} order by seq limit 1`,
          contentRow,
        ),
    },
    messages: {
      insert: (message, persons) => insertMessages(client, message, persons),
      rotasOf: (teams, at) => rotasOf(client, teams, at),
    },
    signatures: {
      insert: (signature) => insertSignature(client, signature),
      find: (id) => queryOne(client, sql`select * from signature where id = ${id} for update`, signatureRow),
      use: async (id, at) => {
        await execute(client, sql`update signature set used_at = ${toTimestamp(at)} where id = ${id}`);
      },
    },
  };
}

const decisionRow = z
  .object({
    part: z.enum(parts),
    name: z.string(),
    person: z.string(),
    decision: z.enum(["approved", "rejected"]),
    content_digest: z.string(),
    reason: z.string(),
    at: instant,
    signature_id: z.string().nullable(),
  })
  .transform(({ name, content_digest: contentDigest, signature_id: signature, ...read }): StoredDecision => ({
    ...read,
    step: name,
    contentDigest,
    isSigned: signature !== null,
  }));

const fileRow = z
  .object({
    part: z.enum(parts),
    name: z.string(),
    file_name: z.string(),
    digest: z.string(),
    bytes: whole,
    person: z.string(),
    at: instant,
  })
  .transform(({ name, file_name: fileName, ...read }): StoredFile => ({ ...read, step: name, fileName }));

const contentRow = z
  .object({ file_name: z.string(), content: z.string() })
  .transform(({ file_name: name, content }) => ({ name, content: Buffer.from(content, "base64") }));

const signatureRow = z
  .object({
    id: z.string(),
    secret_hash: z.string(),
    person: z.string(),
    account: z.string(),
    token_id: z.string(),
    run_id: z.string(),
    part: z.enum(parts),
    name: z.string(),
    digest: z.string(),
    created_at: instant,
    expires_at: instant,
    used_at: instant.nullable(),
  })
  .transform((read): StoredSignature => ({
    id: read.id,
    secretHash: read.secret_hash,
    person: read.person,
    account: read.account,
    token: read.token_id,
    step: { run: read.run_id, part: read.part, name: read.name },
    digest: read.digest,
    createdAt: read.created_at,
    expiresAt: read.expires_at,
    usedAt: read.used_at,
  }));

async function insertDecision(
  client: Queryable,
  { run, part, name }: StepId,
  { person, decision, contentDigest, reason, at }: StepDecision,
  signature: string | null,
): Promise<boolean> {
  const inserted = await execute(
    client,
    sql`insert into plan_approval (run_id, part, name, person, decision, content_digest, reason, at, signature_id)
        values (${run}, ${part}, ${name}, ${person}, ${decision}, ${contentDigest}, ${reason}, ${toTimestamp(at)}, ${signature})
        on conflict (run_id, part, name, person, content_digest) do nothing`,
  );
  return inserted === 1;
}

async function insertSignature(client: Queryable, signature: Omit<StoredSignature, "usedAt">): Promise<void> {
  const { id, secretHash, person, account, token, step, digest, createdAt, expiresAt } = signature;
  await execute(
    client,
    sql`delete from signature where person = ${person} and used_at is null and expires_at <= ${toTimestamp(createdAt)}`,
  );
  await execute(
    client,
    sql`insert into signature (id, secret_hash, person, account, token_id, run_id, part, name, digest, created_at, expires_at)
        values (${id}, ${secretHash}, ${person}, ${account}, ${token}, ${step.run}, ${step.part}, ${step.name}, ${digest},
                ${toTimestamp(createdAt)}, ${toTimestamp(expiresAt)})`,
  );
}
