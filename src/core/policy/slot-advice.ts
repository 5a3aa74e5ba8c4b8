import { advise, defaultStepMs, scoreSlot, type AdviceQuery, type Slot } from "#core/calendar/advice/advise.ts";
import { riskOf, type Risk } from "#core/calendar/advice/risk.ts";
import { assumedRun } from "#core/calendar/cover/cover-length.ts";
import { setOfSpans } from "#core/calendar/span-set.ts";
import { evaluate, evaluateAt, type EvaluateOptions } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Rule } from "#core/policy/rule.ts";
import { elapsedMs } from "#core/policy/say.ts";
import type { ExpectedDuration } from "#core/release/state.ts";
import { compareInstants, type Span } from "#core/span.ts";

/**
 * Rules that ask for a deed and not for a time, and the agreement itself: a slot is looked for before somebody has
 * approved, and another slot may be earlier than the one that was agreed on.
 */
const notAboutSlots: readonly string[] = [
  "artifact-known",
  "artifact-verified",
  "environment-path",
  "evidence-fresh",
  "ticket-linked",
  "error-budget-left",
  "approved-by-another",
  "lock-free",
  "agreed-slot-begun",
];

export interface SlotAdvice {
  readonly risk: Risk;
  readonly neededMs: number;
  /** False: nobody knows yet how long it takes, so a usual length is assumed. */
  readonly isLengthKnown: boolean;
  /** Best first. */
  readonly slots: readonly Slot[];
  /** What stands in the way at the instant of the question, for those who wonder why no slot is earlier. */
  readonly obstacles: readonly Finding[];
  /** Without any slot: the rules each of which alone leaves none. Empty when it takes several of them together. */
  readonly blockers: readonly Pick<Rule, "id" | "title">[];
}

export interface AdviceOptions extends EvaluateOptions {
  readonly rules: readonly Rule[];
  readonly since: Temporal.Instant;
  readonly until: Temporal.Instant;
}

/** A slot as somebody proposes it: scored, or what stands in its way. */
export type SlotScore =
  | { readonly isOpen: true; readonly slot: Slot }
  | { readonly isOpen: false; readonly obstacles: readonly Finding[] };

/** Ranked slots inside the joint openings of the verdict; none for a service or environment that is not known. */
export function adviseOn(facts: Facts, options: AdviceOptions): SlotAdvice {
  const { query, obstacles } = queryOf(facts, options);
  const { risk, neededMs } = query;
  const slots = advise(query);
  const isLengthKnown = expectedOf(facts) !== undefined;
  return {
    risk,
    neededMs,
    isLengthKnown,
    slots,
    obstacles,
    blockers: slots.length > 0 ? [] : blockersOf(facts, options),
  };
}

function blockersOf(facts: Facts, options: AdviceOptions): readonly Pick<Rule, "id" | "title">[] {
  const about = slotRules(options.rules);
  return about
    .filter((rule) => {
      const others = about.filter((other) => other !== rule);
      return advise(queryOf(facts, { ...options, rules: others }).query).length > 0;
    })
    .map(({ id, title }) => ({ id, title }));
}

/** The same function for one start; an instant outside of the horizon of the facts is in no opening. */
export function scoreStart(
  facts: Facts,
  from: Temporal.Instant,
  options: Omit<AdviceOptions, "since" | "until">,
): SlotScore {
  const { query } = queryOf(facts, { ...options, since: facts.at, until: facts.horizon });
  const slot = scoreSlot(query, from);
  if (slot !== null) return { isOpen: true, slot };
  const isInside = compareInstants(facts.at, from) <= 0 && compareInstants(from, facts.horizon) < 0;
  if (!isInside) return { isOpen: false, obstacles: [] };
  const { findings } = evaluateAt(slotRules(options.rules), facts, from, options);
  return { isOpen: false, obstacles: findings.filter(({ outcome }) => !passes(outcome)) };
}

function queryOf(
  facts: Facts,
  options: AdviceOptions,
): { readonly query: AdviceQuery; readonly obstacles: readonly Finding[] } {
  const { service, environment, subject } = facts;
  const expected = expectedOf(facts);
  const rollbackMs = expected === undefined ? null : elapsedMs(expected.rollbackP95);
  const neededMs = elapsedMs(expected?.p95 ?? assumedRun) + (rollbackMs ?? elapsedMs(assumedRun));
  const neededFor = Temporal.Duration.from({ milliseconds: Math.ceil(neededMs) });
  const verdict = evaluate(slotRules(options.rules), facts, { ...options, neededFor });
  const own = (name: string): boolean => name === subject.service;
  const query = {
    open: setOfSpans(service === null || environment === null ? [] : verdict.openings),
    zone: environment?.zone ?? "UTC",
    profile: facts.profiles.find((profile) => own(profile.service)) ?? null,
    neighbours: facts.profiles.filter((profile) => !own(profile.service) && profile.batches.length > 0),
    neededMs: Math.ceil(neededMs),
    rollbackMs,
    risk: service === null ? ("high" as const) : riskOf(subject.risk, service),
    since: options.since,
    until: options.until,
    stepMs: defaultStepMs,
  };
  return { query, obstacles: verdict.findings.filter(({ outcome }) => !passes(outcome)) };
}

/** When a run of the subject may go, by every rule that asks for a time and not for a deed. */
export function openingsForRun(
  facts: Facts,
  options: Omit<AdviceOptions, "since" | "until">,
): { readonly openings: readonly Span[]; readonly runMs: number | null; readonly obstacles: readonly Finding[] } {
  const expected = expectedOf(facts);
  const verdict = evaluate(slotRules(options.rules), facts, options);
  return {
    openings: facts.service === null || facts.environment === null ? [] : verdict.openings,
    runMs: expected === undefined ? null : elapsedMs(expected.p95),
    obstacles: verdict.findings.filter(({ outcome }) => !passes(outcome)),
  };
}

function slotRules(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ id }) => !notAboutSlots.includes(id));
}

function passes(outcome: Finding["outcome"]): boolean {
  return outcome === "pass" || outcome === "not-applicable";
}

function expectedOf({ durations, subject }: Facts): ExpectedDuration | undefined {
  return durations.find(
    ({ service, environment }) => service === subject.service && environment === subject.environment,
  );
}
