import type { Client } from "#contract/client.ts";

type About = { readonly service: string; readonly version: string; readonly environment: string };

/** A freeze may end where no window is open, and a window open into a freeze: a few steps reach an instant without both. */
const maxSteps = 10;

/**
 * Shifts the domain clock of the demonstration to ten minutes into the next opening of the environment, unless it is
 * open now: visitors come at all hours. Returns the instant that was set, or null.
 */
export async function openWindow(administrator: Client, asker: Client, about: About): Promise<string | null> {
  let shifted: string | null = null;
  for (let step = 0; step < maxSteps; step++) {
    const opens = await lastObstacleEnds(asker, about);
    if (opens === null) return shifted;
    const set = await administrator.setClock({ body: { now: opens.add({ minutes: 10 }).toString() } });
    if (!set.ok) throw new Error(`${set.problem.title} ${set.problem.detail}`);
    shifted = set.body.now;
  }
  throw new Error(`No opening of ${about.environment} was reached in ${maxSteps} steps.`);
}

/** When the last rule of time that is in the way passes; null when none is. */
async function lastObstacleEnds(asker: Client, about: About): Promise<Temporal.Instant | null> {
  const asked = await asker.askVerdict({ body: about });
  if (!asked.ok) throw new Error(`${asked.problem.title} ${asked.problem.detail}`);
  const blocked = asked.body.findings.filter(
    ({ rule, outcome }) => timeRules.has(rule) && outcome !== "pass" && outcome !== "not-applicable",
  );
  if (blocked.length === 0) return null;
  const last = blocked
    .flatMap(({ until }) => (until === null ? [] : [until]))
    .toSorted()
    .at(-1);
  if (last === undefined) throw new Error(`No opening of ${about.environment} is known.`);
  return Temporal.Instant.from(last);
}

const timeRules: ReadonlySet<string> = new Set(["inside-window", "freeze-in-force", "fits-before-closing"]);
