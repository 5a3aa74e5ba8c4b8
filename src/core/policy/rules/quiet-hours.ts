import { peakLoad, quietSpans } from "#core/calendar/advice/load-profile.ts";
import { riskOf } from "#core/calendar/advice/risk.ts";
import { isMsIn, type SpanSet } from "#core/calendar/span-set.ts";
import { forwardActions } from "#core/catalog/scope.ts";
import { covers, nextBorder, timelineOver } from "#core/policy/calendar-timeline.ts";
import { latestStarts } from "#core/policy/latest-starts.ts";
import { doesNotFit, type Evidence, type Judgement, type Remedy } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { elapsedMs, sayInstant } from "#core/policy/say.ts";
import { always, passes, stops, tooShort } from "#core/policy/timeline.ts";

/** What "quiet" is, `core/calendar/advice/load-profile` says. Going back to what ran before is never held up by load. */
export const quietHours = defineRule({
  id: "quiet-hours",
  version: "1",
  title: "A change of high risk runs in quiet hours and has a rollback plan",
  reason: "What may go wrong should go wrong when few are there to notice, and with the way back thought out before.",
  remedy: "Wait for the next quiet hours, add a rollback plan, or have the risk of the change judged again.",
  codes: [
    "goes-back",
    "no-load-profile",
    "low-risk",
    "in-quiet-hours",
    "high-risk-at-peak",
    "never-quiet",
    "no-rollback-plan",
    "load-profile-unreadable",
    "does-not-fit",
  ],
  exemptible: ["high-risk-at-peak", "never-quiet", "no-rollback-plan"],
  overridable: ["high-risk-at-peak", "never-quiet", "no-rollback-plan"],
  needs: ["service", "environment", "profiles", "durations"],
  judge({ at, horizon, subject, service, environment, profiles, durations }) {
    if (!forwardActions.includes(subject.action)) {
      return always(at, notApplicable("goes-back", "Going back does not wait for quiet hours."));
    }
    const own = profiles.find(
      (profile) => profile.service === subject.service && profile.environment === subject.environment,
    );
    if (own === undefined || service === null || environment === null) {
      return always(at, notApplicable("no-load-profile", "Of the service no load profile is recorded there."));
    }
    if (riskOf(subject.risk, service) === "low") {
      return always(at, notApplicable("low-risk", "A change of low risk may run at any load."));
    }
    const between = { from: at, to: horizon };
    const quiet = quietSpans(own, environment.zone, between);
    if (quiet === null || peakLoad(own) === 0) return always(at, unreadableProfile(subject.service));
    if (subject.hasRollbackPlan !== true) return always(at, withoutPlan());
    const expected = durations.find(
      (entry) => entry.service === subject.service && entry.environment === subject.environment,
    );
    const neededMs = expected === undefined ? 0 : elapsedMs(expected.p95) + elapsedMs(expected.rollbackP95);
    const tooLate = latestStarts(quiet, neededMs, horizon);
    const evidence = [{ kind: "load-profile", ref: `${own.service}@${own.environment}`, text: "load by hour of week" }];
    const judgeAt = (moment: Temporal.Instant): Judgement =>
      toJudgement({ quiet, tooLate, horizon, zone: environment.zone, evidence }, moment);
    return timelineOver([quiet, tooLate], between, judgeAt, (ms) => {
      if (!isMsIn(quiet, ms)) return stops;
      return isMsIn(tooLate, ms) ? tooShort : passes;
    });
  },
});

function unreadableProfile(service: string): Judgement {
  const remedy: Remedy = { kind: "supply-evidence", who: `owner of ${service}`, what: "Record the load profile anew." };
  const sentence = `The load profile of ${service} cannot be read, so nobody knows when it is quiet.`;
  return refuse("unknown", "load-profile-unreadable", sentence, [remedy]);
}

function withoutPlan(): Judgement {
  const remedy: Remedy = { kind: "supply-evidence", who: "requester", what: "Request it with a rollback plan." };
  return refuse("deny", "no-rollback-plan", "A change of high risk needs a rollback plan, and it has none.", [remedy]);
}

interface Quiet {
  readonly quiet: SpanSet;
  readonly tooLate: SpanSet;
  readonly horizon: Temporal.Instant;
  readonly zone: string;
  readonly evidence: readonly Evidence[];
}

function toJudgement({ quiet, tooLate, horizon, zone, evidence }: Quiet, moment: Temporal.Instant): Judgement {
  const border = nextBorder(quiet, moment, horizon);
  if (!covers(quiet, moment)) return atPeak(border, zone, evidence);
  const until = border === null ? "" : ` until ${sayInstant(border, zone)}`;
  if (!covers(tooLate, moment)) return pass("in-quiet-hours", `It is quiet${until}.`, evidence);
  const next = border === null ? null : nextBorder(quiet, border, horizon);
  const sentence = `It is quiet${until}, but the run and its rollback take longer.`;
  return refuse("wait", doesNotFit, sentence, next === null ? [] : [waitUntil(next, zone)], evidence);
}

function atPeak(next: Temporal.Instant | null, zone: string, evidence: readonly Evidence[]): Judgement {
  const again: Remedy = { kind: "change", who: "requester", what: "Have the risk of the change judged again." };
  if (next === null) {
    const sentence = "High risk at peak: no quiet hours are in sight.";
    return refuse("deny", "never-quiet", sentence, [again], evidence);
  }
  const sentence = `High risk at peak: the next quiet hours begin on ${sayInstant(next, zone)}.`;
  return refuse("wait", "high-risk-at-peak", sentence, [waitUntil(next, zone), again], evidence);
}

function waitUntil(next: Temporal.Instant, zone: string): Remedy {
  return { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, zone)}.` };
}
