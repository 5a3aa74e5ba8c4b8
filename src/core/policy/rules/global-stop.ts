import { grants } from "#core/access/grants.ts";
import { roles } from "#core/catalog/people.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { latestOf } from "#core/policy/moments.ts";
import { defineRule, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { standingMoments, standsAt } from "#core/policy/standing.ts";
import type { Stop } from "#core/release/hold.ts";

/**
 * Outranks everything (semantics §3.7): no window, approval or policy lets a start through while it stands. Going back
 * to what ran before passes when every stop in force says so; then nothing but the other rules decides.
 */
export const globalStop = defineRule({
  id: "global-stop",
  version: "1",
  title: "No global stop is in force",
  reason: "When nobody knows what is going on, the first thing that helps is that nothing else changes.",
  remedy: "Wait for its end, or have it lifted by somebody who may.",
  codes: ["no-stop", "stopped", "roll-back-let-through"],
  needs: ["environment", "stops"],
  judge({ at, horizon, subject, environment, stops }) {
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const inForce = stops.filter((stop) => standsAt(stop, moment));
      if (inForce.length === 0) return free;
      const goesBack = subject.action === "roll-back" && inForce.every(({ allowsRollBack }) => allowsRollBack);
      return goesBack ? letThrough(inForce) : stopped(inForce, zone);
    };
    return timelineOfMoments(standingMoments(stops), { from: at, to: horizon }, judgeAt);
  },
});

/** Whoever may stop everything may also let it go again. */
const whoMayLift = `role ${sayList(
  roles.filter((role) => grants[role].includes("stop.change")),
  "or",
)}`;

const free = pass("no-stop", "No global stop is in force.");

function letThrough(stops: readonly Stop[]): Judgement {
  const sentence = "A global stop is in force, and lets what goes back through.";
  return pass("roll-back-let-through", sentence, stops.map(toEvidence));
}

function stopped(stops: readonly Stop[], zone: string | null): Judgement {
  const said = stops.map(({ by, reason, until }) => {
    const end = until === null ? "until somebody lifts it" : `until ${sayInstant(until, zone)}`;
    return `${by} has stopped everything ${end}: ${reason}`;
  });
  const sentence = `${said.map(withoutFullStop).join("; ")}.`;
  const deeds = stops.map(
    ({ id }) => ({ kind: "change", who: whoMayLift, what: `Lift the global stop ${id}.` }) as const,
  );
  const last = latestOf(stops.map(({ until }) => until));
  const evidence = stops.map(toEvidence);
  if (last === null) return refuse("hold", "stopped", sentence, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  return refuse("wait", "stopped", sentence, [wait, ...deeds], evidence);
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, "");
}

function toEvidence({ id, by, reason }: Stop): { readonly kind: string; readonly ref: string; readonly text: string } {
  return { kind: "stop", ref: id, text: `global stop by ${by}: ${reason}` };
}
