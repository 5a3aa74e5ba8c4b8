import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { agentSettings, type TrafficSettings } from "#agent/settings.ts";
import type { TrafficDriver } from "#agent/traffic/driver.ts";
import { openDrive } from "#agent/traffic/open.ts";
import { freePorts } from "#test/support/free-ports.ts";
import type { Load } from "./traffic/load.ts";

/**
 * Each driver in front of the same two versions: time until a share is in effect, its exactness, what is lost while it
 * changes, and how many requests a second pass, beside those that the versions answer directly in the same run. Versions,
 * users and the agent (with the embedded proxy in it) are processes of their own.
 */
const shifts = 40;
const exactRequests = 10_000;
const users = 32;
const throughputSeconds = 3;
const shiftEveryMs = 100;
const unlimited = 1_000_000_000;
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

function line(metric: string, value: number, unit: string, samples: number): void {
  const rounded = Number(value.toFixed(3));
  console.log(JSON.stringify({ bench: "traffic", metric, value: rounded, unit, samples, machine }));
}

const script = (name: string) => join(import.meta.dirname, "traffic", `${name}.ts`);
const forkOptions = { execArgv: ["--disable-warning=ExperimentalWarning"] };

async function startVersion(version: string, port: number): Promise<ChildProcess> {
  const child = fork(script("backend"), [version, String(port)], forkOptions);
  await once(child, "message");
  return child;
}

function load(port: number, count: number, seconds: number): Promise<Load> {
  const child = fork(script("load"), [port, users, count, seconds].map(String), forkOptions);
  return new Promise((resolve, reject) => {
    child.once("message", (told: Load) => resolve(told));
    child.once("exit", (code) => reject(new Error(`the users ended with ${code}`)));
  });
}

interface Versions {
  readonly live: number;
  readonly fresh: number;
}

async function shift(driver: TrafficDriver, { live, fresh }: Versions, percent: number): Promise<void> {
  const routes = [
    { version: "fresh", port: fresh, percent },
    { version: "live", port: live, percent: 100 - percent },
  ];
  const done = await driver.set({ routes, sticky: false, cohorts: {} });
  if (!done.ok) throw new Error(done.error.message);
}

async function measureEffect(kind: string, driver: TrafficDriver, versions: Versions): Promise<void> {
  const times: number[] = [];
  let stale = 0;
  for (let nth = 0; nth < shifts; nth += 1) {
    const percent = nth % 2 === 0 ? 100 : 0;
    const startedAt = performance.now();
    await shift(driver, versions, percent);
    times.push(performance.now() - startedAt);
    // On a connection of its own: one that was open before is what a reload may reset.
    const answer = await (await fetch(driver.url, { headers: { connection: "close" } })).text();
    if (answer !== (percent === 100 ? "fresh" : "live")) stale += 1;
  }
  const sorted = times.toSorted((a, b) => a - b);
  line(`${kind}: share asked → in effect and read back, p50`, sorted[Math.floor(shifts / 2)] ?? 0, "ms", shifts);
  line(`${kind}: share asked → in effect and read back, longest`, sorted.at(-1) ?? 0, "ms", shifts);
  line(`${kind}: first requests after the answer that went by the old share`, stale, "requests", shifts);
}

async function measureExactness(kind: string, driver: TrafficDriver, versions: Versions, port: number): Promise<void> {
  let worst = 0;
  for (const percent of [5, 25, 50]) {
    await shift(driver, versions, percent);
    const { requests, versions: seen } = await load(port, exactRequests, 60);
    worst = Math.max(worst, Math.abs((100 * (seen["fresh"] ?? 0)) / requests - percent));
  }
  line(`${kind}: share off by at most`, worst, "points", exactRequests);
}

async function measureLoss(kind: string, driver: TrafficDriver, versions: Versions, port: number): Promise<void> {
  const underLoad = load(port, unlimited, (shifts * shiftEveryMs) / 1000);
  for (let nth = 0; nth < shifts; nth += 1) {
    await shift(driver, versions, [5, 25, 50, 100, 0][nth % 5] ?? 0);
    await delay(shiftEveryMs);
  }
  const { requests, lost } = await underLoad;
  line(`${kind}: lost during ${shifts} shifts under load`, lost, "requests", requests);
}

async function measure(kind: TrafficSettings["driver"], versions: Versions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tg-bench-"));
  const port = await freePorts(3);
  const traffic = agentSettings.shape.traffic.parse({ prod: { driver: kind } })["prod"] ?? { driver: "embedded" };
  const drive = await openDrive(traffic, {
    folder: join(folder, "traffic"),
    fronts: [{ service: "shop", port }],
    ports: { status: port + 1, log: port + 2 },
    log: (message) => console.error(message),
  });
  const driver = drive.drivers.get("shop");
  if (driver === undefined) throw new Error("no driver");
  try {
    await measureEffect(kind, driver, versions);
    await measureExactness(kind, driver, versions, port);
    await measureLoss(kind, driver, versions, port);
    await shift(driver, versions, 50);
    const { perSecond, requests } = await load(port, unlimited, throughputSeconds);
    line(`${kind}: through the proxy`, perSecond, "requests/s", requests);
    return perSecond;
  } finally {
    await drive.close("stop");
    rmSync(folder, { recursive: true, force: true });
  }
}

const ports = await freePorts(2);
const versions = { live: ports, fresh: ports + 1 };
const children = [await startVersion("live", versions.live), await startVersion("fresh", versions.fresh)];
const direct = await load(versions.live, unlimited, throughputSeconds);
line("direct: without a proxy", direct.perSecond, "requests/s", direct.requests);
for (const [kind, program] of [
  ["embedded", process.execPath],
  ["haproxy", "/usr/sbin/haproxy"],
  ["nginx", "/usr/sbin/nginx"],
] as const) {
  if (!existsSync(program)) {
    console.error(`not run: ${kind} (${program} is not installed)`);
    continue;
  }
  const perSecond = await measure(kind, versions);
  line(`${kind}: through the proxy / direct`, perSecond / direct.perSecond, "ratio", 1);
}
for (const child of children) child.disconnect();
