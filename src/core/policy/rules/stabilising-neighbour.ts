import { forwardActions } from "#core/catalog/scope.ts";
import { permitOf, type Permit } from "#core/exemption/lane.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import type { StabilisationDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { stableFrom } from "#core/policy/stable-from.ts";
import { always } from "#core/policy/timeline.ts";

/**
 * Neighbours are the services it has an edge to, and those that have one to it; a policy may count the service itself as
 * well. An emergency with permission does not wait. What is booked counts as well: from its
 * start, because two changes at once cannot be told apart either. A stabilisation that was prolonged, because not everything
 * was green, prolongs the wait.
 */
export const stabilisingNeighbour = defineRule({
  id: "stabilising-neighbour",
  version: "3",
  title: "No neighbour in the graph has only just changed",
  reason: "When two neighbours change shortly after each other, nobody can say which of them broke it.",
  remedy: "Wait until the neighbour has been live for long enough.",
  codes: [
    "no-stabilisation-demanded",
    "goes-back",
    "inventory-assumed",
    "neighbours-stable",
    "neighbour-stabilising",
    "emergency-lane",
    "inventory-unknown",
    "scope-unknown",
  ],
  exemptible: ["neighbour-stabilising"],
  overridable: ["neighbour-stabilising"],
  needs: ["service", "environment", "deployed", "bookings", "dependants", "policies", "artifact", "emergency"],
  judge(facts) {
    const { at, horizon, subject, environment, deployed } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every(({ stabilisation }) => stabilisation === null)) return always(at, notDemanded);
    if (!forwardActions.includes(subject.action)) {
      return always(at, notApplicable("goes-back", "Going back does not wait for a neighbour."));
    }
    if (deployed === "assumed") return always(at, assumed);
    if (deployed === "unknown") return always(at, inventoryUnknown(subject.environment));
    const changes = changesOf(facts, deployed);
    const zone = environment?.zone ?? null;
    const borders = demands.all.flatMap(({ stabilisation }) =>
      stabilisation === null ? [] : changes.flatMap((change) => [change.from, stableAt(change, stabilisation.demand)]),
    );
    const permit = permitOf(facts);
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).stabilisation;
      if (demanded === null) return notDemanded;
      const standing = toJudgement(changes, demanded, zone, moment);
      return permit !== null && isWithin(permit, moment) ? inLane(permit, standing) : standing;
    };
    const lane = permit === null ? [] : [permit.from, permit.to];
    return timelineOfMoments([...demands.moments, ...borders, ...lane], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-stabilisation-demanded", "No policy asks for stable neighbours.");
const assumed = notApplicable(
  "inventory-assumed",
  "What runs in the environment is not listed here, so neighbours are not judged.",
);

function inventoryUnknown(environment: string): Judgement {
  const what = `Make the inventory of ${environment} readable again.`;
  return refuse("unknown", "inventory-unknown", `What runs in ${environment} cannot be read.`, [
    { kind: "supply-evidence", who: "platform team", what },
  ]);
}

function isWithin({ from, to }: Permit, moment: Temporal.Instant): boolean {
  return !isAfter(from, moment) && isAfter(to, moment);
}

/** What an emergency passes is said. */
function inLane({ id }: Permit, standing: Judgement): Judgement {
  if (standing.outcome === "pass") return standing;
  const evidence = [{ kind: "emergency", ref: id, text: "emergency permission" }, ...(standing.evidence ?? [])];
  return pass("emergency-lane", `The emergency ${id} does not wait; otherwise: ${standing.sentence}`, evidence);
}

/** A neighbour, or the service itself, that changes or has changed; `from` equals `to` for what is done. */
interface Change {
  readonly isOwn: boolean;
  readonly service: string;
  readonly version: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  /** Of what is live: its stabilisation was prolonged until then. */
  readonly stabilisingUntil: Temporal.Instant | undefined;
}

function stableAt({ to, stabilisingUntil }: Change, { lasts }: StabilisationDemand): Temporal.Instant {
  return stableFrom({ since: to, stabilisingUntil }, lasts);
}

function changesOf(
  { service, subject, bookings, dependants }: Pick<Facts, "service" | "subject" | "bookings" | "dependants">,
  deployed: Exclude<Facts["deployed"], string>,
): readonly Change[] {
  const names = [...(service?.dependsOn ?? []).map(({ on }) => on), ...dependants.map(({ name }) => name)];
  const neighbours = new Set(names.filter((name) => name !== subject.service));
  const isNear = (other: { readonly service: string; readonly environment: string }): boolean =>
    other.environment === subject.environment && neighbours.has(other.service);
  const isOwn = (live: { readonly service: string; readonly environment: string }): boolean =>
    live.environment === subject.environment && live.service === subject.service;
  return [
    ...deployed
      .filter((live) => isNear(live) || isOwn(live))
      .map((live) => ({
        service: live.service,
        version: live.version,
        from: live.since,
        to: live.since,
        stabilisingUntil: live.stabilisingUntil,
        isOwn: isOwn(live),
      })),
    ...bookings.filter(isNear).map(({ service: name, version, from, to }) => ({
      service: name,
      version,
      from,
      to,
      stabilisingUntil: undefined,
      isOwn: false,
    })),
  ];
}

function toJudgement(
  changes: readonly Change[],
  { demand, sources }: Demanded<StabilisationDemand>,
  zone: string | null,
  moment: Temporal.Instant,
): Judgement {
  const fresh = changes
    .filter(({ isOwn }) => !isOwn || demand.own === true)
    .map((change) => ({ ...change, stable: stableAt(change, demand) }))
    .filter(({ from, stable }) => !isAfter(from, moment) && isAfter(stable, moment));
  const last = latestOf(fresh.map(({ stable }) => stable));
  if (last === null) return pass("neighbours-stable", "No neighbour has only just changed.", policyEvidence(sources));
  const said = fresh.map(({ service, version, stable }) => `${service} ${version} until ${sayInstant(stable, zone)}`);
  const evidence = fresh.map(({ service, version, from, stabilisingUntil }) => ({
    kind: "deployed",
    ref: `${service}@${version}`,
    text: `since ${sayInstant(from, zone)}${stabilisingUntil === undefined ? "" : "; its stabilisation was prolonged"}`,
  }));
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  const who = fresh.every(({ isOwn }) => isOwn) ? "It is stabilising itself" : "A neighbour is stabilising";
  const sentence = `${who}: ${sayList(said, "and")}.`;
  const parts = fresh.map(({ service, version }, place) => ({
    subject: `${service}@${version}`,
    code: "neighbour-stabilising",
    said: `${said[place] ?? service} is stabilising`,
    remedies: [],
  }));
  return {
    outcome: "wait",
    code: "neighbour-stabilising",
    sentence,
    remedies: [wait],
    evidence: [...evidence, ...policyEvidence(sources)],
    parts,
  };
}
