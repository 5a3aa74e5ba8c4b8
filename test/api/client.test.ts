import assert from "node:assert/strict";
import { test } from "node:test";
import { client, type Client } from "#contract/client.ts";
import type { Operation } from "#contract/registry.ts";
import { problemType } from "#api/problem-answer.ts";
import { fakeRunId } from "#test/api/fakes-plans.ts";
import { base, digestOfArtifact, fakeApi, type FakeApi } from "#test/api/fakes.ts";
import { fakeSlotId, fakeSwapId } from "#test/api/fakes-calendar.ts";
import { fakeDeliveryId, fakeGateId, fakeGateToken, fakeLease } from "#test/api/fakes-gates.ts";
import { fakeReservationId } from "#test/api/fakes-reservations.ts";
import { fakeHoldId, fakeStopId } from "#test/api/fakes-intake.ts";
import type { Role } from "#core/catalog/people.ts";
import { fakePolicyName } from "#test/api/fakes-policies.ts";

function clientOf(api: FakeApi, role: Role): Client {
  const fetch: typeof globalThis.fetch = async (input, init) => api.app.request(new Request(input, init));
  return client({ baseUrl: base, token: api.tokens[role], fetch });
}

type Examples = Readonly<Record<Operation, (api: FakeApi) => Promise<{ readonly ok: boolean }>>>;
const deployment = { service: "checkout-api", version: "5.0.1", environment: "prod-emea" };
const duty = { person: "ann", from: "2026-03-31T01:00:00Z", to: "2026-03-31T02:00:00Z" };
const files = [{ path: "a.yaml", text: "kind: Unit" }];

const reservedSpan = { from: "2026-03-25T08:00:00Z", to: "2026-03-26T08:00:00Z" };

/** One call of each operation that must succeed. */
const examples: Examples = {
  requestDeployment: (api) => clientOf(api, "developer").requestDeployment({ body: deployment }),
  listDeployments: (api) => clientOf(api, "viewer").listDeployments({ query: { limit: 10, state: "open" } }),
  getDeployment: (api) => clientOf(api, "viewer").getDeployment({ params: { id: api.seed() } }),
  getLiveWatch: (api) => clientOf(api, "viewer").getLiveWatch({ params: { id: api.seed() } }),
  checkInOnWatch: (api) =>
    clientOf(api, "operator").checkInOnWatch({
      params: { id: api.seed() },
      body: { isWell: true, sentence: "All quiet." },
    }),
  endLiveWatch: (api) =>
    clientOf(api, "operator").endLiveWatch({
      params: { id: api.seed() },
      body: { reason: "The criteria were wrong." },
    }),
  getCanary: (api) => clientOf(api, "viewer").getCanary({ params: { id: api.seed() } }),
  getCriteria: (api) => clientOf(api, "viewer").getCriteria({ params: { id: api.seed() } }),
  sendMetrics: (api) => clientOf(api, "operator").sendMetrics({ body: { resourceMetrics: [] } }),
  sendLogs: (api) => clientOf(api, "operator").sendLogs({ body: { resourceLogs: [] } }),
  getTraffic: (api) => clientOf(api, "viewer").getTraffic({ params: { id: api.seed() } }),
  decideHeld: (api) =>
    clientOf(api, "operator").decideHeld({
      params: { id: api.seed() },
      body: { decision: "go-on", reason: "Night traffic." },
    }),
  abortDeployment: (api) =>
    clientOf(api, "operator").abortDeployment({ params: { id: api.seed() }, body: { reason: "Wrong one." } }),
  rollBackDeployment: (api) =>
    clientOf(api, "operator").rollBackDeployment({ params: { id: api.seed("succeeded") }, body: { reason: "Slow." } }),
  listRunbooks: (api) => clientOf(api, "viewer").listRunbooks(),
  listWavePlans: (api) => clientOf(api, "viewer").listWavePlans(),
  forecastWaves: (api) =>
    clientOf(api, "developer").forecastWaves({ params: { name: "world" }, body: { version: "2.0.0" } }),
  startWaves: (api) =>
    clientOf(api, "operator").startWaves({
      params: { name: "world" },
      body: { version: "2.0.0", reason: "It is planned." },
    }),
  startRun: (api) => clientOf(api, "operator").startRun({ body: { runbook: "move", reason: "It is planned." } }),
  listRuns: (api) => clientOf(api, "viewer").listRuns({ query: { show: "all" } }),
  getRunCriteria: (api) => clientOf(api, "viewer").getRunCriteria({ params: { id: fakeRunId } }),
  getRun: (api) => clientOf(api, "viewer").getRun({ params: { id: fakeRunId } }),
  answerTask: (api) =>
    clientOf(api, "developer").answerTask({
      params: { id: fakeRunId },
      body: { step: "look", part: "rollback", outcome: "done", note: "It is so." },
    }),
  decideStep: (api) =>
    clientOf(api, "approver").decideStep({
      params: { id: fakeRunId },
      body: { step: "consent", decision: "approved", note: "I have looked.", contentDigest: digestOfArtifact },
    }),
  signStep: (api) =>
    clientOf(api, "developer").signStep({
      params: { id: fakeRunId },
      body: { step: "look", part: "rollback", token: api.tokens.developer, signs: { outcome: "done", note: "So." } },
    }),
  listMessages: (api) => clientOf(api, "viewer").listMessages({}),
  readRunFile: (api) => clientOf(api, "viewer").readRunFile({ params: { id: fakeRunId, digest: digestOfArtifact } }),
  turnRunBack: (api) =>
    clientOf(api, "operator").turnRunBack({ params: { id: fakeRunId }, body: { reason: "Wrong one." } }),
  handOverRun: (api) =>
    clientOf(api, "operator").handOverRun({ params: { id: fakeRunId }, body: { to: "viewer", reason: "Shift ends." } }),
  overseeRun: (api) =>
    clientOf(api, "developer").overseeRun({ params: { id: fakeRunId }, body: { present: true, reason: "I am here." } }),
  noteOnRun: (api) =>
    clientOf(api, "developer").noteOnRun({ params: { id: fakeRunId }, body: { kind: "issue", text: "It is slow." } }),
  listTasks: (api) => clientOf(api, "developer").listTasks(),
  listContentions: (api) => clientOf(api, "viewer").listContentions(),
  listSequences: (api) => clientOf(api, "viewer").listSequences(),
  forecastSequence: (api) =>
    clientOf(api, "viewer").forecastSequence({
      params: { name: "new-ledger" },
      query: { environment: "prod-emea" },
    }),
  reserve: (api) =>
    clientOf(api, "developer").reserve({
      body: { place: { kind: "environment", name: "prod-emea" }, team: "checkout", ...reservedSpan, reason: "Tests." },
    }),
  extendReservation: (api) =>
    clientOf(api, "developer").extendReservation({
      params: { id: fakeReservationId },
      body: { to: "2026-03-27T08:00:00Z" },
    }),
  releaseReservation: (api) =>
    clientOf(api, "developer").releaseReservation({ params: { id: fakeReservationId }, body: { reason: "Done." } }),
  arbitrateReservation: (api) =>
    clientOf(api, "release-manager").arbitrateReservation({
      params: { id: fakeReservationId },
      body: { team: "books", ...reservedSpan, reason: "The regulator waits." },
    }),
  chooseStrategy: (api) =>
    clientOf(api, "viewer").chooseStrategy({ query: { service: "checkout-api", environment: "prod-emea" } }),
  listReservations: (api) => clientOf(api, "viewer").listReservations({ query: { environment: "prod-emea" } }),
  getWayBack: (api) => clientOf(api, "viewer").getWayBack({ params: { id: api.seed() } }),
  decideOnSessions: (api) =>
    clientOf(api, "operator").decideOnSessions({ params: { id: api.seed() }, body: { decision: "wait", reason: "x" } }),
  askDecision: (api) =>
    clientOf(api, "operator").askDecision({ params: { id: api.seed() }, body: { because: "2.5 % fail." } }),
  sayOnDecision: (api) =>
    clientOf(api, "viewer").sayOnDecision({
      params: { id: api.seed() },
      body: { text: "Stay live.", option: "go-on" },
    }),
  listRollbackDecisions: (api) => clientOf(api, "viewer").listRollbackDecisions(),
  rehearse: (api) =>
    clientOf(api, "operator").rehearse({
      body: { service: "checkout-api", version: "5.0.1", reason: "Before Friday." },
    }),
  listRehearsals: (api) => clientOf(api, "viewer").listRehearsals({ query: { service: "checkout-api" } }),
  listResources: (api) => clientOf(api, "viewer").listResources(),
  getRunbook: (api) => clientOf(api, "viewer").getRunbook({ params: { name: "move" } }),
  getMatrix: (api) => clientOf(api, "viewer").getMatrix({ query: { at: "2026-03-25T08:00:00Z" } }),
  registerArtifact: (api) =>
    clientOf(api, "developer").registerArtifact({ body: { service: "a", version: "1", digest: digestOfArtifact } }),
  reportEvidence: (api) =>
    clientOf(api, "operator").reportEvidence({
      body: { digest: digestOfArtifact, kind: "coverage", outcome: "pass", value: 80, source: "ci" },
    }),
  reportVerification: (api) =>
    clientOf(api, "operator").reportVerification({
      body: { digest: digestOfArtifact, outcome: "unsigned", source: "registry", at: "2026-03-25T07:00:00Z" },
    }),
  reportTicket: (api) =>
    clientOf(api, "operator").reportTicket({
      body: { key: "CHG-1", services: ["checkout-api"], state: "approved", source: "itsm" },
    }),
  reportErrorBudget: (api) =>
    clientOf(api, "operator").reportErrorBudget({ body: { service: "checkout-api", left: -0.1, source: "slo" } }),
  reportBackup: (api) =>
    clientOf(api, "operator").reportBackup({
      body: { service: "orders-db", environment: "prod-emea", intervalSeconds: 300, source: "x" },
    }),
  reportRestore: (api) =>
    clientOf(api, "operator").reportRestore({
      body: { service: "orders-db", environment: "prod-emea", outcome: "done", tookSeconds: 1200, source: "x" },
    }),
  reportRiskScore: (api) =>
    clientOf(api, "operator").reportRiskScore({ body: { ...deployment, score: 12, source: "x" } }),
  reportSignal: (api) =>
    clientOf(api, "operator").reportSignal({ body: { service: "ledger-core", status: "degraded", source: "status" } }),
  listReporters: (api) => clientOf(api, "viewer").listReporters({}),
  listReports: (api) => clientOf(api, "viewer").listReports({ params: { kind: "signal" }, query: { limit: 5 } }),
  requestExemption: (api) =>
    clientOf(api, "developer").requestExemption({
      body: { type: "no-load-test", justification: "No load generator.", until: "2026-04-30T00:00:00Z" },
    }),
  approveExemption: (api) => clientOf(api, "compliance").approveExemption({ params: { id: "EX-12" } }),
  revokeExemption: (api) =>
    clientOf(api, "compliance").revokeExemption({ params: { id: "EX-12" }, body: { reason: "There is one now." } }),
  listExemptionTypes: (api) => clientOf(api, "viewer").listExemptionTypes(),
  listExemptions: (api) => clientOf(api, "viewer").listExemptions(),
  getExemption: (api) => clientOf(api, "viewer").getExemption({ params: { id: "EX-12" } }),
  exportRegister: (api) => clientOf(api, "auditor").exportRegister(),
  overrideFinding: (api) =>
    clientOf(api, "compliance").overrideFinding({
      params: { id: api.seed() },
      body: { rule: "inside-window", reason: "The window was misplaced.", lasts: "PT2H" },
    }),
  listOverrides: (api) => clientOf(api, "viewer").listOverrides({ params: { id: api.seed() } }),
  openEmergency: (api) =>
    clientOf(api, "developer").openEmergency({
      body: {
        ticket: "INC-42",
        cause: "Checkout is down.",
        service: "checkout-api",
        version: "5.0.1",
        environments: ["prod-emea"],
      },
    }),
  approveEmergency: (api) => clientOf(api, "approver").approveEmergency({ params: { id: "EM-7" } }),
  getEmergency: (api) => clientOf(api, "viewer").getEmergency({ params: { id: "EM-7" } }),
  listEmergencies: (api) => clientOf(api, "viewer").listEmergencies(),
  listDebts: (api) => clientOf(api, "viewer").listDebts({ query: { team: "checkout" } }),
  payDebt: (api) =>
    clientOf(api, "developer").payDebt({ params: { id: "DB-4" }, body: { evidence: "https://wiki/review-EM-7" } }),
  listAnnouncements: (api) => clientOf(api, "viewer").listAnnouncements({ query: { person: "developer" } }),
  placeHold: (api) =>
    clientOf(api, "operator").placeHold({ body: { scope: { services: ["checkout-*"] }, reason: "Audit." } }),
  liftHold: (api) =>
    clientOf(api, "operator").liftHold({ params: { id: fakeHoldId }, body: { reason: "The audit is over." } }),
  listHolds: (api) => clientOf(api, "viewer").listHolds({ query: { show: "all" } }),
  stopAll: (api) => clientOf(api, "operator").stopAll({ body: { reason: "Fire in a data centre." } }),
  resumeAll: (api) =>
    clientOf(api, "operator").resumeAll({ params: { id: fakeStopId }, body: { reason: "It is out." } }),
  listStops: (api) => clientOf(api, "viewer").listStops(),
  askGate: (api) =>
    clientOf(api, "developer").askGate({ body: { ...deployment, run: "jenkins:cart/42", whenDenied: "park" } }),
  getGate: (api) => clientOf(api, "viewer").getGate({ params: { id: fakeGateId } }),
  listGates: (api) => clientOf(api, "viewer").listGates({ query: { state: "open" } }),
  claimGateToken: (api) => clientOf(api, "developer").claimGateToken({ params: { id: fakeGateId } }),
  redeemGate: (api) =>
    clientOf(api, "developer").redeemGate({
      params: { id: fakeGateId },
      body: { token: fakeGateToken, service: "checkout-api", environment: "prod-emea", digest: digestOfArtifact },
    }),
  reportGateResult: (api) =>
    clientOf(api, "developer").reportGateResult({
      params: { id: fakeGateId },
      body: { lease: fakeLease, outcome: "failed", live: "5.0.0" },
    }),
  cancelGate: (api) =>
    clientOf(api, "developer").cancelGate({ params: { id: fakeGateId }, body: { reason: "Wrong one." } }),
  checkLease: (api) => clientOf(api, "viewer").checkLease({ body: { lease: fakeLease } }),
  listViolations: (api) => clientOf(api, "viewer").listViolations(),
  createCallback: (api) =>
    clientOf(api, "operator").createCallback({ body: { name: "jenkins", url: "https://ci.example.org/" } }),
  listCallbacks: (api) => clientOf(api, "operator").listCallbacks(),
  removeCallback: (api) => clientOf(api, "operator").removeCallback({ params: { name: "jenkins" } }),
  createHook: (api) =>
    clientOf(api, "operator").createHook({ body: { name: "ci", scheme: "standard", account: "operator-bot" } }),
  listHooks: (api) => clientOf(api, "operator").listHooks(),
  rotateHook: (api) => clientOf(api, "operator").rotateHook({ params: { name: "jenkins" } }),
  removeHook: (api) => clientOf(api, "operator").removeHook({ params: { name: "jenkins" } }),
  listHookDeliveries: (api) => clientOf(api, "operator").listHookDeliveries({ query: { state: "done" } }),
  replayHookDelivery: (api) => clientOf(api, "operator").replayHookDelivery({ params: { id: fakeDeliveryId } }),
  decideApproval: (api) =>
    clientOf(api, "approver").decideApproval({
      params: { id: api.seed() },
      body: { decision: "approved", contentDigest: digestOfArtifact },
    }),
  listInbox: (api) => clientOf(api, "approver").listInbox(),
  askVerdict: (api) => clientOf(api, "viewer").askVerdict({ body: { ...deployment, at: "2026-03-25T08:00:00Z" } }),
  outlineVerdict: (api) => clientOf(api, "viewer").outlineVerdict({ body: { ...deployment } }),
  listPolicyCases: (api) => clientOf(api, "viewer").listPolicyCases(),
  getService: (api) => clientOf(api, "viewer").getService({ params: { name: "checkout-api" } }),
  listPolicies: (api) => clientOf(api, "viewer").listPolicies(),
  showPolicy: (api) => clientOf(api, "viewer").showPolicy({ params: { name: fakePolicyName } }),
  backTestPolicies: (api) =>
    clientOf(api, "viewer").backTestPolicies({ body: { files, since: "2026-03-01T00:00:00Z" } }),
  listNotices: (api) => clientOf(api, "viewer").listNotices({ query: { limit: 10 } }),
  applyConfiguration: (api) => clientOf(api, "administrator").applyConfiguration({ body: { files } }),
  diffConfiguration: (api) => clientOf(api, "viewer").diffConfiguration({ body: { files } }),
  exportConfiguration: (api) => clientOf(api, "viewer").exportConfiguration(),
  readTimetable: (api) => clientOf(api, "viewer").readTimetable({ query: { environment: "prod-emea" } }),
  readOverview: (api) => clientOf(api, "viewer").readOverview({ query: { lanes: "unit" } }),
  previewCalendar: (api) => clientOf(api, "viewer").previewCalendar({ body: { text: "kind: Window" } }),
  lintCalendar: (api) => clientOf(api, "viewer").lintCalendar({ query: { usualRun: 90 } }),
  listBusinessCalendars: (api) => clientOf(api, "viewer").listBusinessCalendars(),
  importBusinessCalendar: (api) =>
    clientOf(api, "operator").importBusinessCalendar({
      params: { name: "campaigns" },
      body: { text: "BEGIN:VCALENDAR" },
    }),
  listReflows: (api) => clientOf(api, "viewer").listReflows({ query: { limit: 5 } }),
  decideReflow: (api) =>
    clientOf(api, "operator").decideReflow({ params: { id: `rfl_${"0".repeat(32)}` }, body: { decision: "accept" } }),
  createFeed: (api) => clientOf(api, "viewer").createFeed({ body: { label: "support" } }),
  listFeeds: (api) => clientOf(api, "viewer").listFeeds(),
  revokeFeed: (api) => clientOf(api, "viewer").revokeFeed({ params: { id: `fed_${"0".repeat(32)}` } }),
  adviseSlots: (api) => clientOf(api, "viewer").adviseSlots({ body: { ...deployment, risk: "high" } }),
  recordLoadProfiles: (api) =>
    clientOf(api, "operator").recordLoadProfiles({
      body: { profiles: [{ service: "a", environment: "prod", hours: Array.from({ length: 168 }, () => 1) }] },
    }),
  readSlots: (api) => clientOf(api, "viewer").readSlots({ params: { id: api.seed() } }),
  proposeSlot: (api) =>
    clientOf(api, "operator").proposeSlot({
      params: { id: api.seed() },
      body: { from: "2026-03-31T01:00:00Z", reason: "Fewer of us then." },
    }),
  acceptSlot: (api) =>
    clientOf(api, "developer").acceptSlot({ params: { id: api.seed(), slot: fakeSlotId }, body: {} }),
  withdrawSlot: (api) =>
    clientOf(api, "operator").withdrawSlot({ params: { id: api.seed(), slot: fakeSlotId }, body: { reason: "No." } }),
  askCover: (api) => clientOf(api, "viewer").askCover({ body: { service: "checkout-api", environment: "prod-emea" } }),
  importRota: (api) =>
    clientOf(api, "operator").importRota({ params: { team: "checkout" }, body: { source: "pages", duties: [duty] } }),
  listRotas: (api) => clientOf(api, "viewer").listRotas(),
  swapShift: (api) =>
    clientOf(api, "operator").swapShift({ params: { team: "checkout" }, body: { ...duty, reason: "Ill." } }),
  withdrawSwap: (api) =>
    clientOf(api, "operator").withdrawSwap({ params: { swap: fakeSwapId }, body: { reason: "Well again." } }),
  whoAmI: (api) => clientOf(api, "viewer").whoAmI(),
  logIn: (api) => clientOf(api, "viewer").logIn({ body: { token: api.tokens.viewer } }),
  logOut: (api) => clientOf(api, "viewer").logOut(),
  createToken: (api) =>
    clientOf(api, "developer").createToken({ body: { account: "developer-bot", label: "ci", expiresInHours: 24 } }),
  revokeToken: (api) => clientOf(api, "developer").revokeToken({ params: { id: `tok_${"0".repeat(32)}` } }),
  listAudit: (api) => clientOf(api, "auditor").listAudit({ query: { object: "dep_1" } }),
  exportAudit: (api) => clientOf(api, "auditor").exportAudit({ query: { since: "2026-01-01T00:00:00Z" } }),
  examine: (api) => clientOf(api, "viewer").examine(),
  readClock: (api) => clientOf(api, "viewer").readClock(),
  setClock: (api) => clientOf(api, "administrator").setClock({ body: { now: "2026-03-28T00:00:00Z" } }),
};

for (const [operation, example] of Object.entries(examples)) {
  test(`${operation} is called through the client and answers what the contract says`, async () => {
    assert.deepEqual(await example(fakeApi()).then(({ ok, ...rest }) => (ok ? true : rest)), true);
  });
}

test("a refusal is a value with the code of the problem", async () => {
  const outcome = await clientOf(fakeApi(), "developer").requestDeployment({
    body: { ...deployment, service: "nothing" },
  });
  assert.equal(outcome.ok, false);
  assert.ok(!outcome.ok);
  assert.equal(outcome.problem.code, "no-such-service");
  assert.equal(outcome.problem.status, 404);
  assert.equal(outcome.problem.type, problemType("no-such-service"));
});

test("a server that cannot be reached and an answer that cannot be read are values too", async () => {
  const away = client({ baseUrl: base, fetch: () => Promise.reject(new TypeError("fetch failed")) });
  const unreachable = await away.whoAmI();
  assert.equal(unreachable.ok ? "" : unreachable.problem.code, "unreachable");
  const proxy = client({ baseUrl: base, fetch: async () => new Response("<html>", { status: 502 }) });
  const unreadable = await proxy.whoAmI();
  assert.equal(unreadable.ok ? "" : unreadable.problem.code, "bad-answer");
  assert.equal(unreadable.ok ? 0 : unreadable.problem.status, 502);
  const other = client({ baseUrl: base, fetch: async () => Response.json({ hello: 1 }) });
  const foreign = await other.whoAmI();
  assert.equal(foreign.ok ? "" : foreign.problem.code, "bad-answer");
});

test("mutating calls carry a key of their own, or the one that is given", async () => {
  const keys: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    keys.push(new Headers(init?.headers).get("idempotency-key"));
    return new Response(null, { status: 500 });
  };
  const calls = client({ baseUrl: base, fetch });
  await calls.requestDeployment({ body: deployment });
  await calls.requestDeployment({ body: deployment });
  await calls.requestDeployment({ body: deployment, key: "mine" });
  await calls.listDeployments();
  assert.match(keys[0] ?? "", /^[0-9a-f]{32}$/);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2), ["mine", null]);
});
