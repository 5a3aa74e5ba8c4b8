import type { Client } from "#contract/client.ts";

/**
 * Shifts the domain clock of the demonstration to ten minutes into the next opening of the environment, unless it is
 * open now: visitors come at all hours. Returns the instant that was set, or null.
 */
export async function openWindow(
  administrator: Client,
  asker: Client,
  about: { readonly service: string; readonly version: string; readonly environment: string },
): Promise<string | null> {
  const asked = await asker.askVerdict({ body: about });
  if (!asked.ok) throw new Error(`${asked.problem.title} ${asked.problem.detail}`);
  const blocked = asked.body.findings.filter(
    ({ rule, outcome }) => timeRules.has(rule) && outcome !== "pass" && outcome !== "not-applicable",
  );
  if (blocked.length === 0) return null;
  const opens = blocked.map(({ until }) => until).filter((until) => until !== null);
  const last = opens.toSorted().at(-1);
  if (last === undefined) throw new Error(`No opening of ${about.environment} is known.`);
  const to = Temporal.Instant.from(last).add({ minutes: 10 });
  const set = await administrator.setClock({ body: { now: to.toString() } });
  if (!set.ok) throw new Error(`${set.problem.title} ${set.problem.detail}`);
  return set.body.now;
}

const timeRules: ReadonlySet<string> = new Set(["inside-window", "freeze-in-force", "fits-before-closing"]);
