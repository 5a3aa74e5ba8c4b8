import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { stringify } from "yaml";
import { documentValue, type Document } from "#config/document.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import { bindBackTest } from "#main/bind-back-test.ts";
import { bindPolicies } from "#main/bind-policies.ts";
import { judge } from "#main/bind-operations.ts";
import { newId } from "#runtime/ids.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { transaction } from "#store/sql.ts";
import { saveVerdict } from "#store/verdict.ts";
import type { BacktestPage, BacktestQuestion, PolicyOperations } from "#usecases/policy/policy-operations.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import {
  aDeployment,
  aDigest,
  freshStore,
  hourAfter,
  insertDeployment,
  noon,
  type TestStore,
} from "#test/support/store.ts";

const bar = (most: number): string => `kind: Policy
metadata: { name: risk-bar }
spec:
  level: central
  owner: checkout
  scope: { environments: [prod] }
  settings: { risk: { maxScore: ${most} } }`;

const configuration = [...shop.filter(({ kind }) => kind !== "ApprovalRoute"), ...documentsOf(bar(60))];

const policiesOf = (store: TestStore): PolicyOperations =>
  bindPolicies(store.pool, { organisations: createOrganisationCache() }, store.connectionString);
const apply = (store: TestStore, documents: readonly Document[], at = noon, by = "alice") =>
  transaction(store.pool, (client) => applyDocuments(client, { documents, at, by }));

/** Registers what every deployment carries, so that only what a test changes stands in the way. */
async function prepared(store: TestStore): Promise<Facts> {
  await apply(store, configuration);
  const { subject } = aDeployment();
  await store.transact((records) =>
    records.artifacts.register({
      service: subject.service,
      version: subject.version,
      digest: aDigest,
      registeredAt: noon,
      author: null,
    }),
  );
  return store.transact((records) => records.facts.load(subject, noon, noon.add({ hours: 24 * 60 })));
}

interface Recorded {
  readonly facts: Facts;
  readonly state?: DeploymentState;
  readonly gates?: readonly ("request" | "gate" | "start" | "sweep" | "stage")[];
}

/** A deployment with its verdicts, as the product stores them. */
async function record(store: TestStore, { facts, state, gates }: Recorded): Promise<string> {
  const deployment = aDeployment({ state: state ?? "succeeded", requestedAt: facts.at }, { ...facts.subject });
  await insertDeployment(store, deployment);
  for (const gate of gates ?? ["start"]) {
    const judged = { verdict: judge(facts), facts, gate, deployment: deployment.id };
    await saveVerdict(store.pool, newId<"VerdictId">("verdict"), judged);
  }
  return deployment.id;
}

function scored(facts: Facts, score: number, at = facts.at): Facts {
  const { service, version, environment } = facts.subject;
  const riskScore = { service, version, environment, score, source: "scanner", at: noon };
  return { ...facts, at, horizon: at.add({ hours: 24 * 60 }), riskScore };
}

const question: BacktestQuestion = {
  files: [],
  remove: [],
  since: noon,
  until: noon.add({ hours: 24 * 30 }),
  after: null,
  limit: 1000,
};

async function backTest(store: TestStore, change: Partial<BacktestQuestion>): Promise<BacktestPage> {
  const found = await bindBackTest(store.pool)({ ...question, ...change });
  assert.ok(found.ok, found.ok ? "" : JSON.stringify(found.error));
  return found.value;
}

const draft = (text: string): Partial<BacktestQuestion> => ({ files: [{ path: "draft.yaml", text }] });

test("a lower limit on risk is told by whom it would have stopped, and who of them had failed", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  for (let index = 0; index < 240; index++) {
    const isTouched = index % 8 === 0 || index === 1;
    const hasFailed = index % 40 === 0;
    const score = isTouched ? 41 + (index % 20) : index % 41;
    const state = hasFailed ? "rolled-back" : "succeeded";
    await record(store, { facts: scored(facts, score, noon.add({ minutes: index })), state });
  }
  const page = await backTest(store, draft(bar(40)));
  assert.deepEqual(page.draft, [{ kind: "Policy", name: "risk-bar", change: "changed" }]);
  assert.deepEqual([page.judged, page.deployments, page.total, page.next], [240, 240, 240, null]);
  assert.deepEqual(page.replay, {
    comparable: 240,
    reproduced: 240,
    different: [],
    olderRules: 0,
    olderZoneData: 0,
    unreadable: [],
  });
  const { byKind, byRule, sentences } = page.summary;
  assert.deepEqual(byKind["newly-blocked"], { count: 31, failed: 6, fixes: 0 });
  assert.deepEqual(byRule[0]?.rule, "risk-within-appetite");
  assert.match(sentences.join(" "), /31 of 240 more to risk-within-appetite \(.*\), 6 of them had failed/);
});

test("a window that opens later delays, and the delay is measured", async () => {
  await using store = await freshStore();
  const facts = scored(await prepared(store), 1);
  const ids: string[] = [];
  for (const hours of [0, 1, 2]) {
    const at = noon.add({ hours });
    ids.push(await record(store, { facts: { ...facts, at, subject: { ...facts.subject, action: "fix-forward" } } }));
  }
  const later = configuration.find(({ name }) => name === "prod-days");
  assert.ok(later);
  const text = stringify({ ...documentValue(later), spec: { ...later.spec, start: "2026-01-05T23:36", end: "24:00" } });
  const page = await backTest(store, draft(text));
  assert.deepEqual(page.draft, [{ kind: "Window", name: "prod-days", change: "changed" }]);
  assert.deepEqual(
    page.changes.map(({ kind, deployment, delaySeconds, fix }) => [kind, deployment, delaySeconds, fix]),
    [10.6, 9.6, 8.6].map((hours, index) => ["newly-blocked", ids[index], hours * 3600, true]),
  );
  const { delay, sentences } = page.summary;
  assert.deepEqual([delay.count, delay.p50Seconds, delay.maxSeconds], [3, 9.6 * 3600, 10.6 * 3600]);
  assert.ok(sentences.includes("+0.4 d lead time on average."), sentences.join(" "));
  assert.match(sentences[0] ?? "", /3 of them were fixes/);
});

test("what was really in force reproduces every recorded verdict byte for byte, whatever it said", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  await record(store, { facts: scored(facts, 10) });
  await record(store, { facts: scored(facts, 90), state: "rejected" });
  await record(store, { facts: { ...facts, artifact: null }, state: "rejected" });
  await record(store, { facts: scored(facts, 10, noon.add({ hours: 9 })), state: "succeeded" });
  const page = await backTest(store, { files: configuration.map(asFile) });
  assert.deepEqual([page.draft, page.changes, page.replay.reproduced], [[], [], 4]);
  assert.deepEqual(page.summary.sentences, ["None of 4 would have been different."]);
});

function asFile(document: Document): BacktestQuestion["files"][number] {
  return { path: `${document.name}.yaml`, text: stringify(documentValue(document)) };
}

test("a deployment counts once, by its last verdict at a request or start, and its sweeps not at all", async () => {
  await using store = await freshStore();
  const facts = scored(await prepared(store), 50);
  await record(store, { facts, gates: ["request", "sweep", "start"] });
  const page = await backTest(store, draft(bar(40)));
  assert.deepEqual([page.judged, page.deployments, page.changes.length], [2, 1, 1]);
});

test("work of pipelines counts by the verdicts at its gate, once, like every other", async () => {
  await using store = await freshStore();
  const facts = scored(await prepared(store), 50);
  const asked = await record(store, { facts, gates: ["gate", "sweep"] });
  const claimed = await record(store, { facts, gates: ["gate", "sweep", "gate", "start", "stage"] });
  const page = await backTest(store, draft(bar(40)));
  assert.deepEqual([page.total, page.judged, page.deployments, page.replay.reproduced], [4, 4, 2, 4]);
  assert.deepEqual(
    page.changes.map(({ deployment, kind }) => [deployment, kind]),
    [asked, claimed].map((deployment) => [deployment, "newly-blocked"]),
  );
  const plan = await transaction(store.pool, async (client) => {
    await client.query("set local enable_seqscan = off");
    return await client.query(
      "explain select id from verdict where gate in ('request', 'gate', 'start') order by at, id limit 50",
    );
  });
  assert.match(JSON.stringify(plan.rows), /verdict_admitted/, "they are found in their order without sorting");
});

test("a long back-test goes on from its cursor and finds the same", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  for (const score of [50, 10, 55, 20, 58]) await record(store, { facts: scored(facts, score) });
  const whole = await backTest(store, draft(bar(40)));
  const changes: BacktestPage["changes"][number][] = [];
  let after: string | null = null;
  do {
    const page: BacktestPage = await backTest(store, { ...draft(bar(40)), limit: 2, after });
    assert.ok(page.judged <= 2);
    changes.push(...page.changes);
    after = page.next;
  } while (after !== null);
  assert.deepEqual(
    changes.map(({ verdict }) => verdict),
    whole.changes.map(({ verdict }) => verdict),
  );
  assert.equal(changes.length, 3);
});

test("verdicts of other rule versions and unreadable facts are counted apart", async () => {
  await using store = await freshStore();
  const facts = scored(await prepared(store), 50);
  const verdict = judge(facts);
  const old = { ...verdict, findings: verdict.findings.map((each) => ({ ...each, ruleVersion: "0" })) };
  const judged = { verdict: old, facts, gate: "request", deployment: null } as const;
  await saveVerdict(store.pool, newId<"VerdictId">("verdict"), judged);
  const wrong = { ...verdict, nextOpening: hourAfter(noon) };
  await saveVerdict(store.pool, newId<"VerdictId">("verdict"), { ...judged, verdict: wrong });
  await store.pool.query(
    `insert into verdict select 'vrd_damaged', at, gate, null, service, version, environment, decision, verdict, '{}',
       facts_digest, zone_data from verdict limit 1`,
  );
  const { replay, deployments, changes } = await backTest(store, draft(bar(40)));
  assert.deepEqual([replay.olderRules, replay.comparable, replay.different.length, deployments], [1, 1, 1, 2]);
  assert.equal(replay.unreadable[0]?.verdict, "vrd_damaged");
  assert.equal(changes.length, 2);
});

test("a policy that would be gone is tried as such, and a draft of other kinds is named", async () => {
  await using store = await freshStore();
  await record(store, { facts: scored(await prepared(store), 90), state: "rejected" });
  const page = await backTest(store, { remove: ["Policy/risk-bar"] });
  assert.deepEqual(page.draft, [{ kind: "Policy", name: "risk-bar", change: "removed" }]);
  assert.equal(page.summary.byKind["newly-allowed"].count, 1);
  const team = "kind: Team\nmetadata: { name: other }\nspec: { unit: retail }";
  assert.deepEqual((await backTest(store, draft(team))).ignored, ["Team/other"]);
});

test("a draft that could not be applied is refused with its places, and so is an unknown name to remove", async () => {
  await using store = await freshStore();
  await prepared(store);
  const loose = bar(70).replace("central", "overlay").replace("risk-bar", "ours");
  const refused = await bindBackTest(store.pool)({ ...question, ...draft(loose), remove: ["Policy/nope"] });
  assert.ok(!refused.ok);
  assert.deepEqual(
    refused.error.problems.map(({ code, path, line }) => `${code} ${path}:${line}`),
    ["overlay-loosens draft.yaml:7", "unknown-reference remove:1"],
  );
});

test("one asker has one back-test at a time, others wait for their turn, and no more than may", async () => {
  await using store = await freshStore();
  await prepared(store);
  const { backTest: ask } = policiesOf(store);
  const wrong = await ask(
    { ...question, ...draft(bar(70).replace("central", "overlay").replace("risk-bar", "ours")) },
    "ann",
  );
  assert.ok(!wrong.ok && typeof wrong.error !== "string");
  assert.match(
    JSON.stringify(wrong.error.problems),
    /draft\.yaml/,
    "problems come back from the thread with their places",
  );
  const askers = ["ann", "ann", "bob", "cem", "dora", "emil"];
  const answers = await Promise.all(askers.map((asker) => ask(question, asker)));
  const said = answers.map((answer) => (answer.ok ? "judged" : answer.error));
  assert.deepEqual(said, ["judged", "yours", "judged", "judged", "judged", "full"]);
});

test("processes of one installation judge one after the other", async () => {
  await using store = await freshStore();
  await prepared(store);
  const held = await store.pool.connect();
  await held.query("select pg_advisory_lock(hashtextextended('back-test', 0))");
  const waits = policiesOf(store).backTest(question, "ann");
  const early = await Promise.race([waits.then(() => "judged"), pause(1_500).then(() => "waits")]);
  assert.equal(early, "waits", "another process has its turn");
  await held.query("select pg_advisory_unlock_all()");
  held.release();
  assert.ok((await waits).ok);
});

test("while years of verdicts are judged, this process answers others", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  for (let index = 0; index < 40; index++) await record(store, { facts: scored(facts, index) });
  await store.pool.query(
    `insert into verdict select 'vrd_' || i || '_' || v.id, v.at, v.gate, null, v.service, v.version, v.environment,
       v.decision, v.verdict, v.facts, v.facts_digest, v.zone_data from verdict v, generate_series(1, 20) i`,
  );
  const policies = policiesOf(store);
  const judging = policies.backTest({ ...question, ...draft(bar(40)) }, "ann");
  const begun = process.cpuUsage();
  const thread = performance.eventLoopUtilization();
  const page = await judging;
  const busy = performance.eventLoopUtilization(thread);
  assert.ok(page.ok && page.value.judged > 100, JSON.stringify(page).slice(0, 200));
  const used = process.cpuUsage(begun);
  const elsewhereMs = (used.user + used.system) / 1000 - busy.active;
  assert.ok(busy.active < elsewhereMs / 4, `this thread ${busy.active} ms, the other ${elsewhereMs} ms`);
});

test("a verdict of before cites the version of before, and the list knows who applied which", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  await apply(store, [...configuration.slice(0, -1), ...documentsOf(bar(40))], hourAfter(noon), "bob");
  const policies = policiesOf(store);
  const [line] = await policies.list(hourAfter(noon));
  assert.ok(line);
  assert.deepEqual(
    [line.appliedBy, line.services, line.rules],
    ["bob", ["checkout-api", "pricing-svc"], ["risk-within-appetite"]],
  );
  const shown = await policies.show("risk-bar", facts.policies[0]?.version ?? null, noon);
  assert.ok(shown.ok);
  assert.deepEqual([shown.value.appliedBy, shown.value.isInForce], ["alice", false]);
  assert.match(shown.value.text, /maxScore: 60/);
  assert.deepEqual(
    shown.value.versions.map(({ version }) => version),
    [line.version, shown.value.version],
  );
  const cited = judge(scored(facts, 90)).findings.find(({ rule }) => rule === "risk-within-appetite");
  assert.ok(cited?.evidence.some(({ kind, text }) => kind === "policy" && text.includes(shown.value.version)));
  assert.deepEqual(await policies.show("nope", null, noon), { ok: false, error: "no-such-policy" });
});

test("a stored policy that was damaged closes what it may match, by its name, and nothing else", async () => {
  await using store = await freshStore();
  const facts = await prepared(store);
  const elsewhere = bar(60)
    .replace("risk-bar", "pricing-bar")
    .replace("environments: [prod]", "services: [pricing-svc]");
  await apply(store, [...configuration, ...documentsOf(elsewhere)], hourAfter(noon));
  const damage = "update document set spec = jsonb_set(spec, '{settings,risk}', '7') where name = 'pricing-bar'";
  await store.pool.query(damage);
  const asked = (service: string) =>
    store.transact((records) =>
      records.facts.load({ ...facts.subject, service }, hourAfter(noon), noon.add({ hours: 24 })),
    );
  const closed = judge(await asked("pricing-svc")).findings.find(({ rule }) => rule === "policy-clauses");
  assert.equal(closed?.outcome, "unknown");
  assert.match(closed.sentence, /The stored policy pricing-bar cannot be read: spec.settings.risk must be/);
  assert.deepEqual(closed.remedies[0]?.who, "team checkout");
  const other = judge(await asked("checkout-api")).findings.find(({ rule }) => rule === "policy-clauses");
  assert.equal(other?.outcome, "not-applicable");
  const lines = await policiesOf(store).list(hourAfter(noon));
  assert.match(lines.find(({ name }) => name === "pricing-bar")?.unreadable ?? "", /must be a mapping/);
});
