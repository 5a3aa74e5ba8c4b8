import { firstFit, isIn, isMsIn, type SpanSet } from "#core/calendar/span-set.ts";
import { nextBorder, scopeUnknown, timelineOver } from "#core/policy/calendar-timeline.ts";
import { doesNotFit, type Judgement, type Remedy } from "#core/policy/finding.ts";
import { latestStarts } from "#core/policy/latest-starts.ts";
import { openingSpans } from "#core/policy/opening-spans.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { elapsedMs, sayDuration, sayInstant } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { rollbackTimeOf } from "#core/policy/way-back.ts";
import { always, passes, tooShort } from "#core/policy/timeline.ts";
import type { RollbackTime } from "#core/rollback/plan.ts";
import type { ExpectedDuration } from "#core/release/state.ts";

/** The rollback counts as well: a run that fails in its last minute must still be able to go back in time. */
export const fitsBeforeClosing = defineRule({
  id: "fits-before-closing",
  version: "3",
  title: "The run and its rollback fit before the opening closes",
  reason: "A deployment that is caught by the end of its window, or by a freeze, stands half done.",
  remedy: "Wait for an opening that is long enough, or make the run shorter.",
  codes: ["duration-unknown", "closed", "fits", "does-not-fit", "scope-unknown"],
  needs: [
    "service",
    "environment",
    "artifact",
    "windows",
    "freezes",
    "routes",
    "approvals",
    "people",
    "durations",
    "emergency",
    "rollback",
    "evidence",
    "deployed",
  ],
  judge(facts) {
    const { at, horizon, subject, environment, durations } = facts;
    const expected = durations.find(
      (entry) => entry.service === subject.service && entry.environment === subject.environment,
    );
    const back = rollbackTimeOf(facts);
    if (expected === undefined && back === null) {
      return always(
        at,
        notApplicable("duration-unknown", "How long the run takes is not known, so its fit is not judged."),
      );
    }
    const scope = subjectScope(facts);
    if (scope === null || environment === null) return scopeUnknown(at);
    const between = { from: at, to: horizon };
    const runMs = expected === undefined ? 0 : elapsedMs(expected.p95);
    const neededMs = runMs + (back?.milliseconds ?? 0);
    const open = openingSpans(facts, scope, environment, neededMs);
    if (open === null) return always(at, closed);
    const run = { open, needs: sayNeeds(expected, back), neededMs, horizon, zone: environment.zone };
    const tooLate = latestStarts(open, neededMs, horizon);
    return timelineOver(
      [open, tooLate],
      between,
      (moment) => toJudgement(run, moment),
      (ms) => (isMsIn(tooLate, ms) ? tooShort : passes),
    );
  },
});

const closed = notApplicable("closed", "Closed anyway: windows and freezes are judged by rules of their own.");

/** Where only the plan of the way back says something, the run itself counts as nothing. */
function sayNeeds(expected: ExpectedDuration | undefined, back: RollbackTime | null): string {
  const run = expected === undefined ? [] : [sayDuration(expected.p95)];
  if (back === null) return run.join("");
  const length = sayDuration(Temporal.Duration.from({ milliseconds: Math.ceil(back.milliseconds) }));
  return [...run, `${length} for a rollback${sayKnown[back.known]}`].join(" and ");
}

const sayKnown = { rehearsed: ", as rehearsed", estimate: ", as planned", history: "" } as const;

interface Run {
  readonly open: SpanSet;
  readonly needs: string;
  readonly neededMs: number;
  readonly horizon: Temporal.Instant;
  readonly zone: string;
}

function toJudgement({ open, needs, neededMs, horizon, zone }: Run, moment: Temporal.Instant): Judgement {
  if (!isIn(open, moment)) return closed;
  const closing = nextBorder(open, moment, horizon);
  if (closing === null) return pass("fits", `The run needs ${needs}; no closing is in sight.`);
  const leftMs = closing.epochMilliseconds - moment.epochMilliseconds;
  if (leftMs >= neededMs) return pass("fits", `The run needs ${needs}; it closes on ${sayInstant(closing, zone)}.`);
  const sentence = `The run needs ${needs}, and it closes on ${sayInstant(closing, zone)}.`;
  const shorter: Remedy = {
    kind: "change",
    who: "owner of the service",
    what: "Make the run or its rollback shorter.",
  };
  const next = firstFit(open, closing, neededMs);
  if (next === null) return refuse("deny", doesNotFit, sentence, [shorter]);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, zone)}.` };
  return refuse("wait", doesNotFit, sentence, [wait, shorter]);
}
