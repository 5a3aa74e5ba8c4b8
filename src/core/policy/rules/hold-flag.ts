import { forwardActions, matchesScope } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsUnknown } from "#core/policy/demands.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { latestOf } from "#core/policy/moments.ts";
import { defineRule, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { standingMoments, standsAt } from "#core/policy/standing.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Hold } from "#core/release/hold.ts";

/**
 * A hold is put by a person and lifted by whom it names, or at its end, never by forgetting. Like a freeze it stops what
 * moves forward; a hold whose scope names actions stops those and no others.
 */
export const holdFlag = defineRule({
  id: "hold-flag",
  version: "1",
  title: "Nobody has put this change on hold",
  reason: "Somebody saw something that no rule foresees, and asked for time to look.",
  remedy: "Ask whom the hold names to lift it, or wait for its end.",
  codes: ["no-hold", "on-hold", "scope-unknown"],
  needs: ["service", "environment", "holds"],
  judge(facts) {
    const { at, horizon, subject, environment, holds } = facts;
    if (holds.length === 0) return timelineOfMoments([], { from: at, to: horizon }, () => free);
    const scope = subjectScope(facts);
    if (scope === null) return demandsUnknown(at);
    const matching = holds.filter(
      (hold) =>
        matchesScope(hold.scope, scope) &&
        (hold.scope.actions !== undefined || forwardActions.includes(subject.action)),
    );
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const inForce = matching.filter((hold) => standsAt(hold, moment));
      return inForce.length === 0 ? free : onHold(inForce, zone);
    };
    return timelineOfMoments(standingMoments(matching), { from: at, to: horizon }, judgeAt);
  },
});

const free = pass("no-hold", "Nobody has put this change on hold.");

function onHold(holds: readonly Hold[], zone: string | null): Judgement {
  const said = holds.map(({ id, by, reason, until }) => {
    const end = until === null ? "" : ` until ${sayInstant(until, zone)}`;
    return `on hold by ${by} (${id})${end}: ${reason.replace(/\.$/, "")}`;
  });
  const text = said.join("; ");
  const sentence = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
  const deeds = holds.map(
    ({ id, liftedBy }) => ({ kind: "change", who: liftedBy, what: `Lift the hold ${id}.` }) as const,
  );
  const evidence = holds.map(({ id, by, reason }) => ({ kind: "hold", ref: id, text: `hold by ${by}: ${reason}` }));
  const last = latestOf(holds.map(({ until }) => until));
  if (last === null) return refuse("hold", "on-hold", sentence, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  return refuse("wait", "on-hold", sentence, [wait, ...deeds], evidence);
}
