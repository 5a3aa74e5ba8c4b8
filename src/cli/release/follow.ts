import { setTimeout as delay } from "node:timers/promises";
import type { Client, Refusal } from "#contract/client.ts";
import { connect, refused, type Io } from "#cli/io.ts";
import { showEvent, type Detail } from "#cli/release/show.ts";
import { printable } from "#cli/output.ts";

/** Looked at again at least this often, even when the stream is silent. */
const lookEveryMs = 2000;

/** Writes each new line of the timeline as it comes, until the deployment has ended; returns its last state. */
export async function follow(io: Io, first: Detail): Promise<Detail> {
  const client = connect(io);
  const isTable = io.format() === "table" || io.format() === "wide";
  const print = (line: string): void => (isTable ? io.write(`${line}\n`) : io.say(line));
  print(`${first.service}@${first.version} → ${first.environment}  ${first.id}`);
  let seen = 0;
  let headline = "";
  let current = first;
  for (;;) {
    if (current.headline !== headline && current.endedAt === null) print(`  ${printable(current.headline)}`);
    headline = current.headline;
    for (const event of current.timeline) {
      if (event.seq > seen) print(showEvent(event));
      seen = Math.max(seen, event.seq);
    }
    if (current.endedAt !== null) {
      print(`${current.state}: ${printable(current.outcome ?? current.headline)}`);
      return current;
    }
    await nextChange(io, current.id);
    current = await lookAgain(io, client, current.id);
  }
}

/** A restart or an upgrade of the server takes seconds; whoever watches sits it out, up to this long. */
const patienceMs = 10 * 60_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** Asks until the server answers again; what it refuses ends the command at once. */
async function lookAgain(io: Io, client: Client, id: string): Promise<Detail> {
  let pauseMs = firstPauseMs;
  for (let waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const found = await client.getDeployment({ params: { id } });
    if (found.ok) {
      if (waitedMs > 0) io.say("The server answers again.");
      return found.body;
    }
    if (!isPassing(found) || waitedMs >= patienceMs) return refused(found);
    if (waitedMs === 0) io.say("The server does not answer; the run goes on without this view. Asking again …");
    await delay(pauseMs, undefined, { signal: io.interrupted });
  }
}

function isPassing({ problem }: Refusal): boolean {
  return problem.code === "unreachable" || problem.code === "bad-answer" || problem.status >= 500;
}

/** Returns at the next event of the deployment or after `lookEveryMs`, whichever comes first. */
async function nextChange(io: Io, id: string): Promise<void> {
  const signal = AbortSignal.any([io.interrupted, AbortSignal.timeout(lookEveryMs)]);
  try {
    for await (const event of connect(io).events({ signal })) {
      if (event.object === id) return;
    }
  } catch {
    // An ended signal is the time-out; anything else shows in the next look.
  }
  io.interrupted.throwIfAborted();
}
