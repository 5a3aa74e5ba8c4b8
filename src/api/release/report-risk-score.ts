import { defineHandler } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportRiskScore } from "#contract/report.ts";

export const reportRiskScoreHandler = defineHandler(reportRiskScore, async (deps, call) => {
  const record = { ...call.body, at: instantOf(call, call.body.at) };
  return takeReport(deps, call, { kind: "risk-score", record });
});
