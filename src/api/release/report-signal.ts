import { defineHandler } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportSignal } from "#contract/report.ts";

export const reportSignalHandler = defineHandler(reportSignal, async (deps, call) => {
  const record = { ...call.body, at: instantOf(call, call.body.at) };
  return takeReport(deps, call, { kind: "signal", record });
});
