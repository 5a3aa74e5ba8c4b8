import { forwardActions, matchesGlob } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import type { CoreUpgradeDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { after, sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { projectionOf } from "#core/policy/version-set.ts";
import { parseVersion } from "#core/release/semver.ts";
import type { PlannedBooking } from "#core/release/state.ts";

/**
 * From the beginning of the local day on which a major version of a core service is booked, what needs it waits until
 * the end of the booking and its soak; tiers that the policies call critical pass with a notice. Whether a version is a
 * major one is said by comparison with what is live; where that cannot be compared it counts as one.
 */
export const coreUpgrade = defineRule({
  id: "core-upgrade",
  version: "1",
  title: "No major upgrade of a core service that it needs is about to happen",
  reason: "While everybody watches the core, nobody has eyes for what else changes on top of it.",
  remedy: "Wait until the upgrade has soaked, or have it moved to another day.",
  codes: [
    "no-core-services",
    "goes-back",
    "no-core-upgrade",
    "core-upgrade-noted",
    "core-upgrade-booked",
    "scope-unknown",
  ],
  needs: ["service", "environment", "upstream", "bookings", "deployed", "policies"],
  judge(facts) {
    const { at, horizon, subject, service, environment } = facts;
    const demands = demandsOver(facts);
    if (demands === null || service === null || environment === null) return demandsUnknown(at);
    if (demands.all.every(({ coreUpgrades }) => coreUpgrades === null)) return always(at, notDemanded);
    if (!forwardActions.includes(subject.action)) {
      return always(at, notApplicable("goes-back", "Going back does not wait for an upgrade."));
    }
    const upgrades = upgradesOf(facts, environment.zone);
    const borders = demands.all.flatMap(({ coreUpgrades }) =>
      coreUpgrades === null
        ? []
        : upgrades.flatMap(({ from, booking }) => [from, after(booking.to, coreUpgrades.demand.soak)]),
    );
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).coreUpgrades;
      return demanded === null
        ? notDemanded
        : toJudgement(upgrades, demanded, { tier: service.tier, zone: environment.zone }, moment);
    };
    return timelineOfMoments([...demands.moments, ...borders], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-core-services", "No policy names core services.");

/** A booked major version of something that the service needs. */
interface Upgrade {
  readonly booking: PlannedBooking;
  readonly path: readonly string[];
  /** Beginning of the local day of its start. */
  readonly from: Temporal.Instant;
}

type UpgradeFacts = Pick<Facts, "at" | "subject" | "upstream" | "bookings" | "deployed">;

function upgradesOf({ at, subject, upstream, bookings, deployed }: UpgradeFacts, zone: string): readonly Upgrade[] {
  const { environment } = subject;
  const inventory = { at, bookings: [], environment, deployed: typeof deployed === "string" ? [] : deployed };
  return upstream.flatMap(({ service, path }) => {
    const { live } = projectionOf(service, inventory);
    return bookings
      .filter((booking) => booking.service === service && booking.environment === environment)
      .filter(({ version }) => live.length === 0 || live.some((present) => isMajor(present, version)))
      .map((booking) => ({ booking, path: [subject.service, ...path], from: beginOfDay(booking.from, zone) }));
  });
}

function isMajor(live: string, booked: string): boolean {
  const before = parseVersion(live);
  const next = parseVersion(booked);
  return before === null || next === null || before.major !== next.major;
}

function beginOfDay(moment: Temporal.Instant, zone: string): Temporal.Instant {
  return moment.toZonedDateTimeISO(zone).startOfDay().toInstant();
}

interface About {
  readonly tier: number;
  readonly zone: string;
}

function toJudgement(
  upgrades: readonly Upgrade[],
  { demand, sources }: Demanded<CoreUpgradeDemand>,
  { tier, zone }: About,
  moment: Temporal.Instant,
): Judgement {
  const policies = policyEvidence(sources);
  const near = upgrades
    .filter(({ booking }) => demand.services.some((glob) => matchesGlob(glob, booking.service)))
    .map((upgrade) => ({ ...upgrade, soaked: after(upgrade.booking.to, demand.soak) }))
    .filter(({ from, soaked }) => !isAfter(from, moment) && isAfter(soaked, moment));
  const last = latestOf(near.map(({ soaked }) => soaked));
  if (last === null) return pass("no-core-upgrade", "No major upgrade of a core service is near.", policies);
  const said = near.map(({ booking, path, soaked }) => {
    const when = `on ${sayInstant(booking.from, zone)}, and soaks until ${sayInstant(soaked, zone)}`;
    return `${booking.service} ${booking.version} is booked ${when}; needed by ${path.join(" → ")}`;
  });
  const evidence = [
    ...near.map(({ booking: { id, service, version } }) => ({
      kind: "booking",
      ref: id ?? `${service}@${version}`,
      text: `major version ${version} of ${service}`,
    })),
    ...policies,
  ];
  if (demand.criticalTiers.includes(tier)) {
    const sentence = `Take care: ${said.join("; ")}. Critical work of tier ${tier} passes.`;
    return pass("core-upgrade-noted", sentence, evidence);
  }
  const move = near.map(({ booking: { service, version } }) => {
    const what = `Move or cancel the booking of ${service} ${version}.`;
    return { kind: "change", who: `owner of ${service}`, what } as const;
  });
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  return refuse("wait", "core-upgrade-booked", `${said.join("; ")}.`, [wait, ...move], evidence);
}
