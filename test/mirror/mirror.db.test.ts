import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { Report } from "#core/release/report.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { sha256Of } from "#runtime/digest.ts";
import { newId } from "#runtime/ids.ts";
import { applyDocuments } from "#store/configuration.ts";
import { approveEmergency, insertDebts, insertEmergency } from "#store/emergency.ts";
import { approveExemption, insertExemption, revokeExemption } from "#store/exemption.ts";
import { loadFacts } from "#store/facts.ts";
import { endHold, endStop, insertHold, insertStop } from "#store/hold.ts";
import { openMirror, type FactMirror } from "#store/mirror/mirror.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { insertReport } from "#store/report.ts";
import { transaction } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { aDeployment, aDigest, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

/*
 * The facts in memory and the facts of the database are read by different statements. After every kind of change both
 * must give the same verdict on everything.
 */

const services = ["web", "cart", "price", "ledger"] as const;
const environments = ["staging", "prod"] as const;

const organisation = (extra = ""): string => `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: shop }
spec: { unit: retail }
---
kind: Person
metadata: { name: ann }
spec: { teams: [shop], roles: [developer] }
---
kind: Person
metadata: { name: bob }
spec: { teams: [shop], roles: [approver] }
---
kind: Service
metadata: { name: web }
spec: { unit: retail, team: shop, tier: 1, dependsOn: [{ service: cart, kind: sync, versions: ">=1.0.0" }] }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: shop, tier: 2, dependsOn: [{ service: price, kind: sync }, { service: ledger, kind: message }], recovery: { lossFor: PT15M, restoredIn: PT30M, environments: [prod] } }
---
kind: Service
metadata: { name: price }
spec: { unit: retail, team: shop, tier: 3 }
---
kind: Service
metadata: { name: ledger }
spec: { unit: retail, team: shop, tier: 1, tags: [financial] }
---
kind: Environment
metadata: { name: staging }
spec: { zone: Europe/Berlin, region: emea }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, region: emea, after: [staging], protected: true, windows: required }
---
kind: Window
metadata: { name: weekdays }
spec: { scope: { environments: [prod] }, zone: target, start: 2026-01-05T09:00, rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", end: "17:00" }
---
kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: { environments: [prod], tiers: [1] }, priority: 1, approvals: 1, roles: [approver] }
---
kind: Policy
metadata: { name: bar }
spec:
  level: central
  owner: shop
  scope: { environments: [prod] }
  settings:
    evidence: [{ kind: coverage, min: 80 }]
    risk: { maxScore: 90, appetite: 100, per: environment }
    errorBudget: { minLeft: 0.1 }
    capacity: [{ resource: db-cluster, max: 1 }]
    signals: { okFor: PT10M }
    promotion: { soak: PT1H }
    ticket: { states: [approved] }
---
kind: Sequence
metadata: { name: new-ledger }
spec:
  owner: shop
  environments: [prod]
  releases:
    - { service: ledger, versions: ">=1.1.0", soak: PT1H }
    - { service: price, after: [ledger] }
${extra}`;

let store: TestStore;
let mirror: FactMirror;
let now = noon;
const cache = createOrganisationCache();

before(async () => {
  store = await freshStore();
  await apply("");
  for (const service of services) {
    await store.transact(async (records) => {
      for (const version of ["1.0.0", "1.1.0"]) {
        const digest = `sha256:${(service.length + version.charCodeAt(2)).toString(16).padStart(64, "0")}`;
        await records.artifacts.register({ service, version, digest, registeredAt: noon, author: null });
      }
    });
  }
  mirror = await openMirror(store.pool, {
    organisations: createOrganisationCache(),
    now: () => now,
    canGoBack: true,
  });
});
after(() => store[Symbol.asyncDispose]());

async function apply(extra: string): Promise<void> {
  await transaction(store.pool, (client) =>
    applyDocuments(client, { documents: documentsOf(organisation(extra)), at: now, by: "ann" }),
  );
}

function subjects(): readonly Subject[] {
  return services.flatMap((service) =>
    environments.flatMap((environment) =>
      ["1.0.0", "1.1.0"].map((version): Subject => ({
        service,
        version,
        environment,
        action: "deploy",
        class: "normal",
        invoker: "person",
        requestedBy: "ann",
        contentDigest: null,
        onBehalfOf: null,
      })),
    ),
  );
}

const judge = (facts: Facts): Verdict => evaluate(rules, facts, { hash: sha256Of, zoneData: "test" });

/** The facts of the database name more than concerns the subject, so their digests differ; nothing else may. */
const saidBy = (facts: Facts): string => verdictText({ ...judge(facts), factsDigest: "" });

/** Both sources agree about everything; how many verdicts are others than before. */
async function agree(extra: readonly Subject[] = []): Promise<number> {
  now = now.add({ minutes: 1 });
  const earlier = mirror.state().world;
  await mirror.refresh();
  const horizon = now.add({ hours: 24 * 60 });
  let changed = 0;
  for (const subject of [...subjects(), ...extra]) {
    const inMemory = saidBy(factsFor(mirror.state().world, subject, now, horizon));
    const inDatabase = saidBy(await loadFacts(store.pool, cache, subject, now, horizon));
    assert.deepEqual(JSON.parse(inMemory), JSON.parse(inDatabase), `${subject.service} in ${subject.environment}`);
    if (saidBy(factsFor(earlier, subject, now, horizon)) !== inMemory) changed++;
  }
  return changed;
}

/** A change after which verdicts are others, by the same count in both sources. */
async function changes(act: () => Promise<unknown>, extra: readonly Subject[] = []): Promise<void> {
  await act();
  assert.ok((await agree(extra)) > 0, "the change changed no verdict, so the test shows nothing");
}

function report(content: Report): Promise<void> {
  return insertReport(store.pool, {
    id: newId("report"),
    report: content,
    receivedAt: now,
    by: "ann",
    account: "ann",
  });
}

async function digestOf(service: string): Promise<string> {
  const found = await store.transact((records) => records.artifacts.find(service, "1.1.0"));
  return found?.digest ?? aDigest;
}

test("nothing but the configuration is known", async () => {
  await agree();
});

test("what is live, and what goes", async () => {
  await changes(() =>
    store.transact((records) =>
      records.inventory.record({
        service: "price",
        environment: "prod",
        version: "1.0.0",
        digest: aDigest,
        at: now,
        deployment: null,
      }),
    ),
  );
});

let booked: DeploymentId;
const onBehalf = (): Subject => ({
  ...(subjects()[0] ?? assert.fail()),
  service: "cart",
  version: "1.1.0",
  environment: "prod",
  onBehalfOf: booked,
});

test("a booking, its end, and the work itself, which is no obstacle to itself", async () => {
  const about = { service: "cart", version: "1.1.0", environment: "prod" };
  await changes(async () => {
    booked = await insertDeployment(store, { ...aDeployment({}, about), requestedAt: now });
  });
  await agree([onBehalf()]);
  await store.transact((records) => records.deployments.move(booked, "waiting", "queued", { nextCheckAt: null }));
  await agree([onBehalf()]);
});

test("a lock is taken and let go of", async () => {
  await changes(() => store.transact((records) => records.locks.take("environment:prod", booked, null)));
  await changes(() => store.transact((records) => records.locks.release("environment:prod", booked)));
});

test("a reservation is made, moved and let go of", async () => {
  const reserved = {
    id: newId("reservation"),
    place: "environment:prod",
    team: "others",
    by: "ann",
    reason: "Acceptance.",
    from: now,
    to: now.add({ hours: 24 }),
    seats: [1],
    notBefore: null,
  };
  await store.transact((records) => records.reservations.lock(reserved.place, 1, now));
  await changes(() => store.transact((records) => records.reservations.insert(reserved, now)));
  const longer = { ...reserved, to: now.add({ hours: 48 }) };
  await changes(() => store.transact((records) => records.reservations.move(longer, now)));
  await changes(() => store.transact((records) => records.reservations.end(reserved.id, now)));
});

test("every kind of report", async () => {
  const source = "ci";
  const digest = await digestOf("web");
  const about = { service: "cart", version: "1.1.0", environment: "prod" };
  await changes(() =>
    report({
      kind: "evidence",
      record: { digest, kind: "coverage", outcome: "pass", value: 85, ruleSet: null, source, at: now, ref: null },
    }),
  );
  await changes(() =>
    report({
      kind: "ticket",
      record: {
        key: "CHG 7",
        services: ["web", "cart"],
        environments: [],
        state: "approved",
        from: null,
        to: null,
        source,
        at: now,
      },
    }),
  );
  await changes(() =>
    report({ kind: "error-budget", record: { service: "web", environment: null, left: 0, source, at: now } }),
  );
  await changes(() => report({ kind: "risk-score", record: { ...about, score: 95, source, at: now } }));
  const recovery = { intervalSeconds: null, tookSeconds: 1200, bytes: 4096, detail: null, digest: null, ref: null };
  await changes(() =>
    report({
      kind: "recovery",
      record: {
        service: about.service,
        environment: about.environment,
        act: "restore",
        outcome: "done",
        savedAt: now,
        ...recovery,
        source,
        at: now,
      },
    }),
  );
  await changes(() =>
    report({
      kind: "signal",
      record: { service: "ledger", environment: null, status: "degraded", source, at: now, ref: "INC-1" },
    }),
  );
  await changes(() =>
    report({
      kind: "signal",
      record: { service: "ledger", environment: null, status: "ok", source, at: now, ref: "INC-1" },
    }),
  );
  await changes(() =>
    report({
      kind: "ticket",
      record: {
        key: "CHG 7",
        services: ["cart"],
        environments: [],
        state: "approved",
        from: null,
        to: null,
        source,
        at: now,
      },
    }),
  );
});

test("a hold and a stop, placed and lifted", async () => {
  const ended = (): { readonly at: Temporal.Instant; readonly by: string; readonly reason: string } => ({
    at: now,
    by: "ann",
    reason: "Over.",
  });
  const hold = { id: newId("hold"), scope: { services: ["web"] }, reason: "Looking.", by: "ann", liftedBy: "ann" };
  await changes(() => insertHold(store.pool, { ...hold, since: now, until: null }));
  await changes(() => endHold(store.pool, hold.id, ended()));
  const stop = { id: newId("stop"), reason: "Fire.", by: "ann", allowsRollBack: true };
  await changes(() => insertStop(store.pool, { ...stop, since: now, until: null }));
  await changes(() => endStop(store.pool, stop.id, ended()));
});

test("a run that succeeded: what passed where, how long it takes, and what it booked", async () => {
  const digest = await digestOf("web");
  const about = { service: "web", version: "1.1.0", environment: "staging" };
  for (let run = 0; run < 6; run++) {
    const id = await insertDeployment(store, { ...aDeployment({}, about), digest, requestedAt: now });
    await store.transact(async (records) => {
      await records.deployments.move(id, "waiting", "queued", { nextCheckAt: null });
      await records.deployments.move(id, "queued", "running", { startedAt: now });
      await records.deployments.move(id, "running", "succeeded", {
        endedAt: now.add({ seconds: 40 }),
        outcome: "Live.",
      });
      const { service, environment, version } = about;
      await records.inventory.record({ service, environment, version, digest, at: now, deployment: id });
    });
    await agree();
  }
  const next = { service: "web", environment: "staging", version: "1.2.0", digest: aDigest, deployment: null };
  const at = now.add({ minutes: 5 });
  await store.transact((records) => records.inventory.record({ ...next, at }));
  await agree();
  const subject = { ...(subjects()[0] ?? assert.fail()), service: "web", version: "1.1.0", environment: "prod" };
  const span = [now.add({ hours: 1 }), now.add({ hours: 24 })] as const;
  const { passed } = factsFor(mirror.state().world, subject, ...span);
  assert.deepEqual((await loadFacts(store.pool, cache, subject, ...span)).passed, passed);
  const [stage] = passed === "assumed" ? [] : passed;
  assert.equal(stage?.until?.toString(), at.toString(), "what took its place ended its stay");
});

test("what goes first in a sequence: it fails, it is live, and somebody takes it back", async () => {
  const about = { service: "ledger", version: "1.1.0", environment: "prod" };
  const run = async (to: "failed" | "succeeded", subject: Partial<Subject>, control: string | null): Promise<void> => {
    const id = await insertDeployment(store, { ...aDeployment({}, { ...about, ...subject }), requestedAt: now });
    await store.transact(async (records) => {
      await records.deployments.move(id, "waiting", "queued", { nextCheckAt: null });
      await records.deployments.move(id, "queued", "running", { startedAt: now, control });
      await records.deployments.move(id, "running", to, { endedAt: now, outcome: "Over." });
      if (to === "failed") return;
      const version = subject.version ?? about.version;
      const live = { service: "ledger", environment: "prod", version, digest: aDigest, at: now, deployment: id };
      await records.inventory.record(live);
    });
  };
  const price = subjects().find(({ service, environment }) => service === "price" && environment === "prod");
  const codeNow = (): string | undefined => {
    const facts = factsFor(mirror.state().world, price ?? assert.fail(), now, now.add({ hours: 24 }));
    return judge(facts).findings.find(({ rule }) => rule === "sequence-followed")?.code;
  };
  assert.equal(codeNow(), "upstream-missing");
  await changes(() => run("failed", {}, null));
  assert.equal(codeNow(), "upstream-back");
  await changes(() => run("succeeded", {}, "1.0.0"));
  assert.equal(codeNow(), "upstream-soaking");
  await changes(() => run("succeeded", { version: "1.0.0", action: "roll-back" }, "1.1.0"));
  assert.equal(codeNow(), "upstream-back");
});

test("an exemption, asked for, approved and revoked", async () => {
  const draft = {
    type: "evidence",
    rule: "evidence-fresh",
    codes: ["evidence-missing"],
    subjects: ["coverage"],
    scope: { services: ["price"] },
    justification: "No code of its own.",
    controls: [],
    from: now,
    until: now.add({ hours: 24 * 30 }),
    renews: null,
    renewal: 0,
    requestedBy: "ann",
    requestedAt: now,
  };
  const id = await insertExemption(store.pool, draft);
  assert.equal(await agree(), 0, "nobody has approved it yet");
  await changes(() => approveExemption(store.pool, id, "bob", now));
  await changes(() => revokeExemption(store.pool, id, { at: now, by: "bob", reason: "Over." }));
});

test("an emergency, its approval, and what it owes", async () => {
  const urgent = { ...onBehalf(), service: "web", class: "emergency", onBehalfOf: null } as const;
  await agree([urgent]);
  const id = await insertEmergency(store.pool, {
    ticket: "INC-1",
    cause: "It is down.",
    service: "web",
    version: "1.1.0",
    digest: await digestOf("web"),
    environments: ["prod"],
    team: "shop",
    criteria: ["users are down"],
    impact: ["web"],
    passesFreezes: [],
    openedBy: "ann",
    openedAt: now,
  });
  await agree([urgent]);
  await approveEmergency(store.pool, id, { person: "bob", at: now, onDuty: false });
  await agree([urgent]);
  await insertDebts(store.pool, [{ kind: "review", team: "shop", emergency: id, since: now, dueAt: now }]);
  await agree([urgent]);
  assert.equal(mirror.state().world.shelves.emergencies.size, 1);
  assert.equal(mirror.state().world.shelves.debts.size, 1);
});

test("another configuration", async () => {
  await changes(() =>
    apply(`---
kind: Freeze
metadata: { name: books }
spec: { scope: { tags: [financial] }, strength: hard, zone: Europe/Berlin, start: 2026-11-01T00:00, end: 2026-12-01T00:00, owner: shop }
`),
  );
});

test("after changes were thrown away everything is read anew", async () => {
  const { pruneFactChanges } = await import("#store/fact-change.ts");
  await store.transact((records) => records.locks.take("environment:staging", booked, null));
  await pruneFactChanges(store.pool, 0);
  now = now.add({ minutes: 1 });
  assert.equal(await mirror.refresh(), null);
  await agree();
});

test("a stabilisation is prolonged, and ended by a person", async () => {
  const about = { service: "ledger", version: "1.1.0", environment: "prod" };
  const ran = { state: "succeeded", startedAt: now, endedAt: now } as const;
  const deployment = await insertDeployment(store, { ...aDeployment(ran, about), requestedAt: now });
  await store.transact((records) => records.inventory.record({ ...about, digest: aDigest, at: now, deployment }));
  now = now.add({ hours: 2 });
  await agree();
  const end = { ...about, deployment };
  await changes(() =>
    store.transact((records) => records.watches.stabilises({ ...end, at: now, until: now.add({ hours: 3 }) })),
  );
  await changes(() => store.transact((records) => records.watches.stabilises({ ...end, at: now, until: now })));
});
