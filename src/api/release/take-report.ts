import type { ApiDeps } from "#api/deps.ts";
import { answer, refuse, type Answer, type Context, type Refused } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { type Report, reportTolerance } from "#core/release/report.ts";
import type { Receipt } from "#usecases/release/intake-types.ts";

type Refusal = "no-such-service" | "no-such-environment" | "in-the-future" | "too-many-reports" | "foreign-source";

/** The shape that all reports share: taken, or refused with what to mend. */
export async function takeReport(
  deps: ApiDeps,
  call: Context,
  report: Report,
): Promise<Answer<200, Receipt> | Refused<Refusal>> {
  const result = await deps.intake.submitReport(report, callOf(call));
  if (result.ok) return answer(200, result.value);
  const { error } = result;
  switch (error.code) {
    case "no-such-service":
      return refuse(error.code, `Nothing was taken: the configuration has no service ${error.name}. Correct the name.`);
    case "no-such-environment":
      return refuse(
        error.code,
        `Nothing was taken: the configuration has no environment ${error.name}. Correct the name.`,
      );
    case "in-the-future": {
      const now = error.now.round("second").toString();
      const detail = `Nothing was taken: the report is of ${report.record.at.toString()}, more than ${reportTolerance.seconds} s after ${now}, which is now. Set the clock of ${report.record.source}.`;
      return refuse(error.code, detail);
    }
    case "foreign-source": {
      const who = error.speaks.join(" or ");
      const detail = `Nothing was taken: ${error.source} does not speak with your account here; ${who} does. Report under a name of your own, or have a Source document name your account.`;
      return refuse(error.code, detail);
    }
    case "too-many-reports": {
      const detail = `Nothing was taken: so many sources and kinds have reported on ${error.subject} that no more are looked at. Report under a name that is used before.`;
      return refuse(error.code, detail);
    }
  }
}

/** When it was measured: as the source says, or now. */
export function instantOf(call: Context, at: string | undefined): Temporal.Instant {
  return at === undefined ? call.now : Temporal.Instant.from(at);
}

export function instantOrNull(text: string | null): Temporal.Instant | null {
  return text === null ? null : Temporal.Instant.from(text);
}
