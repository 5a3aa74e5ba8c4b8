import { answer, defineHandler, refuse } from "#api/handler.ts";
import { exportAudit } from "#contract/audit.ts";

/** About 50 MB of canonical text; longer spans are exported in parts. */
export const maxExportedEntries = 50_000;

export const exportAuditHandler = defineHandler(exportAudit, async (deps, call) => {
  const { since, until } = call.query;
  const entries = await deps.views.auditRange(
    since === undefined ? null : Temporal.Instant.from(since),
    until === undefined ? null : Temporal.Instant.from(until),
    maxExportedEntries + 1,
  );
  if (entries.length > maxExportedEntries) {
    return refuse("too-many-entries", `More than ${maxExportedEntries} entries; narrow the span with since and until.`);
  }
  return answer(200, {
    format: "tidegate-audit-1",
    size: entries.length,
    root: deps.auditRoot(entries.map(({ entry }) => entry)),
    entries: entries.map(({ entry }) => entry),
    leaves: entries.map(({ leaf }) => leaf),
  });
});
