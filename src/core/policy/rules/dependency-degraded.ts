import type { Upstream } from "#core/catalog/graph.ts";
import { forwardActions } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence } from "#core/policy/demands.ts";
import type { EffectiveSettings } from "#core/policy/effective.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { after, sayDuration, sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { Signal } from "#core/release/state.ts";

/** For so long a service must have been ok again where no policy says otherwise. */
export const defaultOkFor = Temporal.Duration.from({ minutes: 10 });

/**
 * Whatever the service needs, directly or through others and along every kind of edge, vendors included. The hold lifts
 * by rule: once the signal has been `ok` for long enough. What went `unknown` is no `ok`. Its own signal does not hold:
 * a change may be what repairs it.
 */
export const dependencyDegraded = defineRule({
  id: "dependency-degraded",
  version: "1",
  title: "Nothing that the service needs is degraded",
  reason: "A change that starts while something underneath is failing cannot be told apart from the failure.",
  remedy: "Wait until what is degraded has been ok for long enough; whoever runs it can help.",
  codes: [
    "no-upstream",
    "goes-back",
    "upstream-ok",
    "upstream-degraded",
    "upstream-recovering",
    "upstream-unknown",
    "scope-unknown",
  ],
  needs: ["service", "environment", "upstream", "signals", "policies"],
  judge(facts) {
    const { at, horizon, subject, environment, upstream, signals } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (upstream.length === 0) return always(at, notApplicable("no-upstream", "The service needs no other."));
    if (!forwardActions.includes(subject.action)) {
      return always(at, notApplicable("goes-back", "Going back does not wait for what is degraded."));
    }
    const needed = upstream.flatMap((one) =>
      signals
        .filter(({ service, environment: where }) => service === one.service && isHere(where, subject.environment))
        .map((signal) => ({ upstream: one, signal })),
    );
    const lifts = demands.all.flatMap((settings) => needed.map(({ signal }) => after(signal.since, okForOf(settings))));
    const borders = [...demands.moments, ...lifts, ...needed.map(({ signal }) => signal.since)];
    const about = { service: subject.service, zone: environment?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement =>
      toJudgement(needed, demands.settingsAt(moment), about, moment);
    return timelineOfMoments(borders, { from: at, to: horizon }, judgeAt);
  },
});

function isHere(where: string | null, environment: string): boolean {
  return where === null || where === environment;
}

function okForOf({ signals }: EffectiveSettings): Temporal.Duration {
  return signals?.demand.okFor ?? defaultOkFor;
}

interface Needed {
  readonly upstream: Upstream;
  readonly signal: Signal;
}

interface About {
  readonly service: string;
  readonly zone: string | null;
}

function toJudgement(
  needed: readonly Needed[],
  settings: EffectiveSettings,
  { service, zone }: About,
  moment: Temporal.Instant,
): Judgement {
  const okFor = okForOf(settings);
  const liftsAt = ({ signal }: Needed): Temporal.Instant => after(signal.since, okFor);
  const bad = needed.filter(({ signal }) => signal.status !== "ok" && !isAfter(signal.since, moment));
  const recovering = needed.filter(
    (one) => one.signal.status === "ok" && one.signal.clearedFrom !== null && isAfter(liftsAt(one), moment),
  );
  const policies = policyEvidence(settings.signals?.sources ?? []);
  if (bad.length + recovering.length === 0) {
    return pass("upstream-ok", `Nothing that ${service} needs is degraded.`, policies);
  }
  const said = [
    ...bad.map((one) => `${sayStatus(one, zone)}; ${sayPath(service, one)}`),
    ...recovering.map((one) => {
      const lifts = `the hold lifts on ${sayInstant(liftsAt(one), zone)}`;
      return `${sayStatus(one, zone)} after being ${one.signal.clearedFrom}, and ${lifts}; ${sayPath(service, one)}`;
    }),
  ];
  const sentence = `${said.join("; ")}.`;
  const evidence = [...[...bad, ...recovering].map(toEvidence), ...policies];
  const deeds = [...bad, ...recovering].map((one) => remedyOf(one, okFor));
  const last = bad.length > 0 ? null : latestOf(recovering.map(liftsAt));
  if (last !== null) {
    const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
    return refuse("wait", "upstream-recovering", sentence, [wait, ...deeds], evidence);
  }
  return bad.some(({ signal }) => signal.status === "unknown")
    ? refuse("unknown", "upstream-unknown", sentence, deeds, evidence)
    : refuse("hold", "upstream-degraded", sentence, deeds, evidence);
}

function sayStatus({ signal }: Needed, zone: string | null): string {
  const { service, environment, status, since, event } = signal;
  const is = status === "outage" ? "has an outage" : `is ${status}`;
  const where = environment === null ? "" : ` in ${environment}`;
  const named = event === null ? "" : ` (${event})`;
  return `${service} ${is}${where} since ${sayInstant(since, zone)}${named}`;
}

function sayPath(service: string, { upstream }: Needed): string {
  return `needed by ${[service, ...upstream.path].join(" → ")}`;
}

function remedyOf({ signal }: Needed, okFor: Temporal.Duration): Remedy {
  const { service, status } = signal;
  const who = `owner of ${service}`;
  switch (status) {
    case "ok":
      return { kind: "clear-signal", who, what: `Confirm before its time that ${service} is stable.` };
    case "unknown":
      return { kind: "supply-evidence", who, what: `Let ${service} report that it is ok for ${sayDuration(okFor)}.` };
    case "degraded":
    case "outage":
      return { kind: "clear-signal", who, what: `Bring ${service} back to ok for ${sayDuration(okFor)}.` };
  }
}

function toEvidence({ signal }: Needed): { readonly kind: string; readonly ref: string; readonly text: string } {
  const { service, environment, status, event } = signal;
  const ref = event ?? `${service}@${environment ?? "everywhere"}`;
  return { kind: "signal", ref, text: `${service} = ${status}` };
}
