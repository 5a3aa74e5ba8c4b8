import type { Service } from "#core/catalog/service.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import {
  fitOf,
  projectionMoments,
  projectionOf,
  serving,
  versionsAt,
  type Inventory,
  type Projection,
} from "#core/policy/version-set.ts";

/**
 * Projects the versions that will be live there at each instant, from what is deployed and what is booked, and tests
 * every declared range in both directions: that of the service on what it needs, and that of every live dependant on
 * the version that is to go. While a booked deployment is under way old and new run side by side, so both must fit. A
 * service that is not live has no version: whether it must be there says `dependencies-live`.
 */
export const versionsCompatible = defineRule({
  id: "versions-compatible",
  version: "1",
  title: "All versions that will run side by side fit each other's ranges",
  reason: "Two services that are each in order break each other when nobody compared what they were built against.",
  remedy: "Wait for the booked deployment that fits, deploy a version that does, or have the range changed.",
  codes: [
    "no-ranges",
    "inventory-assumed",
    "versions-fit",
    "fitting-booked",
    "versions-unfitting",
    "version-unreadable",
    "inventory-unknown",
    "ranges-unknown",
  ],
  needs: ["service", "environment", "deployed", "bookings", "dependants"],
  judge({ at, horizon, subject, service, environment: place, deployed, bookings, dependants }) {
    if (service === null) {
      return always(at, refuse("unknown", "ranges-unknown", "An unknown service has unknown ranges.", []));
    }
    const needed = service.dependsOn.filter(({ versions }) => versions !== null);
    const bound = dependants.filter((dependant) => rangesOn(dependant, subject.service).length > 0);
    if (needed.length + bound.length === 0) {
      return always(at, notApplicable("no-ranges", "Neither the service nor what depends on it names a range."));
    }
    if (deployed === "assumed") {
      const sentence = "What runs in the environment is not listed here, so versions are not compared.";
      return always(at, notApplicable("inventory-assumed", sentence));
    }
    const { environment } = subject;
    if (deployed === "unknown") return always(at, inventoryUnknown(environment));
    const inventory: Inventory = { deployed, bookings, environment, at };
    const pairs: readonly Pair[] = [
      ...needed.flatMap(({ on, kind, versions }) =>
        versions === null
          ? []
          : [{ side: "own" as const, range: versions, kind, projection: projectionOf(on, inventory) }],
      ),
      ...bound.flatMap((dependant) =>
        rangesOn(dependant, subject.service).map(({ range, kind }) => {
          return { side: "dependant" as const, range, kind, projection: projectionOf(dependant.name, inventory) };
        }),
      ),
    ];
    const about: About = { subject, environment, zone: place?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement => toJudgement(pairs, about, moment);
    const moments = projectionMoments(pairs.map(({ projection }) => projection));
    return timelineOfMoments(moments, { from: at, to: horizon }, judgeAt);
  },
});

interface Ranged {
  readonly range: string;
  readonly kind: string;
}

function rangesOn({ dependsOn }: Service, on: string): readonly Ranged[] {
  return dependsOn.flatMap((edge) =>
    edge.on === on && edge.versions !== null ? [{ range: edge.versions, kind: edge.kind }] : [],
  );
}

function inventoryUnknown(environment: string): Judgement {
  const what = `Make the inventory of ${environment} readable again.`;
  return refuse("unknown", "inventory-unknown", `What runs in ${environment} cannot be read.`, [
    { kind: "supply-evidence", who: "platform team", what },
  ]);
}

/** A range and whom it binds to the subject: what the subject needs, or what needs the subject. */
interface Pair extends Ranged {
  readonly side: "own" | "dependant";
  /** Of the other service. */
  readonly projection: Projection;
}

interface About {
  readonly subject: Facts["subject"];
  readonly environment: string;
  readonly zone: string | null;
}

interface Problem {
  readonly isReadable: boolean;
  readonly said: string;
  readonly evidence: Evidence;
  readonly remedy: Remedy;
  /** End of the first booking after which it fits; null when none is booked. */
  readonly fitsAt: Temporal.Instant | null;
}

function toJudgement(pairs: readonly Pair[], about: About, moment: Temporal.Instant): Judgement {
  const problems = pairs.flatMap((pair) => {
    const problem = pair.side === "own" ? ownProblem(pair, about, moment) : dependantProblem(pair, about, moment);
    return problem === null ? [] : [problem];
  });
  const { environment, zone } = about;
  if (problems.length === 0)
    return pass("versions-fit", `All versions that run in ${environment} then fit each other.`);
  const sentence = `${problems.map(({ said }) => said).join("; ")}.`;
  const evidence = problems.map((problem) => problem.evidence);
  const deeds = problems.map(({ remedy }) => remedy);
  if (problems.some(({ isReadable }) => !isReadable)) {
    return refuse("unknown", "version-unreadable", sentence, deeds, evidence);
  }
  const last = latestOf(problems.map(({ fitsAt }) => fitsAt));
  if (last === null) return refuse("deny", "versions-unfitting", sentence, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  return refuse("wait", "fitting-booked", sentence, [wait, ...deeds], evidence);
}

function ownProblem({ range, kind, projection }: Pair, about: About, moment: Temporal.Instant): Problem | null {
  const { subject, environment, zone } = about;
  const running = serving(versionsAt(projection, moment));
  const fit = fitOf(range, running);
  if (running.length === 0 || fit === "fits") return null;
  const on = projection.service;
  const runs = sayList(running, "and");
  const evidence = { kind: "deployed", ref: `${on}@${environment}`, text: runs };
  const needs = `${subject.service} needs ${on} ${range} (${kind})`;
  if (fit === "unreadable") {
    const said = `${needs}, which cannot be compared with ${runs} in ${environment}`;
    return { isReadable: false, said, evidence, remedy: writeVersions(`owner of ${on}`), fitsAt: null };
  }
  const fitsAt =
    projection.booked.find(({ version, to }) => isAfter(to, moment) && fitOf(range, [version]) === "fits")?.to ?? null;
  const next =
    fitsAt === null ? "no deployment that fits is booked" : `one that fits is booked until ${sayInstant(fitsAt, zone)}`;
  const what = `Deploy ${on} ${range} to ${environment}.`;
  return {
    isReadable: true,
    said: `${needs}, but ${environment} runs ${runs}; ${next}`,
    evidence,
    remedy: { kind: "deploy", who: `owner of ${on}`, what },
    fitsAt,
  };
}

/** A dependant counts from the start of its first deployment: it calls from its first minute. */
function dependantProblem({ range, kind, projection }: Pair, about: About, moment: Temporal.Instant): Problem | null {
  const { subject, environment } = about;
  const { settled, arriving } = versionsAt(projection, moment);
  const running = [...settled, ...arriving];
  const fit = fitOf(range, [subject.version]);
  if (running.length === 0 || fit === "fits") return null;
  const dependant = projection.service;
  const evidence = { kind: "deployed", ref: `${dependant}@${environment}`, text: sayList(running, "and") };
  const needs = `${dependant}, live in ${environment}, needs ${subject.service} ${range} (${kind})`;
  if (fit === "unreadable") {
    const said = `${needs}, which cannot be compared with ${subject.version}`;
    return { isReadable: false, said, evidence, remedy: writeVersions(`owner of ${dependant}`), fitsAt: null };
  }
  const what = `Have ${dependant} accept ${subject.service} ${subject.version} in ${environment}.`;
  return {
    isReadable: true,
    said: `${needs}, and ${subject.version} is outside of it`,
    evidence,
    remedy: { kind: "change", who: `owner of ${dependant}`, what },
    fitsAt: null,
  };
}

function writeVersions(who: string): Remedy {
  return { kind: "change", who, what: "Write range and version as semantic versions." };
}
