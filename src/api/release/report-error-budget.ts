import { defineHandler, refuse } from "#api/handler.ts";
import { promiseOf } from "#api/release/promise-of.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportErrorBudget } from "#contract/report.ts";

export const reportErrorBudgetHandler = defineHandler(reportErrorBudget, async (deps, call) => {
  const { freshFor, ...said } = call.body;
  const at = instantOf(call, said.at);
  const promise = promiseOf(freshFor, at);
  if (!promise.ok) return refuse("bad-freshness", promise.error);
  return takeReport(deps, call, { kind: "error-budget", record: { ...said, at, ...promise.value } });
});
