import { defineHandler } from "#api/handler.ts";
import { instantOf, instantOrNull, takeReport } from "#api/release/take-report.ts";
import { reportRestore } from "#contract/report.ts";

export const reportRestoreHandler = defineHandler(reportRestore, async (deps, call) => {
  const { savedAt, ...said } = call.body;
  const record = {
    ...said,
    act: "restore",
    savedAt: instantOrNull(savedAt),
    intervalSeconds: null,
    at: instantOf(call, said.at),
  } as const;
  return takeReport(deps, call, { kind: "recovery", record });
});
