import type { z } from "zod";
import { answer, defineHandler } from "#api/handler.ts";
import { listReports, report as wireReport } from "#contract/report.ts";
import type { ReceivedReport } from "#usecases/release/intake-types.ts";

export const listReportsHandler = defineHandler(listReports, async (deps, call) => {
  const { service, digest, limit, cursor } = call.query;
  const page = await deps.intake.listReports({
    kind: call.params.kind,
    service: service ?? null,
    digest: digest ?? null,
    limit,
    cursor: cursor ?? null,
  });
  return answer(200, { items: page.items.map(present), next: page.next });
});

/** Instants become text on the way through JSON; the rest of a record has the names that it has on the wire. */
function present({ id, report, receivedAt, by, account }: ReceivedReport): z.input<typeof wireReport> {
  // Who brought it stands beside the record.
  const told: unknown = JSON.parse(JSON.stringify({ ...report.record, by: undefined }));
  return wireReport.parse({
    kind: report.kind,
    id,
    receivedAt: receivedAt.toString(),
    reportedBy: by,
    account,
    report: told,
  });
}
