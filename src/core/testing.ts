import { integer, type Arbitrary } from "fast-check";
import type { Approval } from "#core/approval/approval.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Person } from "#core/catalog/people.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Remedy } from "#core/policy/finding.ts";
import { unreachable } from "#core/result.ts";
import { afterDemandedDeed } from "#core/testing-remedies.ts";
import type { Artifact } from "#core/release/artifact.ts";

/** An instant from ISO 8601 text with an offset: `2026-03-25T08:00Z`. */
export function at(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}

export function aService(overrides: Partial<Service> = {}): Service {
  return {
    name: "cart",
    unit: "retail",
    team: "basket",
    tier: 2,
    tags: [],
    dataClasses: [],
    dependsOn: [],
    contract: null,
    ...overrides,
  };
}

export function anEnvironment(overrides: Partial<Environment> = {}): Environment {
  return {
    name: "prod-emea",
    zone: "Europe/Berlin",
    region: "emea",
    after: [],
    protected: true,
    windows: "optional",
    ...overrides,
  };
}

/** Sat 01:00 to 05:00 in the zone of the environment, every week, anchored on the first Saturday of 2026. */
export function aWindow(overrides: Partial<Window> = {}): Window {
  return { name: "weekend", scope: {}, rule: aLocalRule({}), onClose: "finish", ...overrides };
}

export function aLocalRule(overrides: Partial<LocalRule>): LocalRule {
  return {
    zone: "target",
    start: Temporal.PlainDateTime.from("2026-01-03T01:00"),
    rrule: "FREQ=WEEKLY;BYDAY=SA",
    end: { kind: "wall", minuteOfDay: 5 * 60 },
    exdates: [],
    ...overrides,
  };
}

/** A hard freeze between two local times of Berlin. */
export function aFreeze(from: string, to: string, overrides: Partial<Freeze> = {}): Freeze {
  const rule = aLocalRule({
    zone: "Europe/Berlin",
    start: Temporal.PlainDateTime.from(from),
    rrule: null,
    end: { kind: "until", at: Temporal.PlainDateTime.from(to) },
  });
  return {
    name: "quarter-end",
    scope: {},
    rule,
    strength: "hard",
    owner: "finance",
    passesWith: null,
    onBegin: "pause",
    reason: "The books are closed.",
    ...overrides,
  };
}

export function aPerson(name: string, overrides: Partial<Person> = {}): Person {
  return {
    name,
    displayName: name,
    teams: [],
    roles: ["approver"],
    accounts: [{ name, kind: "human" }],
    ...overrides,
  };
}

export function aRoute(overrides: Partial<ApprovalRoute> = {}): ApprovalRoute {
  return {
    name: "prod",
    scope: {},
    priority: 0,
    approvals: 1,
    roles: ["approver"],
    teams: [],
    validFor: null,
    ...overrides,
  };
}

export function anApproval(person: string, overrides: Partial<Approval> = {}): Approval {
  return {
    service: "cart",
    version: "1.1.0",
    environment: "prod-emea",
    person,
    decision: "approved",
    at: at("2026-03-20T09:00Z"),
    contentDigest: null,
    reason: null,
    ...overrides,
  };
}

export function anArtifact(overrides: Partial<Artifact> = {}): Artifact {
  return {
    service: "cart",
    version: "1.1.0",
    digest: `sha256:${"a".repeat(64)}`,
    registeredAt: at("2026-03-01T00:00Z"),
    author: null,
    ...overrides,
  };
}

export function aSubject(overrides: Partial<Subject> = {}): Subject {
  return {
    service: "cart",
    version: "1.1.0",
    environment: "prod-emea",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
    ...overrides,
  };
}

/** What nobody has demanded, reported or declared. */
const withoutReports = {
  policies: [],
  upstream: [],
  dependants: [],
  stagesBefore: [],
  holds: [],
  stops: [],
  evidence: [],
  verifications: [],
  tickets: [],
  errorBudget: null,
  riskScore: null,
  recovery: [],
  exposure: [],
  passed: [],
  usage: [],
  exemptions: [],
  overrides: [],
  emergency: null,
  debts: [],
  sequences: [],
  setbacks: [],
  rollback: null,
  reservations: [],
} as const;

/** Facts under which every rule passes: Wed 25 Mar 2026 08:00 UTC, horizon of 60 days. */
export function someFacts(overrides: Partial<Facts> = {}): Facts {
  const now = overrides.at ?? at("2026-03-25T08:00Z");
  return {
    at: now,
    horizon: now.add({ hours: 24 * 60 }),
    subject: aSubject(),
    service: aService(),
    environment: anEnvironment(),
    nearest: { services: [], environments: [] },
    windows: [],
    freezes: [],
    artifact: anArtifact(),
    routes: [],
    approvals: [],
    people: peopleOf(),
    deployed: [],
    bookings: [],
    durations: [],
    signals: [],
    locks: [],
    strategies: [],
    profiles: [],
    impact: [],
    rotas: "none",
    agreedSlot: null,
    cautions: [],
    ...withoutReports,
    ...overrides,
  };
}

export function peopleOf(...people: readonly Person[]): ReadonlyMap<string, Person> {
  return new Map(people.map((person) => [person.name, person]));
}

/** A stand-in for SHA-256: 64 hexadecimal digits that differ for different texts, near enough for a test. */
export function fakeHash(text: string): string {
  const lanes = Array.from({ length: 8 }, (_, lane) => (0x811c9dc5 ^ (lane * 0x9e3779b1)) >>> 0);
  for (let i = 0; i < text.length; i++) {
    const lane = i % 8;
    lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return `sha256:${lanes.map((lane) => lane.toString(16).padStart(8, "0")).join("")}`;
}

/**
 * The facts after somebody has done what a remedy of a rule asks for. A remedy that has no counterpart in the facts
 * (somebody has to write configuration) is a RangeError.
 */
export function applyRemedy(facts: Facts, rule: string, remedy: Remedy): Facts {
  const demanded = afterDemandedDeed(facts, rule, remedy);
  if (demanded !== null) return demanded;
  switch (remedy.kind) {
    case "approve":
      return approve(facts, remedy);
    case "free-lock":
      return { ...facts, locks: facts.locks.filter(({ holder }) => holder !== remedy.who) };
    case "deploy":
      return deploy(facts, remedy);
    case "register":
      return { ...facts, artifact: anArtifact({ service: facts.subject.service, version: facts.subject.version }) };
    case "change":
      if (rule === "freeze-in-force") return lift(facts, remedy);
      if (rule === "versions-compatible") return accept(facts, remedy);
      throw new RangeError(`cannot simulate: ${remedy.what}`);
    case "wait":
    case "supply-evidence":
    case "clear-signal":
      throw new RangeError(`cannot simulate: ${remedy.what}`);
  }
  return unreachable(remedy.kind);
}

function approve(facts: Facts, remedy: Remedy): Facts {
  const needed = Number(/(\d+) different/.exec(remedy.what)?.[1] ?? 1);
  const { service, version, environment, contentDigest } = facts.subject;
  const freeze = /in spite of the freeze (\S+)\./.exec(remedy.what)?.[1];
  const despite = freeze === undefined ? {} : { despite: [freeze] };
  const given = remedy.who
    .split(/, | or /)
    .slice(0, needed)
    .map((person) => anApproval(person, { service, version, environment, contentDigest, at: facts.at, ...despite }));
  return { ...facts, approvals: [...facts.approvals, ...given] };
}

function deploy(facts: Facts, remedy: Remedy): Facts {
  if (typeof facts.deployed === "string" || facts.service === null) throw new RangeError("no inventory");
  const name = remedy.who.replace("owner of ", "");
  const range = facts.service.dependsOn.find(({ on }) => on === name)?.versions ?? "1.0.0";
  const version = /\d+(\.\d+)*/.exec(range)?.[0] ?? "1.0.0";
  const full = [...version.split("."), "0", "0"].slice(0, 3).join(".");
  // The deed is done with the time that it takes to settle.
  const since = facts.at.subtract({ hours: 24 * 30 });
  const entry = { service: name, version: full, environment: facts.subject.environment, since };
  const others = facts.deployed.filter(({ service }) => service !== name);
  // A booking of the dependency is done with: it has been deployed by hand.
  const bookings = facts.bookings.filter(({ service }) => service !== name);
  return { ...facts, deployed: [...others, entry], bookings };
}

/** The dependant accepts any version from now on. */
function accept(facts: Facts, { who }: Remedy): Facts {
  const name = who.replace("owner of ", "");
  const dependants = facts.dependants.map((service) =>
    service.name === name
      ? { ...service, dependsOn: service.dependsOn.map((edge) => ({ ...edge, versions: null })) }
      : service,
  );
  return { ...facts, dependants };
}

function lift(facts: Facts, remedy: Remedy): Facts {
  return { ...facts, freezes: facts.freezes.filter(({ name }) => !remedy.what.includes(` ${name} `)) };
}

/** Instants in 2026, to the minute. */
export const instants: Arbitrary<Temporal.Instant> = integer({ min: 0, max: 365 * 1440 - 1 }).map((minutes) =>
  at("2026-01-01T00:00Z").add({ minutes }),
);
