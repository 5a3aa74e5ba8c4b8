import { defineHandler } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportEvidence } from "#contract/report.ts";

export const reportEvidenceHandler = defineHandler(reportEvidence, async (deps, call) => {
  const record = { ...call.body, at: instantOf(call, call.body.at) };
  return takeReport(deps, call, { kind: "evidence", record });
});
