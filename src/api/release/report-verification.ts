import { defineHandler } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportVerification } from "#contract/report.ts";

export const reportVerificationHandler = defineHandler(reportVerification, async (deps, call) => {
  const record = { ...call.body, at: instantOf(call, call.body.at) };
  return takeReport(deps, call, { kind: "verification", record });
});
