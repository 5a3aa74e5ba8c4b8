import type { FakeDeployer } from "#connectors/fake/deployer.ts";
import type { Clients } from "./clients.ts";
import type { CommandPlace } from "./commands.ts";
import type { SimDatabase } from "./database.ts";
import { checkEnd } from "./end-invariants.ts";
import { checkStep } from "./invariants.ts";
import type { Scheduler } from "./scheduler.ts";
import { readSnapshotOf } from "./snapshot.ts";
import type { Story } from "./story.ts";
import type { CalledSystem } from "./target.ts";
import { tell } from "./tell.ts";
import type { Seen } from "./violation.ts";

/** Looks at the database past all faults and lets the oracle compare. */
export interface Eye {
  /** What a commit has changed; `begunAt` is the turn in which its transaction began. */
  readonly look: (begunAt: number, by: string) => Promise<void>;
  readonly checkEnd: () => void;
  /** The freeze over stage is in force from now on, or no more. */
  readonly frozen: (isFrozen: boolean) => void;
}

export interface EyeParts {
  readonly story: Story;
  readonly scheduler: Scheduler;
  readonly database: SimDatabase;
  readonly clients: Clients;
  readonly called: CalledSystem;
  readonly place: CommandPlace;
  readonly fleet: FakeDeployer;
  readonly webhooks: () => ReadonlyMap<string, number>;
}

export function openEye(parts: EyeParts): Eye {
  const { story, scheduler, database, clients, called, place, fleet } = parts;
  let isFirst = true;
  let frozenSince: number | null = null;
  const blockedSince = new Map<string, number>();
  const endedSteps = new Map<string, number>();
  const seen = (begunAt: number): Seen => ({
    now: story.clock.now(),
    turn: scheduler.turns(),
    asked: clients.all,
    arrivals: called.ledger,
    lies: called.lies,
    attempts: called.attempts,
    fleet,
    commands: place.started,
    capacities: new Map([
      ["orders-db", 1],
      ["cluster", 2],
    ]),
    begunAt,
    frozenSince,
    blockedSince,
    endedSteps,
    webhooks: parts.webhooks(),
  });
  const compare = (begunAt: number, by: string, next: Story["last"]): void => {
    const ended = (id: string): void => void endedSteps.set(id, scheduler.turns());
    tell({ before: story.last, after: next, by }, { say: story.say, notice: story.notice, ended });
    for (const { id } of [...next.holds, ...next.stops])
      if (!blockedSince.has(id)) blockedSince.set(id, scheduler.turns());
    try {
      checkStep(story.last, next, seen(begunAt));
    } catch (error) {
      story.fail(error);
    }
  };
  return {
    look: async (begunAt, by) => {
      const next = await readSnapshotOf(database);
      if (!isFirst) compare(begunAt, by, next);
      isFirst = false;
      story.last = next;
    },
    checkEnd: () => checkEnd(story.last, seen(scheduler.turns())),
    frozen: (isFrozen) => {
      frozenSince = isFrozen ? (frozenSince ?? scheduler.turns()) : null;
    },
  };
}
