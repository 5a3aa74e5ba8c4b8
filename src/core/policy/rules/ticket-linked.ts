import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import type { TicketDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { Ticket } from "#core/release/reports.ts";
import { saySource } from "#core/release/source.ts";
import { compareInstants } from "#core/span.ts";

/**
 * One ticket that fits in every respect is enough. A ticket that names no environment is about all of them, one without
 * a span about any time; both ends of a span are as spans are: it begins at its start and is over at its end.
 */
export const ticketLinked = defineRule({
  id: "ticket-linked",
  version: "1",
  title: "A ticket covers this change, in this place and at this time",
  reason: "Those who answer the telephone have to find out what changed, and who wanted it.",
  remedy: "Open a ticket for service, environment and time, or have the one there brought into a state that counts.",
  codes: [
    "no-ticket-demanded",
    "tickets-assumed",
    "ticket-linked",
    "no-ticket",
    "ticket-mismatch",
    "ticket-other-state",
    "ticket-not-yet",
    "ticket-over",
    "scope-unknown",
  ],
  exemptible: ["no-ticket", "ticket-other-state"],
  overridable: ["no-ticket", "ticket-mismatch", "ticket-other-state", "ticket-not-yet", "ticket-over"],
  needs: ["service", "environment", "tickets", "policies"],
  judge(facts) {
    const { at, horizon, subject, environment, tickets } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every(({ ticket }) => ticket === null)) return always(at, notDemanded);
    if (tickets === "assumed") return always(at, assumed);
    const ends = tickets.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null);
    const about = { ...subject, zone: environment?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).ticket;
      return demanded === null ? notDemanded : toJudgement(tickets, demanded, about, moment);
    };
    return timelineOfMoments([...demands.moments, ...ends], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-ticket-demanded", "No policy demands a ticket.");
const assumed = notApplicable("tickets-assumed", "Tickets are not kept here, so they are not judged.");

interface About {
  readonly service: string;
  readonly environment: string;
  readonly zone: string | null;
}

function toJudgement(
  tickets: readonly Ticket[],
  { demand, sources }: Demanded<TicketDemand>,
  about: About,
  moment: Temporal.Instant,
): Judgement {
  const { service, environment, zone } = about;
  const evidence = tickets.map((ticket) => ({ kind: "ticket", ref: ticket.key, text: toText(ticket) }));
  const all = [...evidence, ...policyEvidence(sources)];
  const place = `${service} in ${environment}`;
  const open: Remedy = { kind: "supply-evidence", who: "requester", what: `Open a ticket for ${place}.` };
  if (tickets.length === 0) {
    const sentence = `No ticket covers ${place}; ${sayPolicies(sources)} demands one.`;
    return refuse("deny", "no-ticket", sentence, [open], all);
  }
  const here = tickets.filter((ticket) => isHere(ticket, about));
  if (here.length === 0) {
    return refuse(
      "deny",
      "ticket-mismatch",
      `${keysOf(tickets)} is about other work, not about ${place}.`,
      [open],
      all,
    );
  }
  const inState = here.filter(({ state }) => demand.states.includes(state));
  if (inState.length === 0) return otherState(here, demand, all);
  const [fitting] = inState.filter((ticket) => isAt(ticket, moment));
  if (fitting !== undefined) {
    return pass("ticket-linked", `${fitting.key} (${fitting.state}) covers ${place}.`, all);
  }
  const next = earliest(inState.flatMap(({ from }) => (from !== null && isAfter(from, moment) ? [from] : [])));
  if (next === null) {
    return refuse("deny", "ticket-over", `The planned time of ${keysOf(inState)} is over.`, [open], all);
  }
  const sentence = `The planned time of ${keysOf(inState)} begins on ${sayInstant(next, zone)}.`;
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, zone)}.` };
  return refuse("wait", "ticket-not-yet", sentence, [wait, open], all);
}

function otherState(
  here: readonly Ticket[],
  { states }: TicketDemand,
  evidence: readonly { readonly kind: string; readonly ref: string; readonly text: string }[],
): Judgement {
  const wanted = states.length === 0 ? "a state that all policies accept, and there is none" : sayList(states, "or");
  const found = here.map(({ key, state }) => `${key} is ${state}`);
  const sentence = `${sayList(found, "and")}, not ${wanted}.`;
  const remedies = here.map(
    ({ key, source }) =>
      ({ kind: "supply-evidence", who: source, what: `Bring ${key} to ${sayList(states, "or")}.` }) as const,
  );
  return refuse("deny", "ticket-other-state", sentence, remedies.slice(0, 1), evidence);
}

/** What it says, and who brought it. */
function toText({ state, source, by }: Ticket): string {
  return by === undefined ? state : `${state}, ${saySource({ source, by })}`;
}

function isHere({ services, environments }: Ticket, { service, environment }: About): boolean {
  return services.includes(service) && (environments.length === 0 || environments.includes(environment));
}

function isAt({ from, to }: Ticket, moment: Temporal.Instant): boolean {
  return (from === null || !isAfter(from, moment)) && (to === null || isAfter(to, moment));
}

function earliest(moments: readonly Temporal.Instant[]): Temporal.Instant | null {
  return moments.toSorted((a, b) => compareInstants(a, b))[0] ?? null;
}

function keysOf(tickets: readonly Ticket[]): string {
  return sayList(
    tickets.map(({ key }) => key),
    "and",
  );
}
