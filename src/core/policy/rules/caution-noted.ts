import { setOfSpans, type SpanSet } from "#core/calendar/span-set.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { matchesScope } from "#core/catalog/scope.ts";
import { covers, timelineOver } from "#core/policy/calendar-timeline.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { always, passes } from "#core/policy/timeline.ts";

/** It never stops anything: whoever reads the verdict is told what else is going on. */
export const cautionNoted = defineRule({
  id: "caution-noted",
  version: "1",
  title: "Business events that call for caution are named",
  reason: "Some events need no freeze, but whoever acts during one should know of it.",
  remedy: "Nothing has to be done; read the note and decide.",
  codes: ["no-caution", "caution"],
  needs: ["service", "environment", "artifact", "cautions"],
  judge(facts) {
    const { at, horizon, environment, cautions } = facts;
    const scope = subjectScope(facts);
    const matching = scope === null ? [] : cautions.filter((caution) => matchesScope(caution.scope, scope));
    if (matching.length === 0) return always(at, none);
    const marked = matching.map((caution) => ({ caution, set: setOfSpans([caution.span]) }));
    const sets = marked.map(({ set }) => set);
    return timelineOver(
      sets,
      { from: at, to: horizon },
      (moment) => judgeAt(marked, moment, environment?.zone ?? null),
      () => passes,
    );
  },
});

const none = notApplicable("no-caution", "No business event calls for caution.");

function judgeAt(
  marked: readonly { readonly caution: Caution; readonly set: SpanSet }[],
  moment: Temporal.Instant,
  zone: string | null,
): Judgement {
  const now = marked.filter(({ set }) => covers(set, moment)).map(({ caution }) => caution);
  if (now.length === 0) return none;
  const parts = now.map(({ summary, calendar, span }) => `${summary} (${calendar}) until ${sayInstant(span.to, zone)}`);
  const evidence = now.map(({ name, summary }) => ({ kind: "event", ref: name, text: summary }));
  return pass("caution", `Take care: ${parts.join("; ")}.`, evidence);
}
