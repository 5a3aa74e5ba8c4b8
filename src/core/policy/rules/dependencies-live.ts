import type { Dependency, EdgeKind } from "#core/catalog/service.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { parseRange, parseVersion, satisfies } from "#core/release/semver.ts";
import type { Deployed, PlannedBooking } from "#core/release/state.ts";

/**
 * Kinds that must be there when the service starts: a synchronous call and a data flow fail at once without their other
 * end. Messages wait in their queue; shared infrastructure and external systems are judged by their own signals.
 */
export const judgedKinds: readonly EdgeKind[] = ["sync", "data"];

/**
 * Judges what *will* run and not only what runs: a booked deployment of the dependency counts from its end. While it is
 * under way old and new version run side by side, so both must fit.
 */
export const dependenciesLive = defineRule({
  id: "dependencies-live",
  version: "1",
  title: "Every service it calls or takes data from is live in a fitting version",
  reason: "A service that starts before what it depends on fails at its users, however healthy it is itself.",
  remedy: "Deploy the dependency first, or wait for its booked deployment.",
  codes: [
    "no-dependencies",
    "inventory-assumed",
    "dependencies-live",
    "dependency-booked",
    "dependency-not-live",
    "inventory-unknown",
    "version-unreadable",
    "dependencies-unknown",
  ],
  needs: ["service", "environment", "deployed", "bookings"],
  judge({ at, horizon, subject, service, environment, deployed, bookings }) {
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
    if (deployed === "unknown") return always(at, inventoryUnknown(subject.environment));
    const zone = environment?.zone ?? null;
    const states = judged.map((dependency) => statesOf(dependency, subject.environment, { deployed, bookings, at }));
    const moments = states.flatMap(({ booked }) => booked.flatMap(({ from, to }) => [from, to]));
    const judgeAt = (moment: Temporal.Instant) =>
      toJudgement(
        states.map((state) => problemAt(state, moment)),
        subject.environment,
        zone,
        moment,
      );
    return timelineOfMoments(moments, { from: at, to: horizon }, judgeAt);
  },
});

function inventoryUnknown(environment: string): Judgement {
  const what = `Make the inventory of ${environment} readable again.`;
  return refuse("unknown", "inventory-unknown", `What runs in ${environment} cannot be read.`, [
    { kind: "supply-evidence", who: "platform team", what },
  ]);
}

/** What is live of one dependency, and what is booked, in the order of the ends. */
interface States {
  readonly dependency: Dependency;
  readonly live: readonly string[];
  readonly booked: readonly PlannedBooking[];
}

interface Inventory {
  readonly deployed: readonly Deployed[];
  readonly bookings: readonly PlannedBooking[];
  readonly at: Temporal.Instant;
}

function statesOf(dependency: Dependency, environment: string, inventory: Inventory): States {
  const { at } = inventory;
  const booked = inventory.bookings.filter(
    (booking) =>
      booking.service === dependency.on &&
      booking.environment === environment &&
      Temporal.Instant.compare(booking.to, at) > 0,
  );
  booked.sort((a, b) => Temporal.Instant.compare(a.to, b.to));
  return { dependency, live: liveVersions(inventory.deployed, dependency.on, environment, at), booked };
}

/** The latest entry for the service; entries since the same instant run side by side. */
function liveVersions(
  deployed: readonly Deployed[],
  service: string,
  environment: string,
  at: Temporal.Instant,
): readonly string[] {
  const own = deployed.filter(
    (entry) =>
      entry.service === service && entry.environment === environment && Temporal.Instant.compare(entry.since, at) <= 0,
  );
  const latest = own.reduce<Temporal.Instant | null>(
    (best, { since }) => (best === null || Temporal.Instant.compare(since, best) > 0 ? since : best),
    null,
  );
  return latest === null ? [] : own.filter(({ since }) => since.equals(latest)).map(({ version }) => version);
}

/** Versions that run side by side; several while a deployment is under way. */
function runningAt({ live, booked }: States, moment: Temporal.Instant): readonly string[] {
  let settled = live;
  const arriving: string[] = [];
  for (const { version, from, to } of booked) {
    if (Temporal.Instant.compare(to, moment) <= 0) settled = [version];
    else if (Temporal.Instant.compare(from, moment) <= 0) arriving.push(version);
  }
  // Nothing runs yet: a first deployment serves nobody before its end.
  return settled.length === 0 ? [] : [...settled, ...arriving];
}

interface Problem {
  readonly dependency: Dependency;
  readonly running: readonly string[];
  readonly kind: "absent" | "unfitting" | "unreadable";
  /** End of the first booking after which the dependency fits; null when none is booked. */
  readonly fitsAt: Temporal.Instant | null;
}

function problemAt(states: States, moment: Temporal.Instant): Problem | null {
  const { dependency, booked } = states;
  const versions = runningAt(states, moment);
  const kind = kindOf(dependency, versions);
  if (kind === null) return null;
  const later = booked.find(
    ({ version, to }) => Temporal.Instant.compare(to, moment) > 0 && kindOf(dependency, [version]) === null,
  );
  return { dependency, running: versions, kind, fitsAt: later?.to ?? null };
}

function kindOf(dependency: Dependency, running: readonly string[]): Problem["kind"] | null {
  if (running.length === 0) return "absent";
  if (dependency.versions === null) return null;
  const range = parseRange(dependency.versions);
  if (range === null) return "unreadable";
  for (const source of running) {
    const version = parseVersion(source);
    if (version === null) return "unreadable";
    if (!satisfies(version, range)) return "unfitting";
  }
  return null;
}

function toJudgement(
  states: readonly (Problem | null)[],
  environment: string,
  zone: string | null,
  moment: Temporal.Instant,
): Judgement {
  const problems = states.filter((state) => state !== null);
  if (problems.length === 0) return pass("dependencies-live", `All it depends on is live in ${environment}.`);
  const said = problems.map((problem) => sayProblem(problem, environment, zone)).join("; ");
  const sentence = `It needs ${said}.`;
  const evidence = problems.map(({ dependency, running }) => ({
    kind: "deployed",
    ref: `${dependency.on}@${environment}`,
    text: running.length === 0 ? "not deployed" : sayList(running, "and"),
  }));
  if (problems.some(({ kind }) => kind === "unreadable")) {
    const remedies = problems.filter(({ kind }) => kind === "unreadable").map(repair);
    return refuse("unknown", "version-unreadable", sentence, remedies, evidence);
  }
  const remedies = problems.map((problem) => deployFirst(problem, environment));
  const last = latestOf(problems.map(({ fitsAt }) => fitsAt));
  if (last === null) return refuse("deny", "dependency-not-live", sentence, remedies, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
  const isPast = Temporal.Instant.compare(last, moment) <= 0;
  return refuse(isPast ? "hold" : "wait", "dependency-booked", sentence, [wait, ...remedies], evidence);
}

function wanted({ on, versions }: Dependency): string {
  return versions === null ? on : `${on} ${versions}`;
}

function sayProblem({ dependency, running, kind, fitsAt }: Problem, environment: string, zone: string | null): string {
  const needs = `${wanted(dependency)} (${dependency.kind})`;
  if (kind === "unreadable") {
    return `${needs}, which cannot be compared with ${sayList(running, "and")} in ${environment}`;
  }
  const now =
    running.length === 0 ? `which is not live in ${environment}` : `but ${environment} runs ${sayList(running, "and")}`;
  const next = fitsAt === null ? "no deployment that fits is booked" : `booked until ${sayInstant(fitsAt, zone)}`;
  return `${needs}, ${now}; ${next}`;
}

function repair({ dependency }: Problem): Remedy {
  return { kind: "change", who: `owner of ${dependency.on}`, what: "Write range and version as semantic versions." };
}

function deployFirst({ dependency }: Problem, environment: string): Remedy {
  return { kind: "deploy", who: `owner of ${dependency.on}`, what: `Deploy ${wanted(dependency)} to ${environment}.` };
}
