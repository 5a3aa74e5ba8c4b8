import {
  changesWithin,
  contentOf,
  couldApprove,
  routeFor,
  standingAt,
  type Ignored,
  type Standing,
} from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayList } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { always } from "#core/policy/timeline.ts";

/**
 * Persons count and not accounts, so a second account or an own bot is no second pair of eyes. Consent is to a content:
 * an approval for another digest is none, and a rejection ends it for the digest it was given for.
 */
export const approvedByAnother = defineRule({
  id: "approved-by-another",
  version: "2",
  title: "Enough entitled persons other than requester and author approve this content",
  reason: "Nobody should be able to bring a change of their own into an environment that others answer for.",
  remedy: "Ask an entitled person who is neither requester nor author to approve.",
  codes: ["no-route", "automatic", "approved", "approval-missing", "rejected", "scope-unknown"],
  needs: ["service", "environment", "artifact", "routes", "approvals", "people"],
  judge({ at, horizon, subject, service, environment, artifact, routes, approvals, people }) {
    const scope = subjectScope({ subject, service, environment });
    if (scope === null) {
      const sentence = "Which approvals are needed cannot be said while service or environment is unknown.";
      return always(at, refuse("unknown", "scope-unknown", sentence, []));
    }
    const route = routeFor(routes, scope);
    if (route === null) return always(at, notApplicable("no-route", "No approval route covers this change."));
    if (route.approvals === 0) {
      return always(at, pass("automatic", `The route ${route.name} asks for no approval.`));
    }
    const content = contentOf({ subject, artifact });
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const standing = standingAt(route, approvals, content, people, moment);
      return toJudgement(route, standing, couldApprove(route, content, people, standing));
    };
    const later = changesWithin(route, approvals, content, at, horizon);
    return timelineOfMoments(later, { from: at, to: horizon }, judgeAt);
  },
});

function toJudgement(route: ApprovalRoute, standing: Standing, candidates: readonly string[]): Judgement {
  const { rejectedBy, approvedBy } = standing;
  const evidence = approvedBy.map((person) => ({ kind: "approval", ref: person, text: `${person} approved` }));
  if (rejectedBy !== null) {
    const remedy: Remedy = { kind: "change", who: "requester", what: "Request again with changed content." };
    const sentence = `${rejectedBy} rejected this content; that is final for it.`;
    return refuse("deny", "rejected", sentence, [remedy], evidence);
  }
  const count = `${approvedBy.length} of ${route.approvals} approvals`;
  const onRoute = `on the route ${route.name}`;
  if (approvedBy.length >= route.approvals) {
    return pass("approved", `${count} ${onRoute}: ${sayList(approvedBy, "and")}.`, evidence);
  }
  const missing = route.approvals - approvedBy.length;
  const ignored = sayIgnored(standing.ignored);
  const remedy: Remedy = { kind: "approve", who: sayWho(route, candidates), what: sayMissing(missing) };
  const hasTooFew = candidates.length > 0 && candidates.length < missing;
  const shortage = hasTooFew ? ` Only ${candidates.length} other persons are entitled.` : "";
  return refuse("deny", "approval-missing", `${count} ${onRoute}${ignored}.${shortage}`, [remedy], evidence);
}

function sayMissing(missing: number): string {
  return missing === 1 ? "Approve this content." : `Approve this content: ${missing} different persons.`;
}

function sayWho(route: ApprovalRoute, candidates: readonly string[]): string {
  if (candidates.length > 0) return sayList(candidates, "or");
  const groups = [...route.roles.map((role) => `role ${role}`), ...route.teams.map((team) => `team ${team}`)];
  return groups.length === 0 ? "another person" : sayList(groups, "or");
}

const ignoredBecause: Readonly<Record<Ignored["why"], string>> = {
  requester: "asked for it",
  author: "wrote it",
  registrant: "registered it",
  "other-content": "approved other content",
  "not-entitled": "is not entitled",
  "unknown-person": "is not in the directory",
  expired: "approved too long ago",
};

function sayIgnored(ignored: readonly Ignored[]): string {
  if (ignored.length === 0) return "";
  const parts = ignored.map(({ person, why }) => `${person} ${ignoredBecause[why]}`);
  return `; not counted: ${sayList([...new Set(parts)], "and")}`;
}
