import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { setWeights, stopVersion, type Shares } from "#agent/effects.ts";
import type { Refusal } from "#agent/refusal.ts";
import { cohortCookie, cohortHeader } from "#agent/traffic/driver.ts";
import { findDriver, observe, routeTraffic, type Place, type World } from "#agent/world.ts";
import type { Result } from "#core/result.ts";

/** One answer as a user sees it; status 0: no whole answer came. */
export interface Asked {
  readonly status: number;
  /** Version that the proxy says has answered. */
  readonly version: string | null;
  readonly text: string;
  /** `name=value` of the cookie that came with it. */
  readonly cookie: string | null;
}

/** An agent's world with one service of three versions that answer with their own number, behind a real proxy. */
export interface TrafficBench {
  readonly world: World;
  readonly place: Place;
  readonly versions: { readonly live: string; readonly fresh: string; readonly other: string };
  /** A request of a user, over one of at most eight connections that are kept. `/slow` answers in two parts. */
  readonly ask: (path: string, headers: Readonly<Record<string, string>>) => Promise<Asked>;
  /** Lets the second parts go out. */
  readonly release: () => void;
  /** First parts that are out. */
  readonly held: () => number;
  /** Ends the driver as an agent does that is upgraded, and opens it anew. */
  readonly again: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const waitLimitMs = 20_000;
const lookEveryMs = 10;
/**
 * Exactness: all drivers take turns instead of drawing lots, so of N requests a version gets its share to within two,
 * one for the turn that was under way at each end.
 */
const requestsOff = 2;
let commands = 0;

function shares(bench: TrafficBench, percent: number, change: Partial<Shares> = {}): Shares {
  const { fresh, live } = bench.versions;
  commands += 1;
  const weights = { [fresh]: percent, [live]: 100 - percent };
  return { key: `traffic-${commands}`, fence: 1, weights, ...change };
}

async function set(bench: TrafficBench, percent: number, change: Partial<Shares> = {}) {
  return valueOf(await setWeights(bench.world, bench.place, shares(bench, percent, change)));
}

function valueOf<T>(result: Result<T, Refusal>): T {
  assert.ok(result.ok, result.ok ? "" : `${result.error.code}: ${result.error.message}`);
  return result.value;
}

function assertRefused(result: Result<unknown, Refusal>, code: string): void {
  assert.ok(!result.ok, `expected ${code}`);
  assert.equal(result.error.code, code, result.error.message);
}

async function percentOf({ world, place, versions }: TrafficBench, version = versions.fresh): Promise<number> {
  const seen = valueOf(await observe(world, place));
  return seen.versions.find((each) => each.version === version)?.percent ?? -1;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += lookEveryMs) {
    assert.ok(waited < waitLimitMs, `not within ${waitLimitMs} ms: ${what}`);
    await delay(lookEveryMs);
  }
}

function askMany(bench: TrafficBench, count: number, headers = {}): Promise<readonly Asked[]> {
  return Promise.all(Array.from({ length: count }, () => bench.ask("/", headers)));
}

function assertAllFrom(seen: readonly Asked[], version: string): void {
  for (const { status, text, version: told } of seen) assert.deepEqual([status, text, told], [200, version, version]);
}

type Case = readonly [name: string, body: (bench: TrafficBench) => Promise<void>];

const shareCases: readonly Case[] = [
  [
    "shares are read back at the proxy and are exact from the first request after the answer",
    async (bench) => {
      const { fresh, live } = bench.versions;
      for (const percent of [5, 25, 50, 33.3, 100, 0]) {
        await set(bench, percent);
        assert.equal(await percentOf(bench), percent);
        assert.equal(await percentOf(bench, live), 100 - percent);
        const seen = await askMany(bench, 200);
        for (const { status, text, version } of seen) assert.deepEqual([status, text], [200, version]);
        const found = seen.filter(({ text }) => text === fresh).length;
        assert.ok(Math.abs(found - 2 * percent) <= requestsOff, `${found} of 200 at ${percent} %`);
      }
    },
  ],
  [
    "three versions share, and the one that is left out gets nothing",
    async (bench) => {
      const { live, fresh, other } = bench.versions;
      await set(bench, 0, { weights: { [live]: 75, [fresh]: 20, [other]: 5 } });
      const seen = await askMany(bench, 200);
      for (const [version, count] of [
        [live, 150],
        [fresh, 40],
        [other, 10],
      ] as const) {
        const found = seen.filter(({ text }) => text === version).length;
        assert.ok(Math.abs(found - count) <= requestsOff, `${found} of 200 for ${version}`);
      }
      await set(bench, 50);
      assert.equal(await percentOf(bench, other), 0);
      assert.ok((await askMany(bench, 100)).every(({ text }) => text !== other));
    },
  ],
  [
    "a share outside 0 to 100, or finer than the proxy can do, is refused and changes nothing",
    async (bench) => {
      await set(bench, 10);
      for (const percent of [-5, 105, Number.NaN]) {
        assertRefused(await setWeights(bench.world, bench.place, shares(bench, percent)), "bad-request");
      }
      const { can } = valueOf(findDriver(bench.world, bench.place));
      const tooFine = shares(bench, can.finestPercent / 2);
      assertRefused(await setWeights(bench.world, bench.place, tooFine), "share-not-possible");
      assert.equal(await percentOf(bench), 10);
    },
  ],
  [
    "requests are counted by version as the users got them",
    async (bench) => {
      const driver = valueOf(findDriver(bench.world, bench.place));
      await set(bench, 25);
      const from = driver.traffic(0).completeBefore;
      await askMany(bench, 200);
      const counted = (version: string) =>
        driver.traffic(from).seconds.reduce((sum, each) => sum + (each.version === version ? each.requests : 0), 0);
      const { live, fresh } = bench.versions;
      await until("all are counted", () => counted(live) + counted(fresh) === 200);
      assert.ok(Math.abs(counted(fresh) - 50) <= requestsOff, `${counted(fresh)}`);
    },
  ],
];

const authorityCases: readonly Case[] = [
  [
    "the same key twice has one effect, and gets the first answer",
    async (bench) => {
      const first = shares(bench, 10);
      const answer = valueOf(await setWeights(bench.world, bench.place, first));
      await set(bench, 40);
      assert.deepEqual(valueOf(await setWeights(bench.world, bench.place, first)), answer);
      assert.equal(await percentOf(bench), 40);
      const ofKey = bench.world.ledger.after(0).filter(({ key }) => key === first.key);
      assert.deepEqual(
        ofKey.map(({ outcome }) => outcome),
        ["applied", "replayed"],
      );
    },
  ],
  [
    "a lower fencing number is refused, and a key that stood for something else",
    async (bench) => {
      const used = shares(bench, 10, { fence: 7 });
      valueOf(await setWeights(bench.world, bench.place, used));
      assertRefused(await setWeights(bench.world, bench.place, shares(bench, 50, { fence: 6 })), "stale-fence");
      const other = { ...shares(bench, 50, { fence: 7 }), key: used.key };
      assertRefused(await setWeights(bench.world, bench.place, other), "key-conflict");
      assert.equal(await percentOf(bench), 10);
    },
  ],
];

/** Users that ask without pause until `stop`; gives every answer that was not good. */
function constantLoad(bench: TrafficBench, users: number) {
  const ended = new AbortController();
  let asked = 0;
  const lost: Asked[] = [];
  const user = async () => {
    while (!ended.signal.aborted) {
      const seen = await bench.ask("/", {});
      asked += 1;
      if (seen.status !== 200) lost.push(seen);
    }
  };
  const done = Promise.all(Array.from({ length: users }, user));
  return {
    stop: async () => {
      ended.abort();
      await done;
      return { asked, lost };
    },
  };
}

const loadShifts = 24;
const loadUsers = 8;

const loadCases: readonly Case[] = [
  [
    "no request is lost during many shifts under constant load, where the driver says so",
    async (bench) => {
      const { can } = valueOf(findDriver(bench.world, bench.place));
      const load = constantLoad(bench, loadUsers);
      const percents = [5, 25, 50, 100, 0];
      const shifts = can.losesNothing ? loadShifts : percents.length;
      for (let shift = 0; shift < shifts; shift += 1) await set(bench, percents[shift % percents.length] ?? 0);
      const { asked, lost } = await load.stop();
      assert.ok(asked > shifts, `${asked} requests`);
      // Elsewhere a connection that a client holds open may be reset once for each shift, and nothing more.
      const allowed = can.losesNothing ? 0 : shifts * loadUsers;
      assert.ok(lost.length <= allowed, `${lost.length} of ${asked}: ${JSON.stringify(lost[0])}`);
    },
  ],
];

const sessionCases: readonly Case[] = [
  [
    "draining cuts nothing: what is under way ends, and only then the version",
    async (bench) => {
      const { live, fresh } = bench.versions;
      const slow = bench.ask("/slow", {});
      await until("the first part is out", () => bench.held() === 1);
      await set(bench, 100);
      assertAllFrom(await askMany(bench, 20), fresh);
      const command = { key: `stop-${bench.place.service}-${commands}`, fence: 1 };
      const stopping = stopVersion(bench.world, bench.place, { ...command, version: live });
      const first = await Promise.race([stopping.then(() => "stopped"), delay(300).then(() => "waiting")]);
      assert.equal(first, "waiting");
      bench.release();
      assert.deepEqual([(await slow).status, (await slow).text], [200, `${live} done`]);
      const after = valueOf(await stopping);
      assert.equal(after.versions.find((each) => each.version === live)?.state, "stopped");
      assertAllFrom(await askMany(bench, 20), fresh);
    },
  ],
  [
    "a session stays with its version at a share of nothing, until it is let go",
    async (bench) => {
      const { live, fresh } = bench.versions;
      const sticky = { idleSeconds: 5 };
      await set(bench, 0, { sticky });
      const begun = await bench.ask("/", {});
      assert.equal(begun.text, live);
      const cookie = begun.cookie ?? assert.fail("a session that begins gets a cookie");
      await set(bench, 100, { sticky });
      assertAllFrom(await askMany(bench, 20), fresh);
      assertAllFrom(await askMany(bench, 20, { cookie }), live);
      const stop = { fence: 1, version: live };
      const driver = valueOf(findDriver(bench.world, bench.place));
      const isCounted = () => driver.traffic(0).seconds.some(({ version }) => version === live);
      await until("its requests are counted", isCounted);
      assertRefused(await stopVersion(bench.world, bench.place, { ...stop, key: "has" }), "has-sessions");
      await set(bench, 100);
      assertAllFrom(await askMany(bench, 20, { cookie }), fresh);
      valueOf(await stopVersion(bench.world, bench.place, { ...stop, key: `let-go-${commands}` }));
    },
  ],
  [
    "a cohort goes to its version by header or cookie, and nobody else does",
    async (bench) => {
      const { live, fresh } = bench.versions;
      await set(bench, 0, { cohorts: { beta: fresh } });
      assertAllFrom(await askMany(bench, 20, { [cohortHeader]: "beta" }), fresh);
      assertAllFrom(await askMany(bench, 20, { cookie: `other=1; ${cohortCookie}=beta` }), fresh);
      assertAllFrom(await askMany(bench, 20, { [cohortHeader]: "gamma" }), live);
      assertAllFrom(await askMany(bench, 20), live);
      const stop = { fence: 1, key: `cohort-${commands}`, version: fresh };
      assertRefused(await stopVersion(bench.world, bench.place, stop), "has-traffic");
      await set(bench, 0);
      assertAllFrom(await askMany(bench, 20, { [cohortHeader]: "beta" }), live);
    },
  ],
];

const faultCases: readonly Case[] = [
  [
    "a version that is down keeps its share, and its requests fail",
    async (bench) => {
      await set(bench, 50);
      const record = bench.world.supervisor.find("prod", "shop", bench.versions.fresh) ?? assert.fail("no record");
      record.state = "failed";
      valueOf(await routeTraffic(bench.world, bench.place));
      const seen = await askMany(bench, 40);
      const failed = seen.filter(({ status }) => status >= 500).length;
      assert.ok(Math.abs(failed - 20) <= requestsOff, `${failed} of 40`);
      assert.equal(await percentOf(bench), 50);
    },
  ],
  [
    "an agent that comes back finds or restores the same shares",
    async (bench) => {
      await set(bench, 20, { cohorts: { beta: bench.versions.other } });
      await bench.again();
      valueOf(await routeTraffic(bench.world, bench.place));
      assert.equal(await percentOf(bench), 20);
      assertAllFrom(await askMany(bench, 10, { [cohortHeader]: "beta" }), bench.versions.other);
    },
  ],
];

/** Every traffic driver passes this suite, through the effects of the agent; each case gets a proxy of its own. */
export function conformsAsTrafficDriver(
  title: string,
  open: () => Promise<TrafficBench>,
  skip: string | false = false,
): void {
  for (const [name, body] of [...shareCases, ...authorityCases, ...loadCases, ...sessionCases, ...faultCases]) {
    void test(`${title}: ${name}`, { skip }, async () => {
      const bench = await open();
      try {
        const { live } = bench.versions;
        commands += 1;
        const begin = { key: `traffic-${commands}`, fence: 1, weights: { [live]: 100 } };
        valueOf(await setWeights(bench.world, bench.place, begin));
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  }
}
