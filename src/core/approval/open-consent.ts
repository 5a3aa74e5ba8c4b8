import type { Approval } from "#core/approval/approval.ts";
import { barredFrom, isEntitled, standingAt, type Content } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Person } from "#core/catalog/people.ts";

/** The consent that a content needs, as the configuration in force asks for it. */
export interface ConsentQuestion {
  /** Null when no route applies: nobody has to consent. */
  readonly route: ApprovalRoute | null;
  readonly content: Content;
  readonly people: ReadonlyMap<string, Person>;
}

/** Why a person's decision is not what the content waits for. `enough` bars an approval only: a rejection still counts. */
export interface NotOpen {
  readonly code: "no-route" | "own-request" | "own-work" | "rejected" | "decided" | "not-entitled" | "enough";
  readonly sentence: string;
}

/** Null when the content waits for this person's decision at the instant; counted as `approved-by-another` counts. */
export function whyNotOpen(
  { route, content, people }: ConsentQuestion,
  approvals: readonly Approval[],
  person: string,
  at: Temporal.Instant,
): NotOpen | null {
  const { requester, author, registrant } = barredFrom(content, people);
  if (person === requester) return { code: "own-request", sentence: "Nobody decides on their own request." };
  if (person === author || person === registrant)
    return { code: "own-work", sentence: "Nobody decides on their own work." };
  const own = approvals.find((each) => each.person === person && each.contentDigest === content.digest);
  if (own !== undefined) return { code: "decided", sentence: `You have ${own.decision} this content.` };
  if (route === null) return { code: "no-route", sentence: "No approval route applies: nobody has to consent." };
  const { rejectedBy, approvedBy } = standingAt(route, approvals, content, people, at);
  if (rejectedBy !== null) return { code: "rejected", sentence: `${rejectedBy} has rejected this content.` };
  if (!isEntitled(route, people.get(person))) return { code: "not-entitled", sentence: whoMay(route) };
  if (approvedBy.length < route.approvals) return null;
  const count = `${approvedBy.length} of ${route.approvals} approvals`;
  return { code: "enough", sentence: `It has ${count} on the route ${route.name} and needs no more.` };
}

function whoMay({ name, roles, teams }: ApprovalRoute): string {
  const parts = [
    ...(roles.length === 0 ? [] : [`holders of ${roles.join(" or ")}`]),
    ...(teams.length === 0 ? [] : [`members of ${teams.join(" or ")}`]),
  ];
  return `The route ${name} asks ${parts.join(" and ")}.`;
}
