import type { Approval } from "#core/approval/approval.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { JsonValue } from "#core/audit/canonical.ts";
import type { Batch, LoadProfile } from "#core/calendar/advice/load-profile.ts";
import { risks } from "#core/calendar/advice/risk.ts";
import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import type { Duty, Shift, Swap, TeamCover } from "#core/calendar/cover/rota.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { freezeStrengths, type Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { roles, type Account, type Person } from "#core/catalog/people.ts";
import { changeActions, changeClasses, invokers, type Scope } from "#core/catalog/scope.ts";
import { edgeKinds, type Dependency, type Service } from "#core/catalog/service.ts";
import {
  decodeWith,
  duration,
  extended,
  flag,
  instant,
  list,
  literalOr,
  localDateTime,
  nullable,
  number,
  object,
  oneOf,
  orElse,
  partial,
  record,
  text,
  type DecodeFault,
  type Decoder,
} from "#core/policy/decode.ts";
import { policyDecoder } from "#core/policy/policy-codec.ts";
import {
  bookedRisk,
  debt,
  emergencyTicket,
  errorBudget,
  evidence,
  heldLock,
  override,
  passedStage,
  recovery,
  recoveryLimits,
  resourceUse,
  riskScore,
  scopedDecoders,
  stop,
  ticket,
  upstream,
  verification,
} from "#core/policy/reports-codec.ts";
import {
  artifact,
  booking,
  deployed,
  expectedDuration,
  reservation,
  rollbackPlan,
  sequence,
  setback,
  signal,
} from "#core/policy/release-codec.ts";
import type { AgreedSlot, Facts, NearestNames, Subject } from "#core/policy/facts.ts";
import { placeAbilities, rolloutTraits, strategyDecoder } from "#core/policy/rollout-codec.ts";
import { unreachable, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/**
 * The facts as JSON, lossless: `factsFromJson` gives facts that are judged to the same verdict, byte for byte. Instants,
 * local times and durations are their ISO 8601 texts; people are an object by name.
 */
export function factsToJson(facts: Facts): JsonValue {
  return toJson(facts);
}

/** Reads what `factsToJson` wrote. A member that is missing, unknown or of another type is a fault that names it. */
export function factsFromJson(json: unknown): Result<Facts, DecodeFault> {
  return decodeWith(facts, json);
}

function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (isTemporal(value)) return value.toString();
  if (typeof value !== "object") throw new TypeError(`facts hold a ${typeof value}`);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(members.map(([key, item]) => [key, toJson(item)]));
}

function isTemporal(value: unknown): value is Temporal.Instant | Temporal.PlainDateTime | Temporal.Duration {
  return (
    value instanceof Temporal.Instant || value instanceof Temporal.PlainDateTime || value instanceof Temporal.Duration
  );
}

const names = list(text);

const scope = partial<Scope>({
  environments: names,
  services: names,
  teams: names,
  units: names,
  tags: names,
  regions: names,
  dataClasses: names,
  tiers: list(number),
  classes: names,
  actions: names,
  invokers: names,
});

const ruleEnd: Decoder<RuleEnd> = (value, path) => {
  const { kind } = object<{ kind: RuleEnd["kind"] }>({ kind: oneOf(["wall", "elapsed", "until"]) })(
    typeof value === "object" && value !== null && "kind" in value ? { kind: value.kind } : value,
    path,
  );
  switch (kind) {
    case "wall":
      return object<Extract<RuleEnd, { kind: "wall" }>>({ kind: oneOf(["wall"]), minuteOfDay: number })(value, path);
    case "elapsed":
      return object<Extract<RuleEnd, { kind: "elapsed" }>>({ kind: oneOf(["elapsed"]), duration })(value, path);
    case "until":
      return object<Extract<RuleEnd, { kind: "until" }>>({ kind: oneOf(["until"]), at: localDateTime })(value, path);
  }
  return unreachable(kind);
};

const scoped = scopedDecoders(scope);

const localRule = object<LocalRule>({
  zone: text,
  start: localDateTime,
  rrule: nullable(text),
  end: ruleEnd,
  exdates: list(localDateTime),
});

const onBorder = oneOf(["finish", "pause", "roll-back"]);

const window = object<Window>({ name: text, scope, rule: localRule, onClose: onBorder });

const freeze = object<Freeze>({
  name: text,
  title: orElse(undefined, text),
  scope,
  rule: localRule,
  strength: oneOf(freezeStrengths),
  owner: text,
  passesWith: nullable(text),
  onBegin: onBorder,
  reason: text,
});

/** What requests of older records did not say. */
type RiskOfSubject = Pick<Subject, "risk" | "hasRollbackPlan">;
const riskOfSubject = partial<RiskOfSubject>({ risk: oneOf(risks), hasRollbackPlan: flag });

const plainSubject = object<Omit<Subject, keyof RiskOfSubject>>({
  service: text,
  version: text,
  environment: text,
  action: oneOf(changeActions),
  class: oneOf(changeClasses),
  invoker: oneOf(invokers),
  requestedBy: nullable(text),
  contentDigest: nullable(text),
  onBehalfOf: nullable(text),
});

const subject: Decoder<Subject> = (value, path) => {
  if (typeof value !== "object" || value === null) return plainSubject(value, path);
  const members = Object.entries(value);
  const isRisk = ([key]: readonly [string, unknown]): boolean => key === "risk" || key === "hasRollbackPlan";
  return {
    ...plainSubject(Object.fromEntries(members.filter((member) => !isRisk(member))), path),
    ...riskOfSubject(Object.fromEntries(members.filter(isRisk)), path),
  };
};

const dependency = object<Dependency>({ on: text, kind: oneOf(edgeKinds), versions: nullable(text) });

const plainService = object<Omit<Service, "rollout">>({
  name: text,
  unit: text,
  team: text,
  tier: number,
  tags: names,
  dataClasses: names,
  dependsOn: list(dependency),
  contract: nullable(text),
  recovery: orElse(undefined, recoveryLimits),
});

const service: Decoder<Service> = extended<Omit<Service, "rollout">, Pick<Service, "rollout">>(plainService, {
  rollout: rolloutTraits,
});

const plainEnvironment = object<Omit<Environment, "rollout">>({
  name: text,
  zone: text,
  region: nullable(text),
  after: names,
  protected: flag,
  windows: oneOf(["required", "optional"]),
});

const environment: Decoder<Environment> = extended<Omit<Environment, "rollout">, Pick<Environment, "rollout">>(
  plainEnvironment,
  { rollout: placeAbilities },
);

const route = object<ApprovalRoute>({
  name: text,
  scope,
  priority: number,
  approvals: number,
  roles: list(oneOf(roles)),
  teams: names,
  validFor: nullable(duration),
});

const plainApproval = object<Omit<Approval, "despite">>({
  service: text,
  version: text,
  environment: text,
  person: text,
  decision: oneOf(["approved", "rejected"]),
  at: instant,
  contentDigest: nullable(text),
  reason: nullable(text),
});

const despite = partial<Pick<Approval, "despite">>({ despite: names });

const approval: Decoder<Approval> = (value, path) => {
  if (typeof value !== "object" || value === null) return plainApproval(value, path);
  const members = Object.entries(value);
  const isDespite = ([key]: readonly [string, unknown]): boolean => key === "despite";
  return {
    ...plainApproval(Object.fromEntries(members.filter((member) => !isDespite(member))), path),
    ...despite(Object.fromEntries(members.filter(isDespite)), path),
  };
};

const account = object<Account>({ name: text, kind: oneOf(["human", "bot"]) });

const person = object<Person>({
  name: text,
  displayName: text,
  teams: names,
  roles: list(oneOf(roles)),
  accounts: list(account),
});

const strategy = strategyDecoder(scope);

const batch = object<Batch>({ name: text, rule: localRule });

const profile = object<LoadProfile>({
  service: text,
  environment: text,
  hours: list(number),
  batches: list(batch),
});

const impacted = object<ImpactedService>({ service: text, team: text, tier: number });

const shift = object<Shift>({ name: text, rule: localRule, persons: names, handoverDays: number });

const swap = object<Swap>({
  id: nullable(text),
  person: nullable(text),
  replaces: nullable(text),
  from: instant,
  to: instant,
});

const duty = object<Duty>({ person: text, from: instant, to: instant });

const teamCover = object<TeamCover>({
  team: text,
  stabilisation: duration,
  shifts: list(shift),
  swaps: list(swap),
  duties: list(duty),
  knownUntil: nullable(instant),
});

const agreedSlot = object<AgreedSlot>({ id: text, from: instant, to: instant, acceptedBy: text });

const span = object<Span>({ from: instant, to: instant });

const caution = object<Caution>({ name: text, calendar: text, summary: text, scope, span });

/**
 * Facts that records of older builds do not have, with what was true when nobody kept them. A fact that comes later is
 * added here and nowhere else: an older record then reads as before and is judged to the same bytes.
 */
const absent = {
  profiles: [],
  impact: [],
  rotas: "none",
  agreedSlot: null,
  cautions: [],
  policies: [],
  upstream: [],
  dependants: [],
  stagesBefore: [],
  holds: [],
  stops: [],
  evidence: "assumed",
  verifications: "assumed",
  tickets: "assumed",
  errorBudget: "assumed",
  riskScore: "assumed",
  recovery: "assumed",
  exposure: [],
  passed: "assumed",
  usage: [],
  exemptions: [],
  overrides: [],
  emergency: null,
  debts: [],
  sequences: [],
  setbacks: [],
  reservations: [],
  rollback: null,
} as const satisfies Partial<Facts>;

const facts = object<Facts>({
  at: instant,
  horizon: instant,
  subject,
  service: nullable(service),
  environment: nullable(environment),
  nearest: object<NearestNames>({ services: names, environments: names }),
  windows: list(window),
  freezes: list(freeze),
  artifact: literalOr(["assumed"], nullable(artifact)),
  routes: list(route),
  approvals: list(approval),
  people: record(person),
  deployed: literalOr(["unknown", "assumed"], list(deployed)),
  bookings: list(booking),
  durations: list(expectedDuration),
  signals: list(signal),
  locks: list(heldLock),
  strategies: list(strategy),
  profiles: orElse(absent.profiles, list(profile)),
  impact: orElse(absent.impact, list(impacted)),
  rotas: orElse(absent.rotas, literalOr(["none", "unknown"], list(teamCover))),
  agreedSlot: orElse(absent.agreedSlot, nullable(agreedSlot)),
  cautions: orElse(absent.cautions, list(caution)),
  policies: orElse(absent.policies, list(policyDecoder(scope))),
  upstream: orElse(absent.upstream, list(upstream)),
  dependants: orElse(absent.dependants, list(service)),
  stagesBefore: orElse(absent.stagesBefore, names),
  holds: orElse(absent.holds, list(scoped.hold)),
  stops: orElse(absent.stops, list(stop)),
  evidence: orElse(absent.evidence, literalOr(["assumed"], list(evidence))),
  verifications: orElse(absent.verifications, literalOr(["assumed"], list(verification))),
  tickets: orElse(absent.tickets, literalOr(["assumed"], list(ticket))),
  errorBudget: orElse(absent.errorBudget, literalOr(["assumed"], nullable(errorBudget))),
  riskScore: orElse(absent.riskScore, literalOr(["assumed"], nullable(riskScore))),
  recovery: orElse(absent.recovery, literalOr(["assumed"], list(recovery))),
  exposure: orElse(absent.exposure, list(bookedRisk)),
  passed: orElse(absent.passed, literalOr(["assumed"], list(passedStage))),
  usage: orElse(absent.usage, list(resourceUse)),
  exemptions: orElse(absent.exemptions, list(scoped.exemption)),
  overrides: orElse(absent.overrides, list(override)),
  emergency: orElse(absent.emergency, nullable(emergencyTicket)),
  debts: orElse(absent.debts, list(debt)),
  sequences: orElse(absent.sequences, list(sequence)),
  setbacks: orElse(absent.setbacks, list(setback)),
  reservations: orElse(absent.reservations, list(reservation)),
  rollback: orElse(absent.rollback, nullable(rollbackPlan)),
});
