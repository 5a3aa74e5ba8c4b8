import { changesWithin, contentOf, standingAt } from "#core/approval/count.ts";
import { matchesScope } from "#core/catalog/scope.ts";
import type { ControlState, Exemption } from "#core/exemption/exemption.ts";
import type { Facts } from "#core/policy/facts.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { rehearsal } from "#core/rollback/rehearsal.ts";
import { defaultStrategy, strategyFor } from "#core/rollout/strategy.ts";
import { compareInstants } from "#core/span.ts";

/** A compensating control that can be looked up, as it is written: `evidence:KIND`, `canary:PT24H`, ... */
export type Control =
  /** The newest evidence of this kind of every source, on the digest, is a pass. */
  | { readonly kind: "evidence"; readonly evidence: string }
  /** The strategy watches a part of the traffic for at least so long before all of it moves. */
  | { readonly kind: "canary"; readonly lasts: Temporal.Duration }
  /** The content has the approvals of this route. */
  | { readonly kind: "approval"; readonly route: string }
  /**
   * The way back is there: it was rehearsed with this digest (evidence of the kind `rehearsal`), or the requester has a
   * plan for it and a former version is on record as live in that place. What the requester says alone is no proof.
   */
  | { readonly kind: "rollback-plan" };

/** How controls are written, for messages. */
export const controlForms = "evidence:KIND, canary:PT24H, approval:ROUTE or rollback-plan";

const nameForm = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** null for what nobody could verify. */
export function parseControl(text: string): Control | null {
  if (text === "rollback-plan") return { kind: "rollback-plan" };
  const [kind, rest = ""] = split(text);
  if (kind === "canary") {
    const lasts = durationIn(rest);
    return lasts === null ? null : { kind, lasts };
  }
  if (!nameForm.test(rest)) return null;
  if (kind === "evidence") return { kind, evidence: rest };
  return kind === "approval" ? { kind, route: rest } : null;
}

function split(text: string): readonly [string, string?] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}

function durationIn(text: string): Temporal.Duration | null {
  try {
    const duration = Temporal.Duration.from(text);
    return elapsedMs(duration) > 0 ? duration : null;
  } catch {
    return null;
  }
}

export type ControlFacts = Pick<
  Facts,
  | "at"
  | "horizon"
  | "subject"
  | "service"
  | "environment"
  | "artifact"
  | "evidence"
  | "deployed"
  | "strategies"
  | "routes"
  | "approvals"
  | "people"
>;

/** How the controls of an exemption stand for the subject at an instant: pure, from what verdicts know anyway. */
export function controlStates(
  { controls }: Pick<Exemption, "controls">,
  facts: ControlFacts,
  moment: Temporal.Instant,
): readonly ControlState[] {
  return controls.map((control) => ({ control, state: stateOf(parseControl(control), facts, moment) }));
}

/** The instants in `(at, horizon)` at which a control may change. */
export function controlMoments(
  { controls }: Pick<Exemption, "controls">,
  facts: ControlFacts,
): readonly Temporal.Instant[] {
  return controls.flatMap((text) => {
    const control = parseControl(text);
    const route = control?.kind === "approval" ? routeNamed(control.route, facts) : undefined;
    return route === undefined ? [] : changesWithin(route, facts.approvals, contentOf(facts), facts.at, facts.horizon);
  });
}

function stateOf(control: Control | null, facts: ControlFacts, moment: Temporal.Instant): ControlState["state"] {
  switch (control?.kind) {
    case "evidence":
      return evidenceState(control.evidence, facts, moment);
    case "canary":
      return watchedSeconds(facts) * 1000 >= elapsedMs(control.lasts) ? "in-place" : "missing";
    case "approval":
      return approvalState(control.route, facts, moment);
    case "rollback-plan":
      return wayBackState(facts, moment);
    case undefined:
      return "unknown";
  }
}

function wayBackState(facts: ControlFacts, moment: Temporal.Instant): ControlState["state"] {
  const rehearsed = evidenceState(rehearsal, facts, moment);
  if (rehearsed === "in-place") return rehearsed;
  const { subject, deployed } = facts;
  if (subject.hasRollbackPlan !== true) return rehearsed;
  if (deployed === "assumed" || deployed === "unknown") return "unknown";
  const hasFormer = deployed.some(
    ({ service, environment, version }) =>
      service === subject.service && environment === subject.environment && version !== subject.version,
  );
  return hasFormer ? "in-place" : "missing";
}

function evidenceState(
  kind: string,
  { artifact, evidence }: ControlFacts,
  moment: Temporal.Instant,
): ControlState["state"] {
  if (evidence === "assumed" || artifact === "assumed") return "unknown";
  if (artifact === null) return "missing";
  const newest = new Map<string, (typeof evidence)[number]>();
  for (const record of evidence) {
    if (record.kind !== kind || record.digest !== artifact.digest) continue;
    if (compareInstants(record.at, moment) > 0) continue;
    const known = newest.get(record.source);
    if (known === undefined || compareInstants(known.at, record.at) < 0) newest.set(record.source, record);
  }
  const found = [...newest.values()];
  return found.length > 0 && found.every(({ outcome }) => outcome === "pass") ? "in-place" : "missing";
}

/** How long a part of the traffic, and not yet all of it, is watched at least. */
function watchedSeconds(facts: ControlFacts): number {
  const scope = subjectScope(facts);
  const { stages } = scope === null ? defaultStrategy : strategyFor(facts.strategies, scope);
  return stages.filter(({ percent }) => percent < 100).reduce((sum, { minSeconds }) => sum + minSeconds, 0);
}

/** A route that does not cover the change has nothing to say about it. */
function routeNamed(name: string, facts: ControlFacts): ControlFacts["routes"][number] | undefined {
  const scope = subjectScope(facts);
  return scope === null
    ? undefined
    : facts.routes.find((route) => route.name === name && matchesScope(route.scope, scope));
}

function approvalState(name: string, facts: ControlFacts, moment: Temporal.Instant): ControlState["state"] {
  const route = routeNamed(name, facts);
  if (route === undefined) return "unknown";
  const { approvedBy, rejectedBy } = standingAt(route, facts.approvals, contentOf(facts), facts.people, moment);
  return rejectedBy === null && approvedBy.length >= Math.max(1, route.approvals) ? "in-place" : "missing";
}
