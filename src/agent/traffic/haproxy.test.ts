import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { unknownTraffic, type Routing } from "#agent/traffic/driver.ts";
import { haproxyFiles, nowhere, slots } from "#agent/traffic/haproxy-config.ts";
import { readServerStates, type Ask } from "#agent/traffic/haproxy-socket.ts";
import { haproxyDriver } from "#agent/traffic/haproxy.ts";
import { inTurn } from "#agent/traffic/in-turn.ts";
import { err, ok } from "#core/result.ts";

/** What the stand-in does with commands that set a weight. */
type Fault = "none" | "refuses" | "loses" | "half" | "cuts-the-answer" | "is-away";

interface Place {
  port: number;
  weight: number;
  admin: number;
}

/** As much of HAProxy's runtime API as the driver uses, in memory, with a fault that can be switched on. */
function standIn() {
  const servers = new Map<string, Place>(slots.map((slot) => [slot, { port: nowhere, weight: 0, admin: 0 }]));
  const maps = new Map<string, Map<string, string>>();
  let prepared = new Map<string, string>();
  let weights = 0;
  const it = { fault: "none" as Fault, told: [] as string[] };
  const states = () => {
    const head = "# be_id srv_name srv_admin_state srv_uweight srv_port\n";
    return `1\n${head}${[...servers].map(([name, at]) => `3 ${name} ${at.admin} ${at.weight} ${at.port}\n`).join("")}`;
  };
  const map = (file: string) => maps.get(file) ?? new Map<string, string>();
  const setServer = ([name = "", what, ...rest]: readonly string[]): string => {
    const server = servers.get(name.split("/")[1] ?? "");
    if (server === undefined) return "No such server.\n";
    if (what === "addr") server.port = Number(rest[2]);
    if (what === "state") server.admin = rest[0] === "ready" ? 0 : 1;
    if (what !== "weight") return "";
    weights += 1;
    if (it.fault === "refuses") return "Permission denied.\n";
    if (it.fault === "loses" || (it.fault === "half" && weights % 2 === 0)) return "";
    server.weight = Number(rest[0]);
    return "";
  };
  const one = (command: string): string => {
    const [verb = "", noun = "", ...rest] = command.trim().split(" ");
    if (verb === "show" && noun === "servers") return states();
    if (verb === "show" && noun === "map") {
      return [...map(rest[0] ?? "")].map(([key, value]) => `0x1 ${key} ${value}\n`).join("");
    }
    if (verb === "prepare") {
      prepared = new Map();
      return "New version created: 1\n";
    }
    if (verb === "add") prepared.set(rest[2] ?? "", rest.slice(3).join(" "));
    if (verb === "commit") maps.set(rest[1] ?? "", prepared);
    return verb === "set" ? setServer(rest) : "";
  };
  const ask: Ask = (line) => {
    if (it.fault === "is-away") return Promise.resolve(err(unknownTraffic("HAProxy cannot be reached")));
    it.told.push(line);
    const answer = line.split(";").map(one).join("\n");
    const isCut = it.fault === "cuts-the-answer" && line.startsWith("set server");
    return Promise.resolve(isCut ? err(unknownTraffic("HAProxy did not answer")) : ok(answer));
  };
  return { it, ask, servers };
}

function open(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "tg-haproxy-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const proxy = standIn();
  const files = haproxyFiles(folder);
  const traffic = () => ({ seconds: [], completeBefore: 0 });
  const driver = haproxyDriver({ service: "shop", url: "", files, ask: proxy.ask, turns: inTurn(), traffic });
  return { ...proxy, files, driver };
}

function routing(percent: number, change: Partial<Routing> = {}): Routing {
  const routes = [
    { version: "1.1.0", port: 20_002, percent },
    { version: "1.0.0", port: 20_001, percent: 100 - percent },
  ];
  return { routes, sticky: false, cohorts: {}, ...change };
}

async function percentOf({ driver }: ReturnType<typeof open>): Promise<number> {
  const seen = await driver.read();
  assert.ok(seen.ok, JSON.stringify(seen));
  return seen.value.shares["1.1.0"] ?? 0;
}

for (const [fault, left] of [
  ["refuses", 10],
  ["loses", 10],
  ["half", null],
  ["cuts-the-answer", 30],
] as const) {
  test(`HAProxy that ${fault} a command: the share is unknown, read is what is there, and the repetition mends it`, async (t) => {
    const on = open(t);
    assert.ok((await on.driver.set(routing(10))).ok);
    on.it.fault = fault;
    const told = await on.driver.set(routing(30));
    assert.deepEqual(!told.ok && [told.error.code, told.error.status], ["traffic-unknown", 503]);
    if (left !== null) assert.equal(await percentOf(on), left);
    else assert.ok(![10, 30].includes(await percentOf(on)));
    on.it.fault = "none";
    assert.ok((await on.driver.set(routing(30))).ok);
    assert.equal(await percentOf(on), 30);
  });
}

test("HAProxy that is away: nothing is known, neither what is in effect nor what is under way", async (t) => {
  const on = open(t);
  assert.ok((await on.driver.set(routing(10))).ok);
  on.it.fault = "is-away";
  for (const told of [await on.driver.set(routing(50)), await on.driver.read(), await on.driver.inFlight("1.1.0")]) {
    assert.equal(!told.ok && told.error.code, "traffic-unknown");
  }
});

test("What gains gets it before what loses gives it up, in one line of commands", async (t) => {
  const on = open(t);
  assert.ok((await on.driver.set(routing(0))).ok);
  on.it.told.length = 0;
  assert.ok((await on.driver.set(routing(100))).ok);
  const lines = on.it.told.filter((line) => line.includes(" weight "));
  assert.equal(lines.length, 1);
  const commands = lines[0]?.split(";").filter((each) => each.includes(" weight ")) ?? [];
  assert.deepEqual(
    commands.map((each) => each.split(" ").at(-1)),
    ["1", "0"],
  );
});

test("A share that weights up to 256 come close to reads back as it was asked for", async (t) => {
  const on = open(t);
  assert.ok((await on.driver.set(routing(33.3))).ok);
  assert.equal(await percentOf(on), 33.3);
  assert.deepEqual(
    [...on.servers.values()].map(({ weight }) => weight).filter((weight) => weight > 0),
    [1, 2],
  );
});

test("Weights that somebody else has set are read as they are", async (t) => {
  const on = open(t);
  assert.ok((await on.driver.set(routing(5))).ok);
  const fresh = [...on.servers.values()].find(({ port }) => port === 20_002) ?? assert.fail();
  fresh.weight = 19;
  assert.equal(await percentOf(on), 50);
  fresh.admin = 8;
  assert.equal(await percentOf(on), 0);
});

test("Eight versions have a place, a ninth is refused, and a place is used again only when no other is left", async (t) => {
  const on = open(t);
  const routes = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => ({ version: `v${from + index}`, port: 20_000 + index, percent: 0 }));
  const whole = (from: number) => ({ version: `v${from}`, port: 20_000, percent: 100 });
  const few = { ...routing(0), routes: [whole(0), ...routes(3, 1)] };
  assert.ok((await on.driver.set(few)).ok);
  assert.ok((await on.driver.set({ ...few, routes: [whole(0), ...routes(7, 1)] })).ok);
  const tooMany = await on.driver.set({ ...few, routes: [whole(0), ...routes(8, 1)] });
  assert.equal(!tooMany.ok && tooMany.error.code, "share-not-possible");
  assert.ok((await on.driver.set({ ...few, routes: [whole(9), ...routes(7, 1)] })).ok);
  const seen = await on.driver.read();
  assert.deepEqual(seen.ok && seen.value.shares, { v9: 100 });
});

test("What is in effect is kept for the next start of HAProxy", async (t) => {
  const on = open(t);
  assert.ok((await on.driver.set(routing(20, { sticky: true, cohorts: { beta: "1.1.0" } }))).ok);
  const kept = readServerStates(readFileSync(on.files.serverState, "utf8"));
  assert.deepEqual(
    kept.filter(({ weight }) => weight > 0).map(({ port, weight }) => [port, weight]),
    [
      [20_002, 1],
      [20_001, 4],
    ],
  );
  assert.match(readFileSync(on.files.versions("shop"), "utf8"), /^slot1 1\.1\.0$/m);
  assert.match(readFileSync(on.files.versions("shop"), "utf8"), /^sticky on$/m);
  assert.equal(readFileSync(on.files.cohorts("shop"), "utf8"), "beta slot1\n");
});
