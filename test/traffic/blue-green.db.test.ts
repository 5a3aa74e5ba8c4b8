import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { setWeights, stopVersion } from "#agent/effects.ts";
import type { Refusal } from "#agent/refusal.ts";
import { findDriver, observe, routingIn } from "#agent/world.ts";
import { toObservation, toWeights } from "#connectors/agent/translate.ts";
import type { Deployer, Failure, Observation } from "#connectors/port.ts";
import type { AgentObservation } from "#contract/agent.ts";
import { err, ok, type Result } from "#core/result.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { digests, openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";
import { openTrafficBench, type OpenBench } from "#test/traffic/bench.ts";

/*
 * The run of a deployment over the agent's own proxy: time at the target and requests are real, the rest of the plane
 * runs on a clock of its own.
 */
const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const [blue, green] = ["1.0.0", "1.1.0"];
/** A session that was silent for this long has ended. */
const idleSeconds = 3;
const askEveryMs = 400;

const kept = `method: blue-green\n  sessions: { idleSeconds: ${idleSeconds}, drainSeconds: 120 }\n  holdSeconds: 1`;
const shared = "method: blue-green\n  holdSeconds: 600";

let store: TestStore;
before(async () => {
  const texts = Object.entries({ s0: ["sticky", kept], s1: ["shared-store", shared] }).flatMap(
    ([name, [where, how]]) => [
      `kind: Service\nmetadata: { name: ${name} }\nspec: { unit: retail, team: web, tier: 2, rollout: { writers: many, sessions: ${where} } }`,
      `kind: Strategy\nmetadata: { name: of-${name} }\nspec:\n  scope: { services: [${name}] }\n  priority: 10\n  ${how}\n  stages: [{ percent: 100, minSeconds: 1, maxSeconds: 60, minRequests: 0 }]`,
    ],
  );
  store = await openStore(2, startAt, [...organisationOf(0), ...documentsOf(texts.join("\n---\n"))]);
});
after(() => store[Symbol.asyncDispose]());

function failureOf({ code, message, status }: Refusal): Failure {
  return { code, message, retry: status >= 500 ? "later" : "never" };
}

/** The agent's effects as the port has them; both versions run already, with the digests that the plane knows. */
function deployerOver({ world, place }: OpenBench): Partial<Deployer> {
  const digestOf = (version: string): string => (version === green ? digests.next : digests.former);
  const translated = (seen: Result<AgentObservation, Refusal>): Result<Observation, Failure> => {
    if (!seen.ok) return err(failureOf(seen.error));
    const { versions, ...rest } = toObservation(seen.value);
    return ok({ ...rest, versions: versions.map((each) => ({ ...each, digest: digestOf(each.version) })) });
  };
  return {
    observe: async () => {
      const [seen, routing] = [await observe(world, place), await routingIn(world, place)];
      return translated(seen.ok && routing.ok ? ok({ ...seen.value, routing: routing.value }) : seen);
    },
    startVersion: ({ version, digest }) => Promise.resolve(ok({ version, digest, state: "ready", percent: 0 })),
    proveControls: () => Promise.resolve(ok([])),
    smoke: () => Promise.resolve(ok([{ name: "answers", passed: true, detail: "" }])),
    shift: async ({ version, control, percent, sticky, cohorts }, { key, fence }) =>
      translated(
        await setWeights(world, place, { key, fence, weights: toWeights(version, control, percent), sticky, cohorts }),
      ),
    stopVersion: async ({ version }, { key, fence }) =>
      translated(await stopVersion(world, place, { key, fence, version })),
    traffic: async ({ since }) => {
      // Whoever waits for the target waits by its clock, and that is the real one here.
      await delay(50);
      const found = findDriver(world, place);
      return found.ok ? ok(found.value.traffic(since)) : err(failureOf(found.error));
    },
  };
}

async function open(service: string): Promise<{ readonly bench: OpenBench; readonly plane: Plane }> {
  const bench = await openTrafficBench("embedded");
  const plane = openPlane(store, startAt, [service]);
  Object.assign(plane.target, deployerOver(bench));
  return { bench, plane };
}

interface Session {
  readonly versions: string[];
  failed: number;
}

/** A user who asks again and again with his cookie, until he has had enough or has been silent for too long himself. */
async function visit(bench: OpenBench, isOver: () => boolean): Promise<Session> {
  const session: Session = { versions: [], failed: 0 };
  let cookie: string | null = null;
  for (let last = monotonicMs(); ; last = monotonicMs()) {
    const answer = await bench.ask("/", cookie === null ? {} : { cookie });
    // On a machine that stood still he was silent for so long that his session had ended by itself.
    if (monotonicMs() - last > (idleSeconds - 1) * 1000) return session;
    if (answer.status !== 200) session.failed += 1;
    session.versions.push(answer.text);
    cookie = answer.cookie ?? cookie;
    if (isOver()) return session;
    await delay(askEveryMs);
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    assert.ok(waited < 120_000, `not within two minutes: ${what}`);
    await delay(20);
  }
}

test("200 sessions on blue end where they began, new ones are on green from the cut-over on, and nobody is logged out", async (t) => {
  const { bench, plane } = await open("s0");
  t.after(() => bench.close());
  const share = () => bench.world.store.state.weights["prod/shop"]?.[green] ?? 0;
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  await setWeights(bench.world, bench.place, { key: "live", fence: 0, weights: { [blue]: 100 } });
  const old = Array.from({ length: 200 }, () => visit(bench, () => isOver));
  const id = await plane.request("s0");
  const run = plane.engine.settle();
  await until("green has all new sessions", () => share() === 100);
  const cutOverMs = monotonicMs();
  const fresh = await Promise.all(Array.from({ length: 50 }, () => visit(bench, () => true)));
  const onGreen = fresh.filter(({ versions }) => versions[0] === green).length;
  isOver = true;
  const sessions = await Promise.all(old);
  await run;
  const view = await store.views.deployment(id);
  assert.equal(view?.record.state, "succeeded", view?.record.outcome ?? "");
  const moved = sessions.filter(({ versions }) => versions.some((version) => version !== blue)).length;
  const failed = [...sessions, ...fresh].reduce((sum, session) => sum + session.failed, 0);
  const released = view?.timeline.find(({ name }) => name === "stop 1.0.0");
  t.diagnostic(`200 sessions: ${moved} moved, ${failed} requests failed; 50 new: ${onGreen} on green`);
  t.diagnostic(`released ${Math.round(monotonicMs() - cutOverMs)} ms after the cut-over: ${released?.sentence ?? ""}`);
  assert.deepEqual([moved, failed, onGreen], [0, 0, 50]);
  assert.match(released?.sentence ?? "", /none by force; it is stopped/);
  assert.equal(bench.world.store.state.processes.find(({ version }) => version === blue)?.state, "stopped");
});

test("In the hold time an abort brings everybody back to blue, which still runs, well within 30 s", async (t) => {
  const { bench, plane } = await open("s1");
  t.after(() => bench.close());
  const share = () => bench.world.store.state.weights["prod/shop"]?.[green] ?? 0;
  await setWeights(bench.world, bench.place, { key: "live", fence: 0, weights: { [blue]: 100 } });
  const id = await plane.request("s1");
  const run = plane.engine.settle();
  await until("green has all the traffic", () => share() === 100);
  assert.equal((await bench.ask("/", {})).text, green);
  const askedMs = monotonicMs();
  const call = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "abort", key: null } as const;
  assert.ok((await plane.abort({ id, reason: "A test." }, call)).ok);
  await until("blue has all the traffic", () => share() === 0);
  const backMs = monotonicMs() - askedMs;
  assert.equal((await bench.ask("/", {})).text, blue);
  await run;
  t.diagnostic(`back on blue ${Math.round(backMs)} ms after the abort`);
  assert.ok(backMs <= 30_000);
  assert.equal((await store.views.deployment(id))?.record.state, "aborted");
});
