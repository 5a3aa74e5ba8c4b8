import type { Freeze, FreezeStrength } from "#core/calendar/freeze.ts";
import { isMsIn, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import type { RuleSpans } from "#core/calendar/timetable.ts";
import {
  covers,
  nextBorder,
  restless,
  scopeUnknown,
  timelineOver,
  unreadable,
} from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { stoppingFreezes } from "#core/policy/freezes-stopping.ts";
import { defineRule, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { passes, type Stance } from "#core/policy/timeline.ts";

/**
 * A freeze is a promise made to others, so it outranks every window and every approval of the change itself. It stops
 * forward actions unless it names others: going back to what ran before is let through. Half-open: at the very instant
 * at which a freeze ends a deployment may start.
 */
export const freezeInForce = defineRule({
  id: "freeze-in-force",
  version: "1",
  title: "No freeze in force stops this change",
  reason: "A freeze protects what others are about to do: closing the books, a campaign, an audit.",
  remedy:
    "Wait for its end. A soft freeze passes with the approval it names; only a compliance officer lifts an embargo.",
  codes: ["no-freeze", "frozen", "embargo", "calendar-unreadable", "scope-unknown"],
  needs: ["service", "environment", "artifact", "freezes", "routes", "approvals", "people"],
  judge(facts) {
    const { at, horizon, environment } = facts;
    const scope = subjectScope(facts);
    if (scope === null || environment === null) return scopeUnknown(at);
    const { matched, faults } = stoppingFreezes(facts, scope, environment);
    if (faults.length > 0) return unreadable(at, faults);
    const sets = matched.map(({ spans }) => spans);
    const tooMany = restless(at, sets);
    if (tooMany !== null) return tooMany;
    const frozen = unionOf(sets);
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const inForce = matched.filter(({ spans }) => covers(spans, moment)).toSorted(byStrength);
      const next = nextBorder(frozen, moment, horizon);
      return inForce.length === 0
        ? free(matched, next, environment.zone)
        : stopped({ inForce, end: next, moment, horizon, zone: environment.zone });
    };
    return timelineOver(sets, { from: at, to: horizon }, judgeAt, stanceByFreezes(sets));
  },
});

/** Segments ask for the same deeds when the same freezes are in force. */
function stanceByFreezes(sets: readonly SpanSet[]): (ms: number) => Stance {
  const stances = new Map<string, Stance>([["", passes]]);
  return (ms) => {
    let key = "";
    for (const [place, set] of sets.entries()) if (isMsIn(set, ms)) key += `${place},`;
    const stance = stances.get(key) ?? stances.size;
    stances.set(key, stance);
    return stance;
  };
}

const ranks: Readonly<Record<FreezeStrength, number>> = { embargo: 0, hard: 1, soft: 2 };

function byStrength(a: RuleSpans<Freeze>, b: RuleSpans<Freeze>): number {
  return ranks[a.rule.strength] - ranks[b.rule.strength] || (a.rule.name < b.rule.name ? -1 : 1);
}

function free(matched: readonly RuleSpans<Freeze>[], next: Temporal.Instant | null, zone: string): Judgement {
  if (next === null) return pass("no-freeze", "No freeze is in force.");
  const names = matched.filter(({ spans }) => covers(spans, next)).map(({ rule }) => rule.name);
  return pass("no-freeze", `No freeze is in force; ${sayList(names, "and")} begins on ${sayInstant(next, zone)}.`);
}

interface Stop {
  /** Strongest first; never empty. */
  readonly inForce: readonly RuleSpans<Freeze>[];
  /** When the last of the unbroken run of freezes ends; null when that lies behind the horizon. */
  readonly end: Temporal.Instant | null;
  readonly moment: Temporal.Instant;
  readonly horizon: Temporal.Instant;
  readonly zone: string;
}

function stopped({ inForce, end, moment, horizon, zone }: Stop): Judgement {
  const parts = inForce.map(({ rule, spans }) => sayFreeze(rule, nextBorder(spans, moment, horizon), zone));
  const sentence = `${parts.join("; ")}.`;
  const deeds = inForce.map(({ rule }) => remedyOf(rule));
  const evidence = inForce.map(({ rule }) => ({
    kind: "freeze",
    ref: rule.name,
    text: `${rule.strength} freeze of ${rule.owner}: ${rule.reason}`,
  }));
  const code = inForce[0]?.rule.strength === "embargo" ? "embargo" : "frozen";
  if (end === null) return refuse("deny", code, sentence, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(end, zone)}.` };
  return refuse("wait", code, sentence, [wait, ...deeds], evidence);
}

function sayFreeze(freeze: Freeze, end: Temporal.Instant | null, zone: string): string {
  const kind = freeze.strength === "embargo" ? "The embargo" : `The ${freeze.strength} freeze`;
  const until = end === null ? "with no end in sight" : `until ${sayInstant(end, zone)}`;
  return `${kind} ${freeze.name} of ${freeze.owner} is in force ${until}`;
}

function remedyOf({ strength, name, owner, passesWith }: Freeze): Remedy {
  if (strength === "soft" && passesWith !== null) {
    return { kind: "approve", who: `route ${passesWith}`, what: `Approve it in spite of the freeze ${name}.` };
  }
  const who = strength === "embargo" ? "role compliance" : owner;
  const what = `Lift the ${strength === "embargo" ? "embargo" : "freeze"} ${name} before its end.`;
  return { kind: "change", who, what };
}
