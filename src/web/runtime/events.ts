import type { QueryKey } from "@tanstack/react-query";
import type { StreamEvent } from "#contract/runtime.ts";

/** Connection to the event stream, as the page shows it. */
export type StreamLight = "connecting" | "live" | "paused" | "refused";

/** Keys of the queries whose answers an event of a kind may have changed. `[]` means all of them. */
const touches: Readonly<Record<StreamEvent["kind"], (object: string) => readonly QueryKey[]>> = {
  deployment: (id) => [["deployments"], ["deployment", id], ["matrix"], ["inbox"], ["audit"], ["service"], ["gates"]],
  timeline: (id) => [["deployment", id], ["deployments"]],
  traffic: (id) => [["traffic", id]],
  configuration: (object) => changesOf[object.split("/")[0] ?? ""] ?? [[]],
  clock: () => [[]],
};

/** What a verdict may say otherwise, with the page of a service that shows why. */
const judged: readonly QueryKey[] = [["verdict-at"], ["outline"], ["deployment"], ["service"], ["audit"]];

/**
 * Changes that reach less than a new configuration does, by the word before the name. A stop and a hold are not among
 * them: whatever shows a verdict is read again.
 */
const changesOf: Readonly<Record<string, readonly QueryKey[]>> = {
  exemption: [["exemptions"], ...judged],
  override: judged,
  emergency: [["emergencies"], ...judged],
  debt: [["debts"], ["emergencies"], ...judged],
  gate: [["gates"]],
  signal: [["signals"], ...judged],
  run: [["runs"], ["run"], ["tasks"], ["resources"]],
  "policy-case": [["policy-cases"]],
};

export function queriesTouchedBy(event: Pick<StreamEvent, "kind" | "object">): readonly QueryKey[] {
  return touches[event.kind](event.object);
}

/** Calls are at least this far apart, so a burst of events costs one reading and not one each. */
export const gatherMs = 200;

export interface Timers {
  readonly set: (body: () => void, ms: number) => unknown;
}

/**
 * Passes keys on at once, and those that come within `gatherMs` after that together at its end: the first event of a
 * quiet time shows without delay, a storm of them does not starve the answers.
 */
export function gather(pass: (keys: readonly QueryKey[]) => void, timers: Timers): (keys: readonly QueryKey[]) => void {
  const waiting = new Map<string, QueryKey>();
  let isResting = false;
  const rest = (): void => {
    isResting = true;
    timers.set(() => {
      isResting = false;
      if (waiting.size === 0) return;
      const keys = [...waiting.values()];
      waiting.clear();
      rest();
      pass(keys);
    }, gatherMs);
  };
  return (keys) => {
    if (isResting) {
      for (const key of keys) waiting.set(JSON.stringify(key), key);
      return;
    }
    rest();
    pass(keys);
  };
}
