import { defineHandler } from "#api/handler.ts";
import { instantOf, instantOrNull, takeReport } from "#api/release/take-report.ts";
import { reportBackup } from "#contract/report.ts";

export const reportBackupHandler = defineHandler(reportBackup, async (deps, call) => {
  const { lastSuccessAt, ...said } = call.body;
  const record = {
    ...said,
    act: "backup",
    savedAt: instantOrNull(lastSuccessAt),
    tookSeconds: null,
    detail: null,
    digest: null,
    at: instantOf(call, said.at),
  } as const;
  return takeReport(deps, call, { kind: "recovery", record });
});
