import { defineHandler, refuse } from "#api/handler.ts";
import { instantOf, takeReport } from "#api/release/take-report.ts";
import { reportTicket } from "#contract/report.ts";

export const reportTicketHandler = defineHandler(reportTicket, async (deps, call) => {
  const { body } = call;
  const [from, to] = [instantOrNull(body.from), instantOrNull(body.to)];
  if (from !== null && to !== null && Temporal.Instant.compare(from, to) >= 0) {
    return refuse("bad-span", `Nothing was taken: ${body.key} is planned to end at or before its start.`);
  }
  return takeReport(deps, call, { kind: "ticket", record: { ...body, from, to, at: instantOf(call, body.at) } });
});

function instantOrNull(text: string | null): Temporal.Instant | null {
  return text === null ? null : Temporal.Instant.from(text);
}
