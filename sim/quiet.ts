import { sweepNames, type SweepName } from "./plane.ts";
import type { Snapshot } from "./snapshot.ts";

/* What is left to do once the faults are over. */

export const empty: Snapshot = {
  runs: [],
  steps: [],
  claims: [],
  deployments: [],
  approvals: [],
  holds: [],
  stops: [],
  acts: [],
  flows: [],
  decisions: [],
  deeds: [],
  locks: [],
  told: [],
  gates: [],
  hooksLeft: 0,
  auditEntries: 0,
};

/** In the quiet after the storm only what may find something is swept; now and then everything. */
export function neededSweeps({ deployments, hooksLeft }: Snapshot, round: number): readonly SweepName[] {
  if (round % 5 === 0) return sweepNames;
  const waits = deployments.some(({ state }) => state === "waiting");
  return ["runs", "engine", ...(waits ? ["waiting" as const] : []), ...(hooksLeft > 0 ? ["hooks" as const] : [])];
}

export function isSettled(at: Snapshot): boolean {
  return unsettled(at) === null;
}

export function unsettled({ runs, deployments, flows, hooksLeft }: Snapshot): string | null {
  const open = [
    ...runs.filter(({ endedAt }) => endedAt === null).map(({ id }) => `${id} runs`),
    ...deployments
      .filter(({ state }) => ["waiting", "queued", "running"].includes(state))
      .map(({ id, state }) => `${id} is ${state}`),
    ...flows
      .filter(({ state }) => state === "queued" || state === "running")
      .map(({ id, state }) => `the flow ${id} is ${state}`),
    ...(hooksLeft > 0 ? [`${hooksLeft} webhooks`] : []),
  ];
  return open.length === 0 ? null : open.slice(0, 5).join(", ");
}
