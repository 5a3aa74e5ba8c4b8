import { z } from "zod";
import type { Approval } from "#core/approval/approval.ts";
import type { DeploymentId } from "#core/id.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

export const approvalColumns = sql`service, version, environment, person, decision, content_digest, reason, at, despite`;

const row = z.object({
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  person: z.string(),
  decision: z.enum(["approved", "rejected"]),
  content_digest: z.string(),
  reason: z.string().nullable(),
  at: instant,
  despite: z.array(z.string()),
});

export function parseApproval(value: unknown): Approval {
  const { content_digest: contentDigest, despite, ...read } = row.parse(value);
  return { ...read, contentDigest, ...(despite.length === 0 ? {} : { despite }) };
}

/**
 * False when this person has decided on this content, in spite of the same freezes, before; the first decision stands. What binds to no content is
 * no consent (semantics §4), so it throws.
 */
export async function insertApproval(
  client: Queryable,
  id: string,
  deployment: DeploymentId,
  approval: Approval,
): Promise<boolean> {
  if (approval.contentDigest === null) throw new Error("a decision without the digest of its content cannot be stored");
  const added = await execute(
    client,
    sql`insert into approval (id, deployment_id, service, version, environment, person, decision, content_digest, reason, at,
          despite)
        values (${id}, ${deployment}, ${approval.service}, ${approval.version}, ${approval.environment},
                ${approval.person}, ${approval.decision}, ${approval.contentDigest}, ${approval.reason},
                ${toTimestamp(approval.at)}, ${approval.despite ?? []})
        on conflict (content_digest, person, despite) do nothing`,
  );
  return added === 1;
}

/** Decisions on these contents, in the order in which they were taken. */
export async function approvalsOfContents(
  client: Queryable,
  contentDigests: readonly string[],
): Promise<readonly Approval[]> {
  return query(
    client,
    sql`select ${approvalColumns} from approval where content_digest = any(${contentDigests}::text[]) order by at, id`,
    parseApproval,
  );
}
