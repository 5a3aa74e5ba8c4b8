import type { FakeDeployer } from "#connectors/fake/deployer.ts";
import type { Asked } from "./clients.ts";
import type { StepRow } from "./snapshot.ts";
import type { Arrival } from "./target.ts";

export const invariantIds = [
  "I1",
  "I2",
  "I3",
  "I4",
  "I5",
  "I6",
  "I7",
  "I8",
  "I9",
  "I10",
  "I11",
  "I12",
  "I14",
  "I16",
  "I17",
  "I21",
  "I22",
  "I23",
] as const;
export type InvariantId = (typeof invariantIds)[number];

export const invariantTitles: Readonly<Record<InvariantId, string>> = {
  I1: "Every accepted request reaches an end.",
  I2: "One request key has one outcome, and a repetition gets it.",
  I3: "A step has its effect once at the target.",
  I4: "A resource is never used beyond its capacity; fencing numbers only rise at the target.",
  I5: "Nothing starts inside a hold, a stop or a freeze that was committed before the decision.",
  I6: "What runs is what was decided about.",
  I7: "Approvals that count are of other people than who asked.",
  I8: "Every begin, turn and end is in the record once.",
  I9: "A run that went back has undone what it did.",
  I10: "Who came first is served first, by priority.",
  I11: "An end is final.",
  I12: "No call is tried more often than the plan allows for each of its executions.",
  I14: "No timer fires early.",
  I16: "A webhook that comes several times asks once.",
  I17: "Once the faults are over everything comes to its end without a hand on the database.",
  I21: "After a run was turned back, or has ended, nothing new begins.",
  I22: "Whatever crashed, what was committed is there.",
  I23: "Whoever has ended holds no lock and no resource.",
};

export class Violation extends Error {
  readonly id: InvariantId;
  constructor(id: InvariantId, message: string) {
    super(message);
    this.name = "Violation";
    this.id = id;
  }
}

export interface Seen {
  readonly now: Temporal.Instant;
  readonly turn: number;
  readonly asked: readonly Asked[];
  readonly arrivals: readonly Arrival[];
  readonly lies: ReadonlySet<string>;
  readonly attempts: ReadonlyMap<string, number>;
  readonly fleet: FakeDeployer;
  /** What was started at the place of commands, in order. */
  readonly commands: readonly { readonly key: string }[];
  /** Capacity of each resource, the largest that was in force at any time since its claims were granted. */
  readonly capacities: ReadonlyMap<string, number>;
  /** Turn of the begin of the transaction that has just committed. */
  readonly begunAt: number;
  /** Turn in which the freeze over stage came into force; null: there is none. */
  readonly frozenSince: number | null;
  /** Turn in which a hold or stop was first seen, by id. */
  readonly blockedSince: ReadonlyMap<string, number>;
  readonly webhooks: ReadonlyMap<string, number>;
  /** Turn in which each ended step was first seen to have ended. */
  readonly endedSteps: ReadonlyMap<string, number>;
}

export const stepId = ({ run, part, name }: Pick<StepRow, "run" | "part" | "name">): string => `${run}:${part}:${name}`;
export const isOpen = ({ state }: { readonly state: string }): boolean => state === "queued" || state === "running";

export function assure(isSo: boolean, id: InvariantId, message: () => string): void {
  if (!isSo) throw new Violation(id, message());
}
