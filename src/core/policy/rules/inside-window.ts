import { emptySet, isMsIn, setOfSpans, union } from "#core/calendar/span-set.ts";
import { isRestricted } from "#core/calendar/timetable.ts";
import {
  covers,
  nextBorder,
  restless,
  scopeUnknown,
  timelineOver,
  unreadable,
} from "#core/policy/calendar-timeline.ts";
import { permitOf, type Permit } from "#core/exemption/lane.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { windowsOver, type WindowsOver } from "#core/policy/calendar-over.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { always, passes, stops } from "#core/policy/timeline.ts";

/**
 * Windows that match are alternatives: one that is open is enough. What goes back is bound only by windows that name the
 * action. Spans are half-open: at its end a window is closed.
 */
export const insideWindow = defineRule({
  id: "inside-window",
  version: "3",
  title: "A window for this change is open",
  reason: "Those who use a service, and those who would repair it, were told when it may change.",
  remedy: "Wait for the next window, or ask the owner of the calendar for another one.",
  codes: [
    "no-window-matches",
    "inside-window",
    "emergency-lane",
    "outside-window",
    "never-opens",
    "no-window",
    "calendar-unreadable",
    "scope-unknown",
  ],
  exemptible: ["outside-window", "never-opens"],
  overridable: ["outside-window", "never-opens"],
  needs: ["service", "environment", "windows", "artifact", "emergency"],
  judge({ at, horizon, subject, service, environment, windows, artifact, emergency }) {
    const scope = subjectScope({ subject, service, environment });
    if (scope === null || environment === null) return scopeUnknown(at);
    const between = { from: at, to: horizon };
    const over = windowsOver(windows, scope, environment, at, horizon);
    const { matched, faults, open } = over;
    if (faults.length > 0) return unreadable(at, faults);
    const permit = permitOf({ subject, artifact, emergency });
    const duty = isRestricted(0, environment, scope) ? "required" : "optional";
    if (matched.length === 0 && (permit === null || duty === "optional")) {
      return always(at, withoutWindow(environment.name, duty));
    }
    const tooMany = restless(at, [open]);
    if (tooMany !== null) return tooMany;
    const lane = permit === null ? emptySet : setOfSpans([permit]);
    const judgeAt = (moment: Temporal.Instant) => {
      const standing = toJudgement(over, { moment, horizon, environment: environment.name, zone: environment.zone });
      return permit !== null && covers(lane, moment) ? inLane(permit, standing, environment.zone) : standing;
    };
    const either = union(open, lane);
    return timelineOver([open, lane], between, judgeAt, (ms) => (isMsIn(either, ms) ? passes : stops));
  },
});

/** An emergency with permission does not wait for a window (semantics §3.9); what it passes is said. */
function inLane({ id, to }: Permit, standing: Judgement, zone: string): Judgement {
  if (standing.outcome === "pass") return standing;
  const evidence = [{ kind: "emergency", ref: id, text: "emergency permission" }, ...(standing.evidence ?? [])];
  const until = sayInstant(to, zone);
  return pass(
    "emergency-lane",
    `The emergency ${id} passes outside of windows until ${until}; otherwise: ${standing.sentence}`,
    evidence,
  );
}

function withoutWindow(environment: string, duty: "required" | "optional"): Judgement {
  if (duty === "optional") {
    return notApplicable("no-window-matches", `No window restricts this change in ${environment}.`);
  }
  const remedy: Remedy = {
    kind: "change",
    who: "owner of the calendar",
    what: `Declare a window for it in ${environment}.`,
  };
  const sentence = `${environment} opens only in windows, and none is declared for this change.`;
  return refuse("deny", "no-window", sentence, [remedy]);
}

interface Moment {
  readonly moment: Temporal.Instant;
  readonly horizon: Temporal.Instant;
  readonly environment: string;
  readonly zone: string;
}

function toJudgement(
  { matched, open, isOpenAt }: WindowsOver,
  { moment, horizon, environment, zone }: Moment,
): Judgement {
  if (matched.length === 0) return withoutWindow(environment, "required");
  const next = nextBorder(open, moment, horizon);
  if (covers(open, moment)) {
    const names = matched.filter((window) => isOpenAt(window, moment)).map(({ name }) => name);
    const until = next === null ? "" : ` until ${sayInstant(next, zone)}`;
    return pass("inside-window", `Inside the window ${sayList(names, "and")}${until}.`, evidenceOf(names));
  }
  const names = matched.map(({ name }) => name);
  const other: Remedy = {
    kind: "change",
    who: "owner of the calendar",
    what: `Open another window for it in ${environment}.`,
  };
  if (next === null) {
    const sentence = `The window ${sayList(names, "or")} does not open before ${sayInstant(horizon, zone)}.`;
    return refuse("deny", "never-opens", sentence, [other], evidenceOf(names));
  }
  const opening = matched.filter((window) => isOpenAt(window, next)).map(({ name }) => name);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, zone)}.` };
  const sentence = `Outside of its windows; the window ${sayList(opening, "and")} opens on ${sayInstant(next, zone)}.`;
  return refuse("wait", "outside-window", sentence, [wait, other], evidenceOf(opening));
}

function evidenceOf(names: readonly string[]): readonly Evidence[] {
  return names.map((name) => ({ kind: "window", ref: name, text: `window ${name}` }));
}
