import { defineHandler, refuse } from "#api/handler.ts";
import { promiseOf } from "#api/release/promise-of.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportSignal } from "#contract/report.ts";

export const reportSignalHandler = defineHandler(reportSignal, async (deps, call) => {
  const { freshFor, ...said } = call.body;
  const at = instantOf(call, said.at);
  const promise = promiseOf(freshFor, at);
  if (!promise.ok) return refuse("bad-freshness", promise.error);
  return takeReport(deps, call, { kind: "signal", record: { ...said, at, ...promise.value } });
});
