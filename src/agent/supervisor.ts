import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram, type Startable } from "#agent/fleet.ts";
import { claimPort } from "#agent/ports.ts";
import { askIdentity } from "#agent/probe.ts";
import { limitLog, ownsPid, spawnProgram, waitUntilReady } from "#agent/process.ts";
import type { AgentSettings } from "#agent/settings.ts";
import type { ProcessRecord, StateStore } from "#agent/state.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";

/**
 * States of a version's process:
 *
 *   starting → ready        it answered /readyz and /identity as the one we started
 *   starting → failed       it ended or was not ready in time; it is not tried again by itself
 *   ready    → starting     it ended without being told to: started again on its port, with growing pauses
 *   ready    → failed       it ended too often
 *   any      → stopped      told to
 *
 * Every state is on disk before the next one is begun. The record is written before the process is started, so a process
 * started just before a crash of the agent is found again by its port and instance.
 */
const restarts = { limit: 5, withinMs: 60_000, firstPauseMs: 200, backoff: 2, longestPauseMs: 5_000 };
const watchEveryMs = 500;
/** A start always ends: as ready, or as failed after its time or its restarts. */
const settledLookMs = 20;
const adoptWithinMs = 1_000;
const houseKeepingEveryMs = 5_000;

interface Watched {
  readonly record: ProcessRecord;
  /** Null for a process that an agent before this one started. */
  child: ChildProcess | null;
  ended: string | null;
  readonly crashes: number[];
}

export type Wanted = Pick<ProcessRecord, "environment" | "service" | "version" | "digest">;

export interface Supervisor {
  readonly find: (environment: string, service: string, version: string) => ProcessRecord | null;
  /** Starts a program under a new record; returns when it is ready or failed. */
  readonly start: (startable: Startable, wanted: Wanted) => Promise<ProcessRecord>;
  /** Returns when the process of the record is no longer starting. */
  readonly settled: (record: ProcessRecord) => Promise<void>;
  /** Ends a process: asks, waits, kills. */
  readonly stop: (record: ProcessRecord) => Promise<void>;
  /** Takes over the processes of the agent before this one; those that are gone are started again. */
  readonly adopt: () => Promise<void>;
  /** Ends every process and leaves its record as it is: `adopt` of the next agent starts it again, at the same weight. */
  readonly rest: () => Promise<void>;
  /** Stops watching; the processes go on. */
  readonly leave: () => void;
}

export interface SupervisorDeps {
  readonly settings: AgentSettings;
  readonly store: StateStore;
  readonly neighbours: (environment: string, startable: Startable) => Readonly<Record<string, string>>;
  /** Called whenever a process comes up or goes down, before anything else uses its port. */
  readonly changed: (record: ProcessRecord) => void;
  readonly log: (message: string) => void;
}

interface Room extends SupervisorDeps {
  /** By instance. */
  readonly watched: Map<string, Watched>;
  readonly ports: Set<number>;
  isLeaving: boolean;
}

export function supervisor(deps: SupervisorDeps): Supervisor {
  const ports = new Set(deps.store.state.processes.filter(isUp).map((record) => record.port));
  const room: Room = { ...deps, watched: new Map(), ports, isLeaving: false };
  const watchTimer = setInterval(() => void lookAfterAdopted(room), watchEveryMs);
  const logTimer = setInterval(() => void keepHouse(room), houseKeepingEveryMs);
  return {
    find: (environment, service, version) =>
      deps.store.state.processes.find(
        (each) => each.environment === environment && each.service === service && each.version === version,
      ) ?? null,
    start: (startable, wanted) => startNew(room, startable, wanted),
    settled: async (record) => {
      while (record.state === "starting") await delay(settledLookMs);
    },
    stop: (record) => stop(room, record),
    adopt: async () => {
      await Promise.all(deps.store.state.processes.map((record) => adopt(room, record)));
    },
    rest: async () => {
      room.isLeaving = true;
      await Promise.all([...room.watched.values()].map((watched) => end(room, watched)));
    },
    leave: () => {
      room.isLeaving = true;
      clearInterval(watchTimer);
      clearInterval(logTimer);
    },
  };
}

export function isUp({ state }: ProcessRecord): boolean {
  return state === "starting" || state === "ready";
}

async function startNew(room: Room, startable: Startable, wanted: Wanted): Promise<ProcessRecord> {
  const record: ProcessRecord = {
    ...wanted,
    port: await claimPort(room.settings.servicePorts, room.ports),
    instance: randomUUID(),
    pid: null,
    startedAt: null,
    state: "starting",
    reason: null,
  };
  const { processes } = room.store.state;
  const known = processes.findIndex(
    (each) =>
      each.environment === wanted.environment && each.service === wanted.service && each.version === wanted.version,
  );
  if (known === -1) processes.push(record);
  else processes[known] = record;
  const watched = { record, child: null, ended: null, crashes: [] };
  await launch(room, watched, startable);
  await settle(room, watched);
  return record;
}

/** Starts the process of a record. The record is on disk before, with its pid after. */
async function launch(room: Room, watched: Watched, startable: Startable): Promise<void> {
  const { record } = watched;
  record.state = "starting";
  record.startedAt = systemClock.now().toString();
  watched.ended = null;
  room.ports.add(record.port);
  room.watched.set(record.instance, watched);
  await room.store.save();
  const neighbours = room.neighbours(record.environment, startable);
  const child = await spawnProgram(startable, record, neighbours, room.settings.stateFolder);
  watched.child = child;
  record.pid = child.pid ?? null;
  child.once("error", (error) => onEnd(room, watched, child, `It could not be started: ${error.message}.`));
  child.once("exit", (code, by) => {
    onEnd(room, watched, child, `It ended with ${by ?? `exit code ${code}`}; its log says why.`);
  });
  await room.store.save();
}

/** Waits until a starting process is ready or is not going to be. */
async function settle(room: Room, watched: Watched): Promise<void> {
  const { record } = watched;
  const reason = await waitUntilReady(record, room.settings.readyWithinMs, () => watched.ended);
  if (record.state !== "starting") return;
  if (reason === null) {
    record.state = "ready";
    room.changed(record);
  } else await giveUp(room, watched, reason);
  await room.store.save();
}

async function giveUp(room: Room, watched: Watched, reason: string): Promise<void> {
  watched.record.state = "failed";
  watched.record.reason = reason;
  room.log(`${nameOf(watched.record)} failed: ${reason}`);
  await end(room, watched);
}

function nameOf({ environment, service, version }: ProcessRecord): string {
  return `${environment}/${service} ${version}`;
}

function onEnd(room: Room, watched: Watched, child: ChildProcess | null, reason: string): void {
  if (watched.child !== child || watched.ended !== null) return;
  watched.ended = reason;
  watched.record.pid = null;
  if (watched.record.state !== "ready" || room.isLeaving) return;
  void startAgain(room, watched, reason).catch((error: unknown) => {
    room.log(`${nameOf(watched.record)} could not be started again: ${String(error)}`);
  });
}

/** A version that ran and ended: the same program again, on the same port, for its weight still points there. */
async function startAgain(room: Room, watched: Watched, reason: string): Promise<void> {
  const { record, crashes } = watched;
  room.log(`${nameOf(record)}: ${reason}`);
  record.state = "starting";
  for (;;) {
    const nowMs = monotonicMs();
    crashes.push(nowMs);
    const recent = crashes.filter((at) => at > nowMs - restarts.withinMs).length;
    if (recent > restarts.limit) return giveUp(room, watched, `It ended ${recent} times in a minute. ${reason}`);
    await delay(Math.min(restarts.firstPauseMs * restarts.backoff ** (recent - 1), restarts.longestPauseMs));
    // It may have been stopped in the pause.
    if (record.state !== "starting" || room.isLeaving) return;
    const startable = findProgram(room.settings.fleetFile, record);
    if (!startable.ok) return giveUp(room, watched, startable.error.message);
    room.watched.delete(record.instance);
    record.instance = randomUUID();
    await launch(room, watched, startable.value);
    const fault = await waitUntilReady(record, room.settings.readyWithinMs, () => watched.ended);
    if (record.state !== "starting") return;
    if (fault === null) break;
    await end(room, watched);
  }
  record.state = "ready";
  room.changed(record);
  await room.store.save();
}

async function stop(room: Room, record: ProcessRecord): Promise<void> {
  const wasUp = isUp(record);
  record.state = "stopped";
  record.reason = null;
  await room.store.save();
  const watched = room.watched.get(record.instance);
  if (wasUp && watched !== undefined) await end(room, watched);
  await room.store.save();
}

/** Ends the process if it still runs: SIGTERM, then SIGKILL. Never signals a pid that may be somebody else's. */
async function end(room: Room, watched: Watched): Promise<void> {
  const { record } = watched;
  if (await signal(watched, "SIGTERM")) {
    const deadline = monotonicMs() + room.settings.endWithinMs;
    while (await isRunning(watched)) {
      if (monotonicMs() > deadline) {
        await signal(watched, "SIGKILL");
        break;
      }
      await delay(10);
    }
  }
  room.watched.delete(record.instance);
  room.changed(record);
  room.ports.delete(record.port);
  record.pid = null;
}

async function signal(watched: Watched, name: "SIGTERM" | "SIGKILL"): Promise<boolean> {
  const { child, record } = watched;
  if (child !== null) return watched.ended === null && child.kill(name);
  if (record.pid === null || !(await isRunning(watched))) return false;
  try {
    return process.kill(record.pid, name);
  } catch {
    return false;
  }
}

async function isRunning({ child, ended, record }: Watched): Promise<boolean> {
  if (child !== null) return ended === null;
  if (record.pid !== null && ownsPid(record.pid, record.instance)) return true;
  const found = await askIdentity(record.port, adoptWithinMs);
  return found !== null && found !== "refused" && found.instance === record.instance;
}

async function adopt(room: Room, record: ProcessRecord): Promise<void> {
  if (!isUp(record)) return;
  const watched: Watched = { record, child: null, ended: null, crashes: [] };
  const found = await askIdentity(record.port, adoptWithinMs);
  const isOurs = found !== null && found !== "refused" && found.instance === record.instance;
  if (isOurs || (record.pid !== null && ownsPid(record.pid, record.instance))) {
    if (isOurs) record.pid = found.pid;
    room.watched.set(record.instance, watched);
    room.log(`${nameOf(record)} runs on as pid ${record.pid}`);
    if (record.state === "starting") void settle(room, watched);
    return;
  }
  if (record.state === "ready") {
    void startAgain(room, watched, "It was gone when the agent came back.");
    return;
  }
  await giveUp(room, watched, "The agent ended while it was starting.");
  await room.store.save();
}

/** Processes that are not our children tell nobody that they ended: so we look. */
async function lookAfterAdopted(room: Room): Promise<void> {
  for (const watched of room.watched.values()) {
    if (watched.child !== null || watched.ended !== null || watched.record.state !== "ready") continue;
    if (!(await isRunning(watched))) onEnd(room, watched, null, "It ended.");
  }
}

async function keepHouse(room: Room): Promise<void> {
  for (const record of room.store.state.processes) {
    await limitLog(room.settings.stateFolder, record).catch((error: unknown) => room.log(String(error)));
  }
}
