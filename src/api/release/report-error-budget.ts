import { defineHandler } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportErrorBudget } from "#contract/report.ts";

export const reportErrorBudgetHandler = defineHandler(reportErrorBudget, async (deps, call) => {
  const record = { ...call.body, at: instantOf(call, call.body.at) };
  return takeReport(deps, call, { kind: "error-budget", record });
});
