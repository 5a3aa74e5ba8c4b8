import type { Dependency, EdgeKind } from "#core/catalog/service.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { projectionMoments, projectionOf, serving, versionsAt, type Projection } from "#core/policy/version-set.ts";

/**
 * Kinds that must be there when the service starts: a synchronous call and a data flow fail at once without their other
 * end. Messages wait in their queue; shared infrastructure and external systems are judged by their own signals.
 */
export const judgedKinds: readonly EdgeKind[] = ["sync", "data"];

/**
 * Judges that something *will* be there, in whatever version: which versions go together is the matter of
 * `versions-compatible`. A booked first deployment of the dependency counts from its end.
 */
export const dependenciesLive = defineRule({
  id: "dependencies-live",
  version: "3",
  title: "Every service it calls or takes data from is live",
  reason: "A service that starts before what it depends on fails at its users, however healthy it is itself.",
  remedy: "Deploy the dependency first, or wait for its booked deployment.",
  codes: [
    "no-dependencies",
    "inventory-assumed",
    "dependencies-live",
    "dependency-booked",
    "dependency-not-live",
    "inventory-unknown",
    "dependencies-unknown",
  ],
  needs: ["service", "environment", "deployed", "bookings"],
  judge({ at, horizon, subject, service, environment: place, deployed, bookings }) {
    if (service === null) {
      return always(at, refuse("unknown", "dependencies-unknown", "An unknown service has unknown dependencies.", []));
    }
    const judged = service.dependsOn.filter(({ kind }) => judgedKinds.includes(kind));
    if (judged.length === 0) {
      return always(at, notApplicable("no-dependencies", `${service.name} calls no other service and takes no data.`));
    }
    if (deployed === "assumed") {
      const sentence = "What runs in the environment is not listed here, so dependencies are not judged.";
      return always(at, notApplicable("inventory-assumed", sentence));
    }
    const { environment } = subject;
    // That the name is wrong says `artifact-known`; nobody should be sent to deploy dependencies there.
    if (place === null)
      return always(at, refuse("unknown", "dependencies-unknown", `What runs in ${environment} is not known.`, []));
    if (deployed === "unknown") return always(at, inventoryUnknown(environment));
    const states = judged.map((dependency) => ({
      dependency,
      projection: projectionOf(dependency.on, { deployed, bookings, environment, at }),
    }));
    const about = { environment, zone: place?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement => toJudgement(states, about, moment);
    const moments = projectionMoments(states.map(({ projection }) => projection));
    return timelineOfMoments(moments, { from: at, to: horizon }, judgeAt);
  },
});

function inventoryUnknown(environment: string): Judgement {
  const what = `Make the inventory of ${environment} readable again.`;
  return refuse("unknown", "inventory-unknown", `What runs in ${environment} cannot be read.`, [
    { kind: "supply-evidence", who: "platform team", what },
  ]);
}

interface State {
  readonly dependency: Dependency;
  readonly projection: Projection;
}

interface About {
  readonly environment: string;
  readonly zone: string | null;
}

function toJudgement(states: readonly State[], { environment, zone }: About, moment: Temporal.Instant): Judgement {
  const absent = states
    .filter(({ projection }) => serving(versionsAt(projection, moment)).length === 0)
    .map(({ dependency, projection }) => ({ dependency, liveFrom: firstEnd(projection, moment) }));
  if (absent.length === 0) return pass("dependencies-live", `All it depends on is live in ${environment}.`);
  const said = absent.map(({ dependency, liveFrom }) => {
    const next = liveFrom === null ? "no deployment is booked" : `booked until ${sayInstant(liveFrom, zone)}`;
    return `${dependency.on} (${dependency.kind}), which is not live in ${environment}; ${next}`;
  });
  const sentence = `It needs ${said.join("; ")}.`;
  const evidence = absent.map(({ dependency }) => ({
    kind: "deployed",
    ref: `${dependency.on}@${environment}`,
    text: "not deployed",
  }));
  const deeds = absent.map(({ dependency }) => deployFirst(dependency, environment));
  const last = latestOf(absent.map(({ liveFrom }) => liveFrom));
  if (last === null) return refuse("deny", "dependency-not-live", sentence, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  return refuse("wait", "dependency-booked", sentence, [wait, ...deeds], evidence);
}

function firstEnd({ booked }: Projection, moment: Temporal.Instant): Temporal.Instant | null {
  return booked.find(({ to }) => isAfter(to, moment))?.to ?? null;
}

function deployFirst({ on, versions }: Dependency, environment: string): Remedy {
  const wanted = versions === null ? on : `${on} ${versions}`;
  return { kind: "deploy", who: `owner of ${on}`, what: `Deploy ${wanted} to ${environment}.` };
}
