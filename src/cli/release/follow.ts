import { answered, connect, type Io } from "#cli/io.ts";
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
    current = answered(await client.getDeployment({ params: { id: current.id } })).body;
  }
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
