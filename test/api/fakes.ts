import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { checkSources } from "#config/world.ts";
import { problem, type Problem } from "#contract/common.ts";
import type { DeploymentId } from "#core/id.ts";
import { roles, type Person, type Role } from "#core/catalog/people.ts";
import type { Subject } from "#core/policy/facts.ts";
import { aRoute } from "#core/testing.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { err, ok } from "#core/result.ts";
import { newId } from "#runtime/ids.ts";
import { createLog } from "#runtime/log.ts";
import { secrets } from "#runtime/secrets.ts";
import { toTokenText } from "#usecases/access/token-text.ts";
import type { AccessTransact, StoredToken } from "#usecases/access/identity.ts";
import { authenticate } from "#usecases/access/authenticate.ts";
import { createToken } from "#usecases/access/create-token.ts";
import { logIn } from "#usecases/access/log-in.ts";
import { proveIdentity } from "#usecases/access/prove-identity.ts";
import { revokeOwnToken } from "#usecases/access/revoke-token.ts";
import { calendarFaces, type CalendarFaces } from "#usecases/calendar/timetable-faces.ts";
import type { Operations } from "#usecases/operations.ts";
import type { AuditRecord, DeploymentRecord } from "#usecases/records.ts";
import type { DeploymentFullView, Views } from "#usecases/views.ts";
import {
  defaultLimits,
  type ApiDeps,
  type ApiLimits,
  type IdempotencyStore,
  type IdempotentCall,
  type SourcedEvent,
} from "#api/deps.ts";
import { fakeCalendarOperations } from "#test/api/fakes-calendar.ts";
import { createMetrics } from "#api/metrics.ts";
import { buildApp, type App } from "#api/server.ts";
import { fakeBusiness } from "#test/api/fakes-business.ts";
import { fakePlans } from "#test/api/fakes-plans.ts";
import { fakeService } from "#test/api/fakes-service.ts";
import { fakeSequences } from "#test/api/fakes-sequences.ts";
import { fakeStrategies } from "#test/api/fakes-strategies.ts";
import { fakeRollback } from "#test/api/fakes-rollback.ts";
import { fakeWatches } from "#test/api/fakes-watch.ts";
import { fakeReservations } from "#test/api/fakes-reservations.ts";
import { fakeWaves } from "#test/api/fakes-waves.ts";
import { fakePolicies } from "#test/api/fakes-policies.ts";
import { fakeExemptions } from "#test/api/fakes-exemption.ts";
import { fakeGates, fakeHooks } from "#test/api/fakes-gates.ts";
import { fakeIntake } from "#test/api/fakes-intake.ts";
import type { StaticFiles } from "#api/static-files.ts";

export const base = "http://127.0.0.1:7070";
export const start = Temporal.Instant.from("2026-03-25T08:00:00Z");
export const digestOfArtifact = `sha256:${"a".repeat(64)}`;

export interface FakeSettings {
  readonly limits?: Partial<ApiLimits>;
  readonly secure?: boolean;
  readonly web?: StaticFiles;
  /** Called before every operation of the fakes: to fail, to wait. */
  readonly before?: () => Promise<void>;
}

/** The whole API on fakes in memory, with one person and one token for each role. */
export interface FakeApi {
  readonly app: App;
  readonly deps: ApiDeps;
  readonly tokens: Readonly<Record<Role, string>>;
  readonly people: Map<string, Person>;
  readonly stored: Map<string, StoredToken>;
  readonly deployments: Map<string, DeploymentFullView>;
  readonly audit: AuditRecord[];
  /** Names of the operations that were carried out, in order. */
  readonly done: string[];
  readonly lines: string[];
  readonly events: FakeEvents;
  readonly stop: () => void;
  readonly time: { now: Temporal.Instant };
  readonly seed: (state?: DeploymentRecord["state"]) => DeploymentId;
  readonly call: (path: string, options?: CallOptions) => Promise<Response>;
}

export interface CallOptions {
  readonly method?: string;
  readonly as?: Role | null;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function fakeApi(settings: FakeSettings = {}): FakeApi {
  const people = new Map(roles.map((role) => [role, personWith(role)]));
  const stored = new Map<string, StoredToken>();
  const audit: AuditRecord[] = [];
  const deployments = new Map<string, DeploymentFullView>();
  const done: string[] = [];
  const lines: string[] = [];
  const time = { now: start };
  const stopping = new AbortController();
  const events = fakeEvents();
  const deps: ApiDeps = {
    operations: fakeOperations(deployments, done, settings.before ?? (() => Promise.resolve())),
    views: fakeViews(deployments, people),
    calendar: fakeCalendar(),
    business: fakeBusiness(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    gates: fakeGates(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    hooks: fakeHooks(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    intake: fakeIntake(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    exemptions: fakeExemptions(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    policies: fakePolicies(),
    waves: fakeWaves(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    sequences: fakeSequences(),
    strategies: fakeStrategies(),
    watches: fakeWatches(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    rollback: fakeRollback(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    reservations: fakeReservations(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    plans: fakePlans(async (name) => {
      await settings.before?.();
      done.push(name);
    }),
    access: fakeAccess(stored, audit, people, time),
    idempotency: fakeIdempotency((error) => error instanceof Error && error.message.endsWith("after COMMIT")),
    events: events.source,
    clock: fakeClock(time),
    auditRoot: (entries) => `sha256:${createHash("sha256").update(entries.join("\n")).digest("hex")}`,
    isPassing: (error) => error instanceof Error && error.message.startsWith("connection lost"),
    health: {
      dependencies: async () => [{ name: "database", ready: true, reason: "It answers." }],
      oldestDueAt: async () => null,
      deploymentsByState: async () => new Map([["waiting", deployments.size]]),
      examine: async () => [{ name: "database", status: "ok", sentence: "It answers.", remedy: "" }],
    },
    metrics: createMetrics(),
    log: createLog({ level: "debug", destination: { write: (line: string) => void lines.push(line) } }),
    web: settings.web ?? null,
    stopping: stopping.signal,
    settings: {
      allowedHosts: ["127.0.0.1:7070"],
      origins: [base],
      secure: settings.secure ?? false,
      version: "0.1.0",
      checkAnswers: true,
      limits: { ...defaultLimits, callBurst: 1e6, attemptBurst: 1e6, ...settings.limits },
    },
  };
  const tokens: Record<Role, string> = {
    viewer: issue(stored, "viewer"),
    developer: issue(stored, "developer"),
    approver: issue(stored, "approver"),
    operator: issue(stored, "operator"),
    "release-manager": issue(stored, "release-manager"),
    compliance: issue(stored, "compliance"),
    auditor: issue(stored, "auditor"),
    administrator: issue(stored, "administrator"),
  };
  const app = buildApp(deps);
  return {
    app,
    deps,
    tokens,
    people,
    stored,
    deployments,
    audit,
    done,
    lines,
    events,
    time,
    stop: () => stopping.abort(),
    seed: (state = "waiting") => seedDeployment(deployments, state),
    call: (path, options = {}) => send(app, tokens, path, options),
  };
}

async function send(
  app: App,
  tokens: Readonly<Record<string, string>>,
  path: string,
  options: CallOptions,
): Promise<Response> {
  const { as = "developer", method = "GET", body, raw } = options;
  const headers = new Headers(as === null ? {} : { authorization: `Bearer ${tokens[as]}` });
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  if (content !== undefined) headers.set("content-type", "application/json");
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  return app.request(`${base}${path}`, {
    method,
    headers,
    ...(content === undefined ? {} : { body: content, duplex: "half" }),
  });
}

/** The problem in an answer; fails when it is not exactly one. */
export async function problemOf(response: Response): Promise<Problem> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const parsed = problem.parse(await response.json());
  assert.equal(parsed.status, response.status);
  assert.equal(parsed.requestId, response.headers.get("x-request-id"));
  return parsed;
}

export function personWith(role: Role): Person {
  return {
    name: role,
    displayName: `Some ${role}`,
    teams: ["checkout"],
    roles: [role],
    accounts: [
      { name: `${role}@example`, kind: "human" },
      { name: `${role}-bot`, kind: "bot" },
    ],
  };
}

/** A token for the person's human account that lives for 30 days. */
export function issue(stored: Map<string, StoredToken>, person: string): string {
  const id = secrets.newTokenId();
  const secret = secrets.make();
  stored.set(id, {
    id,
    kind: "token",
    person,
    account: `${person}@example`,
    secretHash: secrets.hash(secret),
    label: "test",
    parent: null,
    createdAt: start,
    expiresAt: start.add({ hours: 24 * 30 }),
    lastUsedAt: null,
    revokedAt: null,
  });
  return toTokenText(id, secret);
}

function fakeAccess(
  stored: Map<string, StoredToken>,
  audit: AuditRecord[],
  people: Map<string, Person>,
  time: { now: Temporal.Instant },
): ApiDeps["access"] {
  const now = () => time.now;
  const transact: AccessTransact = (body) =>
    body({
      insertToken: async (token) => void stored.set(token.id, token),
      async revokeToken(id, person, at) {
        const token = stored.get(id);
        if (token === undefined || token.person !== person || token.revokedAt !== null) return false;
        stored.set(id, { ...token, revokedAt: at });
        return true;
      },
      audit: { append: async (entry) => void audit.push(entry) },
    });
  const authenticated = authenticate({
    findToken: async (id) => stored.get(id) ?? null,
    touchToken: async (id, at) => {
      const token = stored.get(id);
      if (token !== undefined) stored.set(id, { ...token, lastUsedAt: at });
    },
    findPerson: async (name) => people.get(name) ?? null,
    secrets,
    now,
  });
  return {
    authenticate: authenticated,
    logIn: logIn({ authenticate: authenticated, transact, secrets, now }),
    createToken: createToken({ transact, secrets, now }),
    revokeToken: revokeOwnToken({ transact, now }),
    prove: proveIdentity(authenticated),
  };
}

/** The real faces over a calendar of one environment and one service. */
function fakeCalendar(): CalendarFaces {
  const text = `kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Window
metadata: { name: prod-weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }`;
  const { world, documents } = checkSources([{ path: "calendar.yaml", text }]);
  if (world === null) throw new Error("the calendar of the fakes cannot be read");
  return calendarFaces({
    inForce: async () => ({ revision: 1, organisation: world.organisation, cautions: [] }),
    documents: async () => documents,
    bookings: async () => [],
    lintFacts: async () => ({ durations: [], imported: [], swaps: [] }),
  });
}

function fakeIdempotency(hasStored: (error: unknown) => boolean): IdempotencyStore {
  const kept = new Map<string, { call: string; answer: { status: number; body: unknown } | "lost" | null }>();
  const keyOf = (call: IdempotentCall): string => `${call.scope} ${call.key}`;
  const sameOf = (call: IdempotentCall): string => `${call.operation} ${call.bodyDigest}`;
  return {
    async reserve(call) {
      const known = kept.get(keyOf(call));
      if (known !== undefined && known.call !== sameOf(call)) return { state: "conflict" };
      if (known === undefined || (known.answer === "lost" && call.isRepeatable)) {
        kept.set(keyOf(call), { call: sameOf(call), answer: null });
        return { state: "fresh", attempt: { ...call, attempt: "the only one" } };
      }
      if (known.answer === "lost") return { state: "answer-lost" };
      return known.answer === null ? { state: "in-progress" } : { state: "replay", ...known.answer };
    },
    async carryOut(attempt, act) {
      try {
        return ok(await act());
      } catch (error) {
        if (hasStored(error)) kept.set(keyOf(attempt), { call: sameOf(attempt), answer: "lost" });
        else kept.delete(keyOf(attempt));
        throw error;
      }
    },
    complete: async (call, answer) => void kept.set(keyOf(call), { call: sameOf(call), answer }),
    release: async (call) => void kept.delete(keyOf(call)),
  };
}

function fakeClock(time: { now: Temporal.Instant }): ApiDeps["clock"] {
  let shiftMs = 0;
  return {
    now: () => time.now.add({ milliseconds: shiftMs }),
    shiftMs: () => shiftMs,
    settable: true,
    zoneData: "2026c",
    async set(to) {
      shiftMs = to.epochMilliseconds - time.now.epochMilliseconds;
      return ok({ now: to, shiftMs });
    },
  };
}

export interface FakeEvents {
  readonly source: ApiDeps["events"];
  readonly push: (object: string, body?: unknown) => SourcedEvent;
  readonly readers: () => number;
}

/** Keeps everything; ids are numbers from 1. */
function fakeEvents(): FakeEvents {
  const all: SourcedEvent[] = [];
  let readers = 0;
  let wake = Promise.withResolvers<void>();
  return {
    readers: () => readers,
    push(object, body = null) {
      const event: SourcedEvent = { id: String(all.length + 1), kind: "deployment", object, at: start, body };
      all.push(event);
      wake.resolve();
      wake = Promise.withResolvers<void>();
      return event;
    },
    async *source(after, signal) {
      readers += 1;
      try {
        let next = after === null ? all.length : Number(after);
        const aborted = new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        while (!signal.aborted) {
          const event = all[next];
          if (event === undefined) await Promise.race([wake.promise, aborted]);
          else {
            next += 1;
            yield event;
          }
        }
      } finally {
        readers -= 1;
      }
    },
  };
}

function aSubject(change: Partial<Subject> = {}): Subject {
  return {
    service: "checkout-api",
    version: "5.0.1",
    environment: "prod-emea",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: "developer",
    contentDigest: digestOfArtifact,
    onBehalfOf: null,
    ...change,
  };
}

export function aVerdict(change: Partial<Verdict> = {}): Verdict {
  const until = start.add({ hours: 64 });
  return {
    decision: "wait",
    at: start,
    subject: aSubject(),
    findings: [
      {
        rule: "inside-window",
        ruleVersion: "1",
        outcome: "wait",
        code: "outside-window",
        sentence: "No window is open for prod-emea.",
        until,
        evidence: [{ kind: "window", ref: "prod-weekend", text: "Sat 01:00 to 05:00" }],
        remedies: [{ kind: "wait", who: "you", what: "Wait until the window opens." }],
      },
    ],
    nextOpening: until,
    openings: [{ from: until, to: until.add({ hours: 4 }) }],
    counterfactuals: [],
    factsDigest: digestOfArtifact,
    zoneData: "2026c",
    ...change,
  };
}

function seedDeployment(
  deployments: Map<string, DeploymentFullView>,
  state: DeploymentRecord["state"],
  subject: Partial<Subject> = {},
): DeploymentId {
  const id = newId<"DeploymentId">("deployment");
  const ended = !["waiting", "queued", "running"].includes(state);
  deployments.set(id, {
    record: {
      id,
      booking: newId<"BookingId">("booking"),
      subject: aSubject(subject),
      digest: digestOfArtifact,
      contentDigest: digestOfArtifact,
      state,
      whenBlocked: "wait",
      verdict: null,
      nextCheckAt: state === "waiting" ? start.add({ minutes: 1 }) : null,
      requestedAt: start,
      startedAt: ended || state === "running" ? start : null,
      endedAt: ended ? start : null,
      control: "5.0.0",
      fence: null,
      percent: 0,
      outcome: ended ? "It ended." : null,
      abortRequestedBy: null,
      requestKey: null,
      run: null,
      held: null,
    },
    verdict: aVerdict(),
    timeline: [
      {
        deployment: id,
        at: start,
        step: "judge",
        name: "judge",
        phase: "done",
        sentence: "Judged.",
        detail: null,
        seq: 1,
      },
    ],
    approvals: [],
    consent: {
      route: aRoute(),
      content: { ...aSubject(subject), digest: digestOfArtifact, author: null, registrant: null },
      people: new Map(roles.map((role) => [role, personWith(role)])),
    },
    liveVersion: "5.0.0",
    queue: null,
  });
  return id;
}

function fakeOperations(
  deployments: Map<string, DeploymentFullView>,
  done: string[],
  before: () => Promise<void>,
): Operations {
  const known = async (name: string, id: DeploymentId) => {
    await before();
    if (!deployments.has(id)) return err("no-such-deployment" as const);
    done.push(name);
    return ok(id);
  };
  return {
    async requestDeployment(input) {
      await before();
      if (input.service === "nothing") return err("no-such-service");
      done.push("requestDeployment");
      return ok(seedDeployment(deployments, "waiting", { service: input.service, version: input.version }));
    },
    ...fakeCalendarOperations(async (name) => {
      await before();
      done.push(name);
    }),
    abortDeployment: ({ id }) => known("abortDeployment", id),
    decideHeld: ({ id }) => known("decideHeld", id),
    rollBackDeployment: ({ id }) => known("rollBackDeployment", id),
    decideApproval: ({ id }) => known("decideApproval", id),
    async askVerdict({ subject, at }) {
      await before();
      done.push("askVerdict");
      return aVerdict({ subject, at: at ?? start });
    },
    async outlineVerdict({ at, to }) {
      await before();
      const from = at ?? start;
      const span = { from, to: to ?? from.add({ hours: 24 }) };
      if (Temporal.Instant.compare(span.from, span.to) >= 0) return err("empty-span");
      const stretches = [{ span, course: "waits", sentence: "No window is open." }] as const;
      const lanes = [{ rule: "inside-window", ruleVersion: "1", stretches, cutAt: null }];
      return ok({ span, lanes, joint: stretches, openings: [span] });
    },
    async registerArtifact({ service }) {
      await before();
      if (service === "nothing") return err("no-such-service");
      done.push("registerArtifact");
      return ok("registered");
    },
    async applyConfiguration({ files, mode }) {
      await before();
      const [first] = files;
      if (first?.text === "wrong") {
        const wrong = {
          path: first.path,
          line: 1,
          column: 1,
          code: "bad",
          message: "Bad.",
          remedy: "Mend.",
          excerpt: "",
        };
        return err({ code: "invalid-configuration", problems: [wrong] });
      }
      done.push(`applyConfiguration ${mode}`);
      return ok({ applied: mode === "apply", revision: 1, changes: [] });
    },
  };
}

function fakeViews(deployments: Map<string, DeploymentFullView>, people: Map<string, Person>): Views {
  return {
    listDeployments: async ({ limit }) => ({ items: [...deployments.values()].slice(0, limit), next: null }),
    deployment: async (id) => deployments.get(id) ?? null,
    traffic: async () => [{ second: 1, arm: "control", requests: 10, errors: 0, p95Ms: 12 }],
    looks: async () => [],
    criteria: async () => [],
    matrix: async () => ({
      services: [],
      environments: [],
      live: [{ service: "checkout-api", environment: "prod-emea", version: "5.0.0", since: start }],
      open: [...deployments.values()].map(({ record }) => record),
    }),
    service: async (name) => (name === "checkout-api" ? fakeService : null),
    undecided: async () => [...deployments.values()],
    audit: async () => ({ items: [], next: null }),
    auditRange: async () => [{ entry: "{}", leaf: "0".repeat(64) }],
    notices: async () => ({ items: [], next: null }),
    people: async () => people,
    configurationYaml: async () => ({ revision: 1, yaml: "" }),
  };
}
