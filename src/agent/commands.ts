import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  commandProgress,
  commandRequest,
  commandStart,
  folderOf,
  readWhole,
  writeWhole,
  type CommandProgress,
  type CommandRequest,
  type CommandStart,
} from "#agent/command-files.ts";
import { startOf } from "#agent/command-start.ts";
import { ownsPid } from "#agent/process.ts";
import type { Refusal } from "#agent/refusal.ts";
import { fenceIn, type Commands, type Place, type World } from "#agent/world.ts";
import type { AgentCommand, runCommandBody } from "#contract/agent.ts";
import { err, ok, type Result } from "#core/result.ts";
import { systemClock } from "#runtime/clock.ts";

/** Commands under way at once; more is a fault of the caller, or belongs to another agent. */
const mostRunning = 8;
/** Ended commands that are kept, and answered for; older ones are removed. */
const keptCommands = 5_000;
/** A runner gives a sign of life every second; without one for longer, and without a process, it is lost. */
const silentMs = 5_000;
/** Longest time from the word to the first sign of life, on a machine that has too much to do. */
const startMs = 60_000;
/** Behind its time-out by more than this, a runner does not do its work any more. */
const overdueMs = 60_000;
const runnerFlags = ["--max-old-space-size=64", "--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];

const fencesFile = z.record(z.string(), z.int());

/** Opens the folder of the commands. Throws if its numbers cannot be read: an agent without memory must not act. */
export async function openCommands(stateFolder: string): Promise<Commands> {
  const folder = join(stateFolder, "commands");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fences = new Map(Object.entries((await readWhole(folder, "fences.json", fencesFile)) ?? {}));
  await prune(folder);
  return {
    fenceOf: (environment) => fences.get(environment) ?? 0,
    accept: async (environment, fence) => {
      if (fence <= (fences.get(environment) ?? 0)) return;
      fences.set(environment, fence);
      await writeWhole(folder, "fences.json", Object.fromEntries(fences));
    },
    running: new Set(),
  };
}

/** The oldest of those that have ended go first. */
async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  if (names.length <= keptCommands) return;
  const known: { readonly path: string; readonly at: string }[] = [];
  for (const { name } of names) {
    const path = join(folder, name);
    const request = await readWhole(path, "request.json", commandRequest);
    const progress = await readWhole(path, "progress.json", commandProgress);
    if (request === null || (progress !== null && progress.end !== null)) known.push({ path, at: request?.at ?? "" });
  }
  const oldest = known.toSorted((a, b) => (a.at < b.at ? -1 : 1)).slice(0, names.length - keptCommands);
  for (const { path } of oldest) await rm(path, { recursive: true, force: true });
}

type Wish = z.infer<typeof runCommandBody>;

/**
 * Runs a command once for its key: a lower fence than the highest seen in the environment is refused, a known key tells
 * how its command stands, and what was asked is on disk before anything happens. Answers when the command is under way.
 */
export function runCommand(world: World, place: Place, wish: Wish): Promise<Result<AgentCommand, Refusal>> {
  const done = world.lanes.enter(`command ${wish.key}`, () => runInTurn(world, place, wish));
  const message = `Too much waits for the command under ${wish.key}; ask again.`;
  return done ?? Promise.resolve(err({ code: "busy", status: 503, message }));
}

async function runInTurn(world: World, place: Place, wish: Wish): Promise<Result<AgentCommand, Refusal>> {
  const { key, fence, work, withinSeconds } = wish;
  const stale = staleIn(world, place, fence);
  if (stale !== null) return err(stale);
  const folder = folderOf(world.settings.stateFolder, key);
  const body = JSON.stringify([place.environment, place.service, work]);
  const known = await readWhole(folder, "request.json", commandRequest);
  if (known !== null && known.body !== body) {
    return err({
      code: "key-conflict",
      status: 409,
      message: `Key ${key} was used for ${known.body}; use another key.`,
    });
  }
  if (
    known !== null &&
    ((await readWhole(folder, "progress.json", commandProgress)) !== null || world.commands.running.has(key))
  ) {
    return ok(await standing(world, known));
  }
  const instance = known?.instance ?? randomUUID();
  const start = await startOf(world.settings, { place, work, key, fence, withinSeconds, folder, instance });
  if (!start.ok) return start;
  if (world.commands.running.size >= mostRunning) {
    const message = `${mostRunning} commands are under way here; ask again.`;
    return err({ code: "busy", status: 503, message });
  }
  await world.commands.accept(place.environment, fence);
  const at = systemClock.now().toString();
  const request: CommandRequest = known ?? { key, body, ...place, fence, instance, withinSeconds, at };
  await writeWhole(folder, "start.json", start.value);
  await writeWhole(folder, "request.json", request);
  launch(world, folder, request, start.value);
  return ok(await standing(world, request));
}

/** The runner is a process group of its own: an agent that ends leaves it, and one that comes finds it. */
function launch(world: World, folder: string, { key }: CommandRequest, { instance }: CommandStart): void {
  const runner = join(import.meta.dirname, "command-runner.ts");
  const child = spawn(process.execPath, [...runnerFlags, runner, folder], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: { INSTANCE: instance, NODE_COMPILE_CACHE: join(world.settings.stateFolder, "compiled") },
  });
  world.commands.running.add(key);
  const gone = (): void => void world.commands.running.delete(key);
  child.once("exit", gone);
  child.once("error", gone);
  child.unref();
}

/** How the command under a key stands. */
export async function lookAtCommand(world: World, place: Place, key: string): Promise<Result<AgentCommand, Refusal>> {
  const request = await readWhole(folderOf(world.settings.stateFolder, key), "request.json", commandRequest);
  if (request === null || request.environment !== place.environment || request.service !== place.service) {
    const message = `Nothing was asked under ${key} for ${place.service} in ${place.environment}.`;
    return err({ code: "unknown-command", status: 404, message });
  }
  await launchForgotten(world, request);
  return ok(await standing(world, request));
}

/** An agent that ended between the word and the deed: the runner's own lock keeps a second one from beginning. */
async function launchForgotten(world: World, request: CommandRequest): Promise<void> {
  const { key, environment, fence } = request;
  if (world.commands.running.has(key) || fence < fenceIn(world, environment)) return;
  const folder = folderOf(world.settings.stateFolder, key);
  if ((await readWhole(folder, "progress.json", commandProgress)) !== null) return;
  const start = await readWhole(folder, "start.json", commandStart);
  if (start !== null) launch(world, folder, request, start);
}

/** Ends the command under a key: its runner asks, waits and kills. What has ended stays as it ended. */
export async function cancelCommand(
  world: World,
  place: Place,
  { key, fence }: { readonly key: string; readonly fence: number },
): Promise<Result<AgentCommand, Refusal>> {
  const found = await lookAtCommand(world, place, key);
  if (!found.ok || found.value.state !== "running") return found;
  const folder = folderOf(world.settings.stateFolder, key);
  const request = await readWhole(folder, "request.json", commandRequest);
  if (request !== null && fence < request.fence) {
    const message = `Fence ${fence} is behind ${request.fence}, under which the command was begun.`;
    return err({ code: "stale-fence", status: 409, message });
  }
  await writeFile(join(folder, "cancel"), "", { mode: 0o600 });
  return found;
}

function staleIn(world: World, { environment }: Place, fence: number): Refusal | null {
  const highest = fenceIn(world, environment);
  if (fence >= highest) return null;
  const message = `Fence ${fence} is behind ${highest} in ${environment}: another run has taken over; stop.`;
  return { code: "stale-fence", status: 409, message };
}

async function standing(world: World, request: CommandRequest): Promise<AgentCommand> {
  const { key, environment, service, at } = request;
  const folder = folderOf(world.settings.stateFolder, key);
  const progress = await readWhole(folder, "progress.json", commandProgress);
  const nothing = { text: "", bytes: 0, isCut: false };
  const head = { key, environment, service, output: progress?.output ?? nothing, beatAt: progress?.beatAt ?? at };
  if (progress !== null && progress.end !== null) return { ...head, ...progress.end };
  const open = { ...head, exitCode: null, isPassing: false };
  if (isAlive(world, request, progress)) return { ...open, state: "running" };
  if (progress !== null) endLeftovers(request, progress);
  return { ...open, state: "lost" };
}

/** Alive by its process, or by a sign of life that is young enough; one that is far behind its time-out is not. */
function isAlive(world: World, request: CommandRequest, progress: CommandProgress | null): boolean {
  const now = systemClock.now().epochMilliseconds;
  const since = Temporal.Instant.from(request.at).epochMilliseconds;
  if (now - since > request.withinSeconds * 1000 + overdueMs) return false;
  if (world.commands.running.has(request.key)) return true;
  if (progress !== null && ownsPid(progress.runnerPid, request.instance)) return true;
  if (progress === null) return now - since < startMs;
  return Math.abs(now - Temporal.Instant.from(progress.beatAt).epochMilliseconds) < silentMs;
}

/** What a lost runner left behind is ended, if it is provably what it started. */
function endLeftovers({ instance }: CommandRequest, { runnerPid, childPid }: CommandProgress): void {
  for (const pid of [childPid, runnerPid]) {
    if (pid === null || !ownsPid(pid, instance)) continue;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
}
