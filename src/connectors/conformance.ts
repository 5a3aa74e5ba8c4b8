import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, Deployer, Failure, Observation, ObservedVersion, Target } from "#connectors/port.ts";
import type { Result } from "#core/result.ts";

interface Known {
  readonly version: string;
  readonly digest: string;
}

/** A target made ready for the suite: one service with a version that has all the traffic, others that can be started. */
export interface Bench {
  readonly deployer: Deployer;
  readonly target: Target;
  /** Has all the traffic. */
  readonly live: Known;
  /** Can be started and works. */
  readonly good: Known;
  /** Starts and never gets ready. */
  readonly unready: Known;
  /** Gets ready and fails a business check. */
  readonly wrong: Known;
  /** Lets `count` requests of users through; gives how many of them got no good answer. */
  readonly request: (count: number) => Promise<number>;
  /** Effects that happened at the target, in order, by its own account. */
  readonly effects: () => Promise<readonly { readonly key: string; readonly outcome: string }[]>;
  readonly close: () => Promise<void>;
}

let commands = 0;

function command(fence = 1): Command {
  commands += 1;
  return { key: `conformance-${commands}`, fence };
}

function valueOf<T>(result: Result<T, Failure>): T {
  assert.ok(result.ok, result.ok ? "" : `${result.error.code}: ${result.error.message}`);
  return result.value;
}

function assertRefused(result: Result<unknown, Failure>, code: string): void {
  assert.ok(!result.ok, `expected ${code}`);
  assert.equal(result.error.code, code);
  assert.equal(result.error.retry, "never");
  assert.ok(result.error.message.length > 10);
}

function find(observation: Observation, version: string): ObservedVersion | null {
  return observation.versions.find((each) => each.version === version) ?? null;
}

function percentOf(observation: Observation, version: string): number {
  return find(observation, version)?.percent ?? 0;
}

/** Every implementation of `Deployer` passes this suite; each case gets a bench of its own. */
export function conformsAsDeployer(title: string, open: () => Promise<Bench>): void {
  const cases = [...startCases, ...shiftCases, ...stopCases, ...authorityCases];
  for (const [name, body] of cases) {
    void test(`${title}: ${name}`, async () => {
      const bench = await open();
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  }
}

type Case = readonly [name: string, body: (bench: Bench) => Promise<void>];

const startCases: readonly Case[] = [
  [
    "observing shows the live version with its digest and all the traffic",
    async ({ deployer, target, live }) => {
      const seen = valueOf(await deployer.observe(target));
      assert.deepEqual(find(seen, live.version), { ...live, state: "ready", percent: 100 });
      assert.ok(Temporal.Instant.from(seen.observedAt).epochMilliseconds > 0);
    },
  ],
  [
    "a service nobody knows is refused",
    async ({ deployer, target }) => {
      assertRefused(await deployer.observe({ ...target, service: "nobody-knows-it" }), "unknown-service");
    },
  ],
  [
    "a started version is ready and has no traffic",
    async ({ deployer, target, live, good }) => {
      const started = valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      assert.deepEqual(started, { ...good, state: "ready", percent: 0 });
      const seen = valueOf(await deployer.observe(target));
      assert.equal(percentOf(seen, live.version), 100);
    },
  ],
  [
    "a version that does not get ready is reported as failed, with the reason, and can take no traffic",
    async ({ deployer, target, live, unready }) => {
      const started = valueOf(await deployer.startVersion({ ...target, ...unready }, command()));
      assert.equal(started.state, "failed");
      assert.ok((started.reason ?? "").length > 0);
      const shift = { ...target, version: unready.version, control: live.version, percent: 5 };
      assertRefused(await deployer.shift(shift, command()), "not-ready");
      assertRefused(await deployer.smoke({ ...target, version: unready.version }), "not-ready");
    },
  ],
  [
    "a version without a program, or with another digest than the one asked for, is never started",
    async ({ deployer, target, good }) => {
      const unknown = { ...target, ...good, version: "99.0.0" };
      assertRefused(await deployer.startVersion(unknown, command()), "no-such-program");
      const forged = { ...target, ...good, digest: `sha256:${"0".repeat(64)}` };
      assertRefused(await deployer.startVersion(forged, command()), "digest-mismatch");
      assert.equal(find(valueOf(await deployer.observe(target)), good.version), null);
    },
  ],
  [
    "smoke checks pass for a version that works, before it has traffic",
    async ({ deployer, target, good }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const checks = valueOf(await deployer.smoke({ ...target, version: good.version }));
      assert.ok(checks.length >= 3);
      assert.deepEqual(
        checks.filter((check) => !check.passed),
        [],
      );
    },
  ],
  [
    "controls that the target names are proven of a version that runs, at their point and no other",
    async ({ deployer, target, good }) => {
      const asked = { ...target, version: good.version, when: "prepared" } as const;
      assertRefused(await deployer.proveControls(asked), "not-ready");
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const seen = valueOf(await deployer.proveControls(asked));
      assert.deepEqual(
        seen.map(({ name, outcome }) => [name, outcome]),
        [["filter", "proven"]],
      );
      assert.deepEqual(valueOf(await deployer.proveControls({ ...asked, when: "live" })), []);
    },
  ],
  [
    "a version that is alive and does not do its business fails a smoke check",
    async ({ deployer, target, wrong }) => {
      valueOf(await deployer.startVersion({ ...target, ...wrong }, command()));
      const checks = valueOf(await deployer.smoke({ ...target, version: wrong.version }));
      assert.equal(checks.find((check) => check.name === "liveness")?.passed, true);
      assert.ok(checks.some((check) => !check.passed && check.detail.length > 0));
    },
  ],
];

const shiftCases: readonly Case[] = [
  [
    "a shift gives the version its share and the control the rest, exactly and without losing a request",
    async ({ deployer, target, live, good, request }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const first = valueOf(await deployer.traffic({ ...target, since: 0 })).completeBefore;
      const shift = { ...target, version: good.version, control: live.version, percent: 25 };
      const seen = valueOf(await deployer.shift(shift, command()));
      assert.equal(percentOf(seen, good.version), 25);
      assert.equal(percentOf(seen, live.version), 75);
      assert.equal(await request(400), 0);
      const { seconds } = valueOf(await deployer.traffic({ ...target, since: first }));
      const sum = (version: string) =>
        seconds.filter((each) => each.version === version).reduce((total, each) => total + each.requests, 0);
      const share = sum(good.version) / (sum(good.version) + sum(live.version));
      assert.ok(Math.abs(share - 0.25) < 0.01, `share ${share}`);
    },
  ],
  [
    "a whole shift and back again leaves the live version with everything",
    async ({ deployer, target, live, good, request }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const forth = { ...target, version: good.version, control: live.version, percent: 100 };
      valueOf(await deployer.shift(forth, command()));
      assert.equal(await request(50), 0);
      const back = valueOf(await deployer.shift({ ...forth, percent: 0 }, command()));
      assert.equal(percentOf(back, live.version), 100);
      assert.equal(percentOf(back, good.version), 0);
      assert.equal(await request(50), 0);
    },
  ],
  [
    "a share that leaves traffic to nobody is refused",
    async ({ deployer, target, live }) => {
      const shift = { ...target, version: live.version, control: null, percent: 50 };
      assertRefused(await deployer.shift(shift, command()), "bad-request");
      assert.equal(percentOf(valueOf(await deployer.observe(target)), live.version), 100);
    },
  ],
];

const stopCases: readonly Case[] = [
  [
    "a version with traffic is not stopped",
    async ({ deployer, target, live }) => {
      assertRefused(await deployer.stopVersion({ ...target, version: live.version }, command()), "has-traffic");
      assert.equal(find(valueOf(await deployer.observe(target)), live.version)?.state, "ready");
    },
  ],
  [
    "a version without traffic is stopped, and stopping it again changes nothing",
    async ({ deployer, target, good, request }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const stop = { ...target, version: good.version };
      const seen = valueOf(await deployer.stopVersion(stop, command()));
      assert.equal(find(seen, good.version)?.state, "stopped");
      assert.equal(find(valueOf(await deployer.stopVersion(stop, command())), good.version)?.state, "stopped");
      assert.equal(await request(20), 0);
    },
  ],
  [
    "a version with traffic is stopped when that is asked for, and another one takes over afterwards",
    async ({ deployer, target, live, good, request }) => {
      const stop = { ...target, version: live.version, evenWithTraffic: true } as const;
      const stopped = valueOf(await deployer.stopVersion(stop, command()));
      assert.deepEqual([find(stopped, live.version)?.state, percentOf(stopped, live.version)], ["stopped", 100]);
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const shift = { ...target, version: good.version, control: live.version, percent: 100 };
      assert.equal(percentOf(valueOf(await deployer.shift(shift, command())), good.version), 100);
      assert.equal(await request(20), 0);
    },
  ],
  [
    "a version that was never started cannot be stopped",
    async ({ deployer, target }) => {
      assertRefused(await deployer.stopVersion({ ...target, version: "99.0.0" }, command()), "unknown-version");
    },
  ],
];

const authorityCases: readonly Case[] = [
  [
    "a repeated key gets the first answer and does nothing again",
    async ({ deployer, target, live, good, effects }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command()));
      const shift = { ...target, version: good.version, control: live.version, percent: 5 };
      const first = command();
      const answer = valueOf(await deployer.shift(shift, first));
      valueOf(await deployer.shift({ ...shift, percent: 50 }, command()));
      assert.deepEqual(valueOf(await deployer.shift(shift, first)), answer);
      assert.equal(percentOf(valueOf(await deployer.observe(target)), good.version), 50);
      const ofKey = (await effects()).filter((effect) => effect.key === first.key);
      assert.deepEqual(
        ofKey.map((effect) => effect.outcome),
        ["applied", "replayed"],
      );
    },
  ],
  [
    "the same call twice at once has one effect",
    async ({ deployer, target, good, effects }) => {
      const twice = command();
      const start = { ...target, ...good };
      const answers = await Promise.all([deployer.startVersion(start, twice), deployer.startVersion(start, twice)]);
      for (const answer of answers) assert.equal(valueOf(answer).state, "ready");
      const applied = (await effects()).filter((each) => each.key === twice.key && each.outcome === "applied");
      assert.equal(applied.length, 1);
    },
  ],
  [
    "a key that was used for something else is refused",
    async ({ deployer, target, good }) => {
      const used = command();
      valueOf(await deployer.startVersion({ ...target, ...good }, used));
      assertRefused(await deployer.stopVersion({ ...target, version: good.version }, used), "key-conflict");
    },
  ],
  [
    "a fence below the highest seen in the environment is refused, and the refusal is on record",
    async ({ deployer, target, live, good, effects }) => {
      valueOf(await deployer.startVersion({ ...target, ...good }, command(7)));
      const shift = { ...target, version: good.version, control: live.version, percent: 50 };
      const late = command(6);
      assertRefused(await deployer.shift(shift, late), "stale-fence");
      assert.equal(percentOf(valueOf(await deployer.observe(target)), good.version), 0);
      const record = (await effects()).findLast((effect) => effect.key === late.key);
      assert.equal(record?.outcome, "refused");
      valueOf(await deployer.shift(shift, command(7)));
    },
  ],
];
