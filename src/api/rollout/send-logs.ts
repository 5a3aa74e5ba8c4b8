import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { sayForeignTelemetry } from "#api/rollout/say-foreign-telemetry.ts";
import { sendLogs } from "#contract/criteria.ts";

export const sendLogsHandler = defineHandler(sendLogs, async (deps, call) => {
  const taken = await deps.intake.takeLogs(call.body.resourceLogs, callOf(call));
  if (!taken.ok) return refuse("foreign-source", sayForeignTelemetry(taken.error));
  const { rejected, why } = taken.value;
  return answer(200, rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: rejected, errorMessage: why } });
});
