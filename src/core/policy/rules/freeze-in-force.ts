import type { Freeze, FreezeStrength } from "#core/calendar/freeze.ts";
import { isMsIn, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import {
  covers,
  nextBorder,
  restless,
  scopeUnknown,
  timelineOver,
  unreadable,
} from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { despiteDeed, passageAt, stoppingFreezes, type StoppingFreeze } from "#core/policy/freezes-stopping.ts";
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
  version: "2",
  title: "No freeze in force stops this change",
  reason: "A freeze protects what others are about to do: closing the books, a campaign, an audit.",
  remedy:
    "Wait for its end. A soft freeze passes with the approval it names, given in spite of it; a hard one lets through emergencies that name it; only a compliance officer lifts an embargo.",
  codes: ["no-freeze", "freeze-passed", "frozen", "embargo", "calendar-unreadable", "scope-unknown"],
  needs: ["service", "environment", "artifact", "freezes", "routes", "approvals", "people", "emergency"],
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
        ? free({ matched, next, moment, horizon, zone: environment.zone })
        : stopped({ inForce, end: next, moment, horizon, zone: environment.zone });
    };
    const passed = matched.flatMap(({ inForce, passages }) => (passages.length === 0 ? [] : [inForce]));
    return timelineOver([...sets, ...passed], { from: at, to: horizon }, judgeAt, stanceByFreezes(sets));
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

function byStrength(a: StoppingFreeze, b: StoppingFreeze): number {
  return ranks[a.rule.strength] - ranks[b.rule.strength] || (a.rule.name < b.rule.name ? -1 : 1);
}

interface Free {
  readonly matched: readonly StoppingFreeze[];
  /** When a freeze begins to stop; null when that lies behind the horizon. */
  readonly next: Temporal.Instant | null;
  readonly moment: Temporal.Instant;
  readonly horizon: Temporal.Instant;
  readonly zone: string;
}

/** A freeze that is passed is in force all the same, and whoever reads this has to know. */
function free({ matched, next, moment, horizon, zone }: Free): Judgement {
  const passed = matched.flatMap((freeze) => {
    const passage = passageAt(freeze, moment);
    if (passage === null) return [];
    const until = nextBorder(passage.set, moment, horizon);
    const stays = sayFreeze(freeze.rule, nextBorder(freeze.inForce, moment, horizon), zone);
    const by = passage.by(moment);
    const ends = until === null ? "" : ` until ${sayInstant(until, zone)}`;
    return [{ rule: freeze.rule, said: `${stays}, passed by ${by}${ends}`, by }];
  });
  if (passed.length > 0) {
    const evidence = passed.map(({ rule, by }) => ({
      kind: "freeze",
      ref: rule.name,
      text: `${rule.strength} freeze of ${rule.owner}, passed by ${by}: ${rule.reason}`,
    }));
    return pass("freeze-passed", `${passed.map(({ said }) => said).join("; ")}.`, evidence);
  }
  if (next === null) return pass("no-freeze", "No freeze is in force.");
  const names = matched.filter(({ spans }) => covers(spans, next)).map(({ rule }) => rule.title ?? rule.name);
  return pass("no-freeze", `No freeze is in force; ${sayList(names, "and")} begins on ${sayInstant(next, zone)}.`);
}

interface Stop {
  /** Strongest first; never empty. */
  readonly inForce: readonly StoppingFreeze[];
  /** When the last of the unbroken run of freezes ends; null when that lies behind the horizon. */
  readonly end: Temporal.Instant | null;
  readonly moment: Temporal.Instant;
  readonly horizon: Temporal.Instant;
  readonly zone: string;
}

function stopped({ inForce, end, moment, horizon, zone }: Stop): Judgement {
  const parts = inForce.map((one) => sayFreeze(one.rule, nextBorder(one.inForce, moment, horizon), zone));
  const sentence = `${parts.join("; ")}.`;
  const deeds = inForce.map(remedyOf);
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
  return `${kind} ${freeze.title ?? freeze.name} of ${freeze.owner} is in force ${until}`;
}

function remedyOf({ rule: { strength, name, owner }, passers }: StoppingFreeze): Remedy {
  const names = passers();
  if (names.length > 0) {
    return { kind: "approve", who: sayList(names, "or"), what: despiteDeed(name) };
  }
  const who = strength === "embargo" ? "role compliance" : owner;
  const what = `Lift the ${strength === "embargo" ? "embargo" : "freeze"} ${name} before its end.`;
  return { kind: "change", who, what };
}
