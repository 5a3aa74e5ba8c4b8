import { z } from "zod";
import type { auditEntry } from "#contract/audit.ts";
import { deploymentId } from "#contract/common.ts";
import type { Tone } from "#web/release/deployment.ts";

export type AuditEntry = z.infer<typeof auditEntry>;

export const auditSearch = z.object({
  object: z.string().max(200).optional().catch(undefined),
  action: z.string().max(100).optional().catch(undefined),
});
export type AuditSearch = z.output<typeof auditSearch>;

/** Id of the deployment that an entry is about; null for entries about something else. */
export function deploymentOf(entry: Pick<AuditEntry, "object">): string | null {
  const found = /dep_[0-9a-f]{32}/.exec(entry.object)?.[0];
  return found !== undefined && deploymentId.safeParse(found).success ? found : null;
}

/** Refusals stand out; everything else is told without colour. */
export function outcomeTone(outcome: string): Tone {
  return /refused|denied|rejected|failed/.test(outcome) ? "bad" : "rest";
}
