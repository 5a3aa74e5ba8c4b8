import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pastRollouts } from "#store/past-rollout.ts";
import { readSnapshot } from "#store/sql.ts";
import { makeChooseStrategy } from "#usecases/rollout/choose-strategy.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";
import { openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const environment = "prod";

/** One service for each run; what it says of itself and how its versions come to users. */
const cases = {
  s0: ["writers: many, sessions: sticky", blueGreen()],
  s1: ["writers: many, sessions: sticky", blueGreen()],
  s2: ["writers: many, sessions: sticky", blueGreen()],
  s3: ["writers: many, sessions: shared-store", blueGreen()],
  s4: ["writers: single, downtimeSeconds: 60", "method: stop-start"],
  s5: ["writers: single, downtimeSeconds: 60", "method: stop-start"],
  s6: ["writers: many", "method: rolling"],
  s7: ["writers: single", "method: replica-switch-over"],
  s8: ["writers: single", blueGreen()],
  s9: ["writers: many", "cohort: beta"],
  s10: ["writers: many, sessions: sticky", blueGreen()],
  s11: ["writers: many", "method: canary"],
  s12: ["writers: many", "method: canary"],
  s13: ["writers: many", "method: canary"],
  s14: ["writers: many, sessions: shared-store", blueGreen()],
  s15: ["writers: many, sessions: sticky", blueGreen("end")],
  s16: ["writers: many, sessions: sticky", blueGreen()],
} as const;

function blueGreen(atLimit = "hold"): string {
  return `method: blue-green\n  sessions: { idleSeconds: 10, drainSeconds: 40, atLimit: ${atLimit} }\n  holdSeconds: 20`;
}

const whole = "    - { percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 0 }";
const sampled = whole.replace("60, minRequests: 0", "6, minRequests: 1000");
const cohortStages = "    - { percent: 0, minSeconds: 5, maxSeconds: 60, minRequests: 0 }\n";

function documents() {
  const texts = Object.entries(cases).flatMap(([name, [traits, how]]) => [
    `kind: Service\nmetadata: { name: ${name} }\nspec: { unit: retail, team: web, tier: 2, rollout: { ${traits} } }`,
    `kind: Strategy
metadata: { name: of-${name} }
spec:
  scope: { services: ["${name === "s8" ? "s8*" : name}"] }
  priority: 10
  ${how}
  stages:
${how.startsWith("cohort") ? cohortStages : ""}${how === "method: canary" ? sampled : whole}`,
  ]);
  const place =
    "kind: Environment\nmetadata: { name: prod }\nspec: { zone: Europe/Berlin, rollout: { replicas: true } }";
  const others = organisationOf(0).filter(({ kind }) => kind !== "Environment");
  return [...others, ...documentsOf([place, ...texts].join("\n---\n"))];
}

let store: TestStore;
before(async () => {
  store = await openStore(Object.keys(cases).length, startAt, documents());
});
after(() => store[Symbol.asyncDispose]());

const can = { driver: "embedded", finestPercent: 0.001, exactWithin: 0.0005, mostVersions: 50, losesNothing: true };
const routing = { can: { ...can, sticky: true, cohorts: true }, sticky: false, cohorts: {} };

async function play(service: keyof typeof cases, prepare: (plane: Plane) => void = () => undefined) {
  const plane = openPlane(store, startAt, [service], { routing });
  prepare(plane);
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  const view = await store.views.deployment(id);
  assert.ok(view !== null);
  return { plane, id, ...view, lines: view.timeline.map(({ name }) => name) };
}

const upAt = (plane: Plane, service: string) =>
  plane.target
    .truth({ environment, service })
    .filter(({ state }) => state === "ready")
    .map(({ version, percent }) => [version, percent]);

const second = (instant: Temporal.Instant): number => Math.floor(instant.epochMilliseconds / 1000);

test("Blue-green verifies green with no users, cuts over at once, and stops blue when its sessions have ended", async () => {
  const { plane, record, lines, timeline } = await play("s0", ({ target, clock }) =>
    target.setSessions({ environment, service: "s0" }, "1.0.0", second(clock.now()) + 30),
  );
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.deepEqual(lines, [
    "take the lock",
    "preflight",
    "keep sessions",
    "start version",
    "smoke test",
    "shift to 100 %",
    "keep 1.0.0",
    "watch 100 %",
    "verify live",
    "stop 1.0.0",
    "record the end",
  ]);
  const released = timeline.find(({ name }) => name === "stop 1.0.0");
  assert.equal(released?.phase, "done");
  assert.match(released?.sentence ?? "", /have ended [23]\d s after the cut-over, none by force; it is stopped/);
  assert.deepEqual(upAt(plane, "s0"), [["1.1.0", 100]]);
  const held = timeline.find(({ name }) => name === "watch 100 %");
  const cutOver = timeline.find(({ name }) => name === "shift to 100 %");
  assert.ok(held !== undefined && cutOver !== undefined);
  assert.ok(second(held.at) - second(cutOver.at) >= 20, "blue was at hand for the hold time");
});

/** The plane of a blue-green whose sessions outlive the drain, with blue left running behind its end. */
async function playLeft(service: "s1" | "s15" | "s16", longer: number) {
  let until = 0;
  const played = await play(service, ({ target, clock }) => {
    until = second(clock.now()) + longer;
    target.setSessions({ environment, service }, "1.0.0", until, 3);
  });
  assert.equal(played.record.state, "succeeded", played.record.outcome ?? "");
  const lines = async () => (await store.views.deployment(played.id))?.timeline ?? [];
  const stops = async () => (await lines()).filter(({ name }) => name === "stop 1.0.0").map(({ sentence }) => sentence);
  const left = async () => (await store.transact((records) => records.leftVersions.of(played.id)))[0] ?? null;
  return { ...played, until, lines, stops, left };
}

test("Sessions that outlive the drain are not ended: people are asked, and blue is stopped by the sweep when they have ended", async () => {
  const { plane, until, lines, stops, left, id } = await playLeft("s1", 1_000);
  const running = [
    ["1.0.0", 0],
    ["1.1.0", 100],
  ];
  assert.match((await stops()).join(" "), /still has 3 sessions 4\d s after the cut-over\. Nobody is logged out/);
  for (let looks = 0; second(plane.clock.now()) < until; looks++) {
    await plane.releaseLeft();
    assert.deepEqual(upAt(plane, "s1"), running, `look ${looks}`);
    plane.clock.advance(Temporal.Duration.from({ seconds: 30 }));
  }
  const asked = (await lines()).filter(({ name }) => name.startsWith("sessions of 1.0.0, question"));
  assert.ok(asked.length >= 10, `asked ${asked.length} times`);
  assert.match(asked[0]?.sentence ?? "", /s1@1\.0\.0 in prod still has 3 sessions.*tidegate way-back sessions dep_/);
  const { rows } = await store.pool.query("select distinct person from plan_message where run_id = $1", [id]);
  assert.deepEqual(rows, [{ person: "ann" }]);
  plane.clock.advance(Temporal.Duration.from({ seconds: 30 }));
  await plane.releaseLeft();
  assert.deepEqual(upAt(plane, "s1"), [["1.1.0", 100]]);
  assert.match((await stops()).join(" "), /no session ended by force/);
  assert.deepEqual([(await left())?.ended?.how, (await left())?.ended?.forcedOut], ["stopped", null]);
  assert.equal(await plane.releaseLeft(), 0, "it is over");
  assert.equal(await store.transact((records) => records.locks.heldBy(id).then(({ length }) => length)), 0);
});

test("Where the strategy says so the rest is ended at the limit, and how many that were is on record", async () => {
  const { plane, stops, left } = await playLeft("s15", 100_000);
  assert.deepEqual(upAt(plane, "s15"), [["1.1.0", 100]]);
  assert.match(
    (await stops()).join(" "),
    /^3 sessions of s15@1\.0\.0 still lived and ended by force, as its strategy says/,
  );
  assert.deepEqual([(await left())?.ended?.how, (await left())?.ended?.forcedOut], ["forced", 3]);
  const { rows } = await store.pool.query("select outcome from audit_entry where action = 'deployment.release-former'");
  assert.ok(rows.some(({ outcome }) => outcome === "forced"));
});

test("A person ends the rest by name; a worker that dies over it, or a target that is away, leaves it to the next look", async () => {
  const { plane, id, stops, left } = await playLeft("s16", 100_000);
  const call = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "end", key: null } as const;
  const wait = (seconds: number) => plane.clock.advance(Temporal.Duration.from({ seconds }));
  assert.ok((await plane.decideOnSessions({ deployment: id, decision: "wait", reason: "The fair." }, call)).ok);
  assert.equal(await plane.releaseLeft(), 1);
  assert.equal((await left())?.ended, null);
  assert.ok((await plane.decideOnSessions({ deployment: id, decision: "end", reason: "It is late." }, call)).ok);
  // A worker claims it, takes the lock and dies.
  const now = plane.clock.now();
  await store.transact((records) => records.leftVersions.claim(now, now.add({ seconds: 60 })));
  await store.transact((records) => records.locks.take("environment:prod", id, null));
  assert.equal(await plane.releaseLeft(), 0, "another leaves it alone for a minute");
  wait(61);
  plane.target.faults.inject("stopVersion", { kind: "lost-answer" }, 1);
  await plane.releaseLeft();
  assert.equal((await left())?.failed, 1);
  wait(61);
  await plane.releaseLeft();
  assert.deepEqual(upAt(plane, "s16"), [["1.1.0", 100]]);
  assert.match((await stops()).join(" "), /3 sessions of s16@1\.0\.0 still lived and ended by force, as ann decided/);
  const again = await plane.decideOnSessions({ deployment: id, decision: "end", reason: "Again." }, call);
  assert.deepEqual(again, { ok: false, error: "no-sessions-left" });
});

test("A former version that the target does not stop holds nobody up, and is stopped by the sweep as soon as it can be", async () => {
  const { plane, record } = await play("s14", ({ target }) =>
    target.faults.inject("stopVersion", { kind: "refused" }, 1),
  );
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.deepEqual(upAt(plane, "s14"), [
    ["1.0.0", 0],
    ["1.1.0", 100],
  ]);
  assert.equal(await plane.releaseLeft(), 1);
  assert.deepEqual(upAt(plane, "s14"), [["1.1.0", 100]]);
});

test("Whoever aborts in the hold time is back on blue within 30 s, and blue was never stopped", async () => {
  let aborted: Temporal.Instant | null = null;
  const service = "s2";
  const { plane, record, timeline } = await play(service, (opened) => {
    const { traffic } = opened.target;
    const started = opened.clock.now();
    // The watcher itself asks for the traffic: in the middle of the hold time somebody aborts.
    Object.assign(opened.target, {
      traffic: async (wish: Parameters<typeof traffic>[0]) => {
        const [open] = await store.transact((records) => records.deployments.running());
        const isHeld = open?.percent === 100 && second(opened.clock.now()) > second(started) + 15;
        if (isHeld && aborted === null) {
          aborted = opened.clock.now();
          await store.transact((records) => records.deployments.note(open.id, { abortRequestedBy: "ann" }));
        }
        return traffic(wish);
      },
    });
  });
  assert.equal(record.state, "aborted", record.outcome ?? "");
  const back = timeline.find(({ name, phase }) => name === "roll back" && phase === "done");
  assert.ok(back !== undefined && aborted !== null);
  assert.ok(second(back.at) - second(aborted) <= 30);
  assert.deepEqual(upAt(plane, service), [["1.0.0", 100]]);
});

test("A green that is worse than blue is taken back in the hold time by itself", async () => {
  const { plane, record } = await play("s10", ({ target }) =>
    target.setTraffic({ environment, service: "s10" }, { versions: { "1.1.0": { errorRate: 0.3, medianMs: 20 } } }),
  );
  assert.equal(record.state, "rolled-back", record.outcome ?? "");
  assert.deepEqual(upAt(plane, "s10"), [["1.0.0", 100]]);
});

test("Sessions in a shared store need no care: no rule at the proxy, no wait, blue stopped after the hold time", async () => {
  const { record, lines } = await play("s3");
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.ok(!lines.includes("keep sessions"));
  assert.ok(lines.includes("keep 1.0.0") && lines.includes("stop 1.0.0"));
});

test("Stop and start never has two versions up; the downtime is said before and measured after", async () => {
  const { plane, record, lines, timeline } = await play("s4");
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.deepEqual(
    plane.target.ledger.map(({ effect, detail }) => `${effect} ${detail}`.replace(/ sha256:\w+/, "")),
    ["stop-version 1.0.0 with its traffic", "start-version 1.1.0", "set-weights 1.1.0 100 % beside 1.0.0"],
  );
  assert.ok(lines.indexOf("stop 1.0.0") < lines.indexOf("start version"));
  const said = timeline.find(({ name }) => name === "preflight")?.sentence ?? "";
  assert.match(
    said,
    /Users will be without s4 from the stop of 1\.0\.0 until 1\.1\.0 has taken over \(60 s are accepted\)/,
  );
  assert.match(timeline.find(({ name }) => name === "downtime")?.sentence ?? "", /without s4 for [\d.]+ s; 60 s are/);
});

test("When the new version of a stop and start does not pass its checks, the former one is started again and verified", async () => {
  const { plane, record, timeline } = await play("s5", ({ target }) => {
    const { smoke } = target;
    Object.assign(target, {
      smoke: (wish: Parameters<typeof smoke>[0]) => {
        const failed = { ok: true, value: [{ name: "orders", passed: false, detail: "No order came through." }] };
        return wish.version === "1.1.0" ? Promise.resolve(failed) : smoke(wish);
      },
    });
  });
  assert.equal(record.state, "rolled-back", record.outcome ?? "");
  assert.ok(timeline.some(({ name, phase }) => name === "start former version" && phase === "done"));
  assert.deepEqual(upAt(plane, "s5"), [["1.0.0", 100]]);
});

test("Rolling goes on without a sample where a canary would wait for one", async () => {
  const { record } = await play("s6", ({ target }) =>
    target.setTraffic({ environment, service: "s6" }, { perSecond: 0 }),
  );
  assert.equal(record.state, "succeeded", record.outcome ?? "");
});

test("A replica switch-over is refused by a target without replicas, before anything is touched", async () => {
  const { plane, record, timeline } = await play("s7");
  assert.equal(record.state, "failed");
  assert.match(timeline.find(({ name }) => name === "preflight")?.sentence ?? "", /has no replica to switch to/);
  assert.deepEqual(plane.target.ledger, []);
});

test("An excluded method is not planned: the request is denied, with the reason, and nothing runs", async () => {
  const { plane, record } = await play("s8");
  assert.equal(record.state, "waiting");
  const { verdict: id } = record;
  const verdict = id === null ? null : await store.transact((records) => records.verdicts.find(id));
  const finding = verdict?.findings.find(({ rule }) => rule === "strategy-fits");
  assert.deepEqual([verdict?.decision, finding?.code], ["deny", "excluded"]);
  assert.match(finding?.sentence ?? "", /s8 has a single writer/);
  assert.deepEqual(plane.target.ledger, []);
});

test("A cohort meets the new version at no share at all, and is no longer told apart at the end", async () => {
  const rules: unknown[] = [];
  const { record, lines, timeline } = await play("s9", ({ target }) => {
    const { shift } = target;
    Object.assign(target, {
      shift: (wish: Parameters<typeof shift>[0], command: Parameters<typeof shift>[1]) => {
        rules.push([wish.percent, wish.cohorts ?? null]);
        return shift(wish, command);
      },
    });
  });
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.deepEqual(rules, [
    [0, { beta: "1.1.0" }],
    [100, null],
  ]);
  assert.ok(lines.includes("shift to 0 %") && lines.includes("watch 0 %"));
  assert.match(timeline.find(({ name }) => name === "shift to 0 %")?.sentence ?? "", /0 % .* and the cohort beta go/);
});

test("Three canaries without traffic change the advice for the environment, and are cited", async () => {
  const quiet = [];
  for (const service of ["s11", "s12", "s13"] as const) {
    const played = await play(service, ({ target }) => target.setTraffic({ environment, service }, { perSecond: 1 }));
    assert.equal(played.record.state, "rolled-back", played.record.outcome ?? "");
    quiet.push(played.id);
  }
  const chooseStrategy = makeChooseStrategy({
    now: () => startAt.add({ hours: 48 }),
    transact: store.transact,
    observe: () => Promise.resolve({ versions: [], observedAt: startAt.toString(), routing }),
    history: (name, since) => readSnapshot(store.pool, (client) => pastRollouts(client, name, since)),
  });
  const found = await chooseStrategy({ service: "s6", environment, class: "normal" });
  assert.ok(found.ok);
  const { inForce, choice, driver } = found.value;
  assert.deepEqual([inForce.method, driver, choice.ranked[0]?.method], ["rolling", "embedded", "blue-green"]);
  const canary = choice.ranked.find(({ method }) => method === "canary");
  assert.deepEqual(canary?.cites.toSorted(), quiet.toSorted());
  assert.ok(choice.excluded.some(({ method }) => method === "stop-start"));
  assert.deepEqual(await chooseStrategy({ service: "nothing", environment, class: "normal" }), {
    ok: false,
    error: "no-such-service",
  });
});
