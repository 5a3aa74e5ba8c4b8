import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import { defaultEmergency, isNamed, laneApprovals, laneNeeds, ticketGaps } from "#core/exemption/lane.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence } from "#core/policy/demands.ts";
import type { PolicySource } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayDigest, sayDuration, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { makersOf } from "#core/release/artifact.ts";
import { compareInstants } from "#core/span.ts";

/**
 * The lane is the only way past a hard freeze, for administrators too, so it asks for a ticket with a cause, for the
 * impact and for others who consent. One digest, named places, a few hours.
 */
export const emergencyPermitted = defineRule({
  id: "emergency-permitted",
  version: "1",
  title: "An emergency has a ticket, and permission for this very digest",
  reason: "What passes windows and freezes must be rare, known to those who feel it, and paid for afterwards.",
  remedy: "Open an emergency ticket with its cause and have it approved by those on duty, or request a normal change.",
  codes: [
    "no-emergency",
    "emergency-permitted",
    "no-emergency-ticket",
    "cause-empty",
    "criteria-open",
    "impact-missing",
    "other-digest",
    "approvals-missing",
    "compliance-missing",
    "permission-over",
    "scope-unknown",
  ],
  needs: ["service", "environment", "artifact", "policies", "people", "emergency", "debts"],
  judge(facts) {
    const { at, horizon, subject, emergency: ticket, debts } = facts;
    if (subject.class !== "emergency") return always(at, notApplicable("no-emergency", "It is no emergency."));
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (ticket === null || !isNamed(ticket, subject)) return always(at, withoutTicket(facts));
    const moments = [
      ...demands.moments,
      ...ticket.approvedBy.map((approval) => approval.at),
      ...(ticket.until === null ? [] : [ticket.until]),
      ...debts.flatMap(({ paidAt }) => (paidAt === null ? [] : [paidAt])),
    ];
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).emergency;
      const demand = demanded?.demand ?? defaultEmergency;
      return judgeTicket({ facts, ticket, demand, sources: demanded?.sources ?? [], moment });
    };
    return timelineOfMoments(moments, { from: at, to: horizon }, judgeAt);
  },
});

type LaneFacts = Pick<
  Facts,
  "subject" | "service" | "environment" | "artifact" | "people" | "debts" | "emergency" | "policies"
>;

function withoutTicket({ subject }: LaneFacts): Judgement {
  const { service, version, environment } = subject;
  const what = `Open an emergency ticket for ${service} ${version} in ${environment}.`;
  const sentence = `An emergency needs a ticket, and there is none for ${service} ${version} in ${environment}.`;
  return refuse("deny", "no-emergency-ticket", sentence, [{ kind: "change", who: "requester", what }]);
}

interface Question {
  readonly facts: LaneFacts;
  readonly ticket: EmergencyTicket;
  readonly demand: EmergencyDemand;
  readonly sources: readonly PolicySource[];
  readonly moment: Temporal.Instant;
}

function judgeTicket(question: Question): Judgement {
  const { facts, ticket, demand, sources } = question;
  const evidence = [ticketEvidence(ticket), ...policyEvidence(sources)];
  const stop = (code: string, said: string, remedy: Remedy): Judgement =>
    refuse("deny", code, `The emergency ${ticket.id} permits nothing: ${said}.`, [remedy], evidence);
  const gaps = ticketGaps(ticket, demand);
  const anew = (what: string): Remedy => ({ kind: "change", who: "requester", what });
  if (gaps[0] !== undefined) {
    const said = gaps.map((gap) => gap.said).join(", and ");
    return stop(gaps[0].code, said, anew("Open a ticket that says all of it; the newest one counts."));
  }
  const digest = facts.artifact === null || facts.artifact === "assumed" ? null : facts.artifact.digest;
  if (ticket.digest === null || digest !== ticket.digest) {
    const meant = ticket.digest === null ? "no digest" : sayDigest(ticket.digest);
    const other = digest === null ? "no digest is known" : sayDigest(digest);
    return stop(
      "other-digest",
      `it is for ${meant}, and what would run is ${other}`,
      anew("Open one for this digest."),
    );
  }
  return judgeApprovals(question, evidence, stop);
}

function judgeApprovals(
  { facts, ticket, demand, moment }: Question,
  evidence: readonly Evidence[],
  stop: (code: string, said: string, remedy: Remedy) => Judgement,
): Judgement {
  const { subject, environment, people } = facts;
  const concerned = [subject.requestedBy, ...makersOf(facts.artifact)].filter((name) => name !== null);
  const needs = laneNeeds(ticket, demand, facts.debts, moment);
  const { counted, ignored, hasCompliance } = laneApprovals(ticket, { people, concerned }, moment);
  const because = needs.overdue.length === 0 ? "" : `, one more than usual because ${sayOverdue(needs.overdue)}`;
  const zone = environment?.zone ?? null;
  const approve = (what: string): Remedy => ({ kind: "approve", who: "approvers on duty", what });
  if (counted.length < needs.approvals) {
    const not = [...new Set(ignored.map(({ person, why }) => `${person} ${why}`))];
    const uncounted = not.length === 0 ? "" : `; not counted: ${sayList(not, "and")}`;
    const said = `${counted.length} of ${needs.approvals} approvals${because}${uncounted}`;
    return stop("approvals-missing", said, approve(`Approve the emergency ${ticket.id}.`));
  }
  if (needs.compliance && !hasCompliance) {
    const said = `nobody of compliance has approved it, which it needs because ${sayOverdue(needs.overdue)}`;
    const remedy: Remedy = { kind: "approve", who: "role compliance", what: `Approve the emergency ${ticket.id}.` };
    return stop("compliance-missing", said, remedy);
  }
  if (ticket.until === null) {
    return stop("approvals-missing", "its permission has not begun", approve(`Approve the emergency ${ticket.id}.`));
  }
  if (compareInstants(moment, ticket.until) >= 0) {
    const said = `its permission of ${sayDuration(demand.validFor)} ended on ${sayInstant(ticket.until, zone)}`;
    return stop("permission-over", said, { kind: "change", who: "requester", what: "Open a new emergency ticket." });
  }
  const sentence = `The emergency ${ticket.id} (${ticket.ticket}) permits ${sayDigest(ticket.digest ?? "")} until ${sayInstant(ticket.until, zone)}, approved by ${sayList(counted, "and")}.`;
  return pass("emergency-permitted", sentence, evidence);
}

function sayOverdue(overdue: LaneFacts["debts"]): string {
  const said = overdue.map(({ kind, emergency }) => `the ${kind} of ${emergency}`);
  return `${sayList(said, "and")} ${overdue.length === 1 ? "is" : "are"} overdue`;
}

function ticketEvidence({ id, ticket, cause, impact, openedBy }: EmergencyTicket): Evidence {
  const felt = impact === null ? "impact unknown" : `felt by ${sayList(impact, "and") || "nobody else"}`;
  return { kind: "emergency", ref: id, text: `${ticket}, opened by ${openedBy}: ${cause || "no cause"}; ${felt}` };
}
