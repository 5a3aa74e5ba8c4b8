import { z } from "zod";
import type { Deployer } from "#connectors/port.ts";
import type { FakeDeployer } from "#connectors/fake/deployer.ts";
import type { Operation } from "#connectors/fake/faults.ts";
import type { OutgoingCall } from "#usecases/plan/make-call.ts";
import type { StepEnd } from "#usecases/plan/plan-records.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/*
 * What the product acts on. The system that steps call keeps the rules of a good receiver (a key is done once, a lower
 * fence is refused) and has a ledger that never lies; what it answers, and when, is another matter.
 */

const message = z.object({
  run: z.string(),
  part: z.enum(["forward", "undo", "rollback"]),
  step: z.string(),
  key: z.string(),
  fences: z.record(z.string(), z.number()),
  floors: z.record(z.string(), z.number()),
});

/** One arrival of a call. */
export interface Arrival extends z.infer<typeof message> {
  readonly seq: number;
  readonly at: Temporal.Instant;
  /** The turn in which the sender looked last whether the call is still wanted; without a look, that of the attempt. */
  readonly sentAt: number;
  readonly outcome: "applied" | "replayed" | "refused";
}

export interface CalledSystem {
  readonly ledger: readonly Arrival[];
  /** Answers as the sender of the product does: what may pass is thrown, what will not is an end. */
  readonly receive: (call: OutgoingCall) => Promise<StepEnd>;
  /** Steps for which it said "done" and did nothing. */
  readonly lies: ReadonlySet<string>;
  /** Attempts, by step. */
  readonly attempts: ReadonlyMap<string, number>;
}

export interface TargetOptions {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly now: () => Temporal.Instant;
  readonly isFaulty: () => boolean;
  readonly notice: (situation: string) => void;
  readonly trace: (line: string) => void;
  /** Runs beside everything else, in no process of ours. */
  readonly later: (name: string, body: () => Promise<void>) => void;
}

const manners = {
  honest: 60,
  slow: 6,
  hang: 4,
  "answer-lost": 8,
  "arrives-later": 6,
  unavailable: 6,
  "no-for-good": 3,
  lie: 2,
} as const;

export function calledSystem(options: TargetOptions): CalledSystem {
  const { random, scheduler, now, notice, trace } = options;
  const ledger: Arrival[] = [];
  const done = new Set<string>();
  const highest = new Map<string, number>();
  const lies = new Set<string>();
  const attempts = new Map<string, number>();
  const looks = new Map<number, number>();

  const arrive = (call: z.infer<typeof message>, sentAt: number): "done" | "refused" => {
    const isStale = Object.entries(call.fences).some(([resource, fence]) => fence < (highest.get(resource) ?? 0));
    // The number first, as the agent does: whoever holds nothing any more gets no answer of before either.
    const outcome = isStale ? "refused" : done.has(call.key) ? "replayed" : "applied";
    ledger.push({ ...call, seq: ledger.length + 1, at: now(), sentAt, outcome });
    trace(`target ${outcome} ${call.run} ${call.part}/${call.step} fences ${JSON.stringify(call.fences)}`);
    notice(`target-${outcome}`);
    if (outcome === "refused") return "refused";
    done.add(call.key);
    for (const [resource, floor] of Object.entries(call.floors))
      highest.set(resource, Math.max(floor, highest.get(resource) ?? 0));
    return "done";
  };
  const took: StepEnd = { state: "done", outcome: "ops.example took it." };
  const refused: StepEnd = { state: "failed", outcome: "ops.example answered 409." };
  const answer = (call: z.infer<typeof message>, sentAt: number): StepEnd =>
    arrive(call, sentAt) === "done" ? took : refused;

  return {
    ledger,
    lies,
    attempts,
    receive: async ({ body }) => {
      const call = message.parse(JSON.parse(body));
      const id = `${call.run}:${call.part}:${call.step}`;
      const task = scheduler.current();
      const hasLooked = task !== null && looks.get(task.id) !== task.begunAt;
      const sentAt = hasLooked ? task.begunAt : scheduler.turns();
      if (task !== null) looks.set(task.id, task.begunAt);
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      const manner = options.isFaulty() ? random.weighted(manners) : "honest";
      if (manner !== "honest") notice(`call-${manner}`);
      const effect = <T>(what: () => T): Promise<T> =>
        scheduler.turn(`call ${call.step}`, () => Promise.resolve(what()));
      switch (manner) {
        case "honest":
          return await effect(() => answer(call, sentAt));
        case "slow": {
          const end = await effect(() => answer(call, sentAt));
          await scheduler.sleep(random.below(30) * 60_000);
          return end;
        }
        case "hang":
          await effect(() => undefined);
          await scheduler.sleep(30_000);
          throw new Error("ops.example did not answer in time");
        case "answer-lost":
          await effect(() => arrive(call, sentAt));
          throw new Error("the connection to ops.example was reset");
        case "arrives-later":
          options.later(`late call ${call.step}`, async () => {
            await scheduler.sleep(1_000 + random.below(1_200) * 1_000);
            await effect(() => arrive(call, sentAt));
          });
          throw new Error("the connection to ops.example was reset");
        case "unavailable":
          await effect(() => undefined);
          throw new Error("ops.example answered 503");
        case "no-for-good":
          await effect(() => undefined);
          return { state: "failed", outcome: "ops.example answered 422." };
        case "lie":
          lies.add(id);
          return await effect(() => took);
      }
    },
  };
}

const fleetManners = { slow: 2, unreachable: 5, "lost-answer": 5, garbage: 3, lie: 1, refused: 1 } as const;

/** The fleet behind turns: each call meets a fault now and then. A look is never lied about: looks are what lies are found by. */
export function faultyFleet(options: TargetOptions, fleet: FakeDeployer): Deployer {
  const { random, scheduler, notice, trace } = options;
  const calling = <Input extends unknown[], Output>(
    operation: Operation,
    body: (...input: Input) => Promise<Output>,
  ): ((...input: Input) => Promise<Output>) => {
    return (...input) => {
      const manner = options.isFaulty() && random.chance(0.12) ? random.weighted(fleetManners) : null;
      return scheduler.turn(`fleet ${operation}`, async () => {
        if (manner !== null && !(manner === "lie" && (operation === "observe" || operation === "traffic"))) {
          notice(`fleet-${manner}`);
          trace(`fleet ${operation} ${manner}`);
          fleet.faults.inject(operation, manner === "slow" ? { kind: "slow", ms: 0 } : { kind: manner }, 1);
        }
        const answer = await body(...input);
        fleet.faults.clear();
        return answer;
      });
    };
  };
  return {
    id: fleet.id,
    observe: calling("observe", fleet.observe),
    startVersion: calling("startVersion", fleet.startVersion),
    smoke: calling("smoke", fleet.smoke),
    shift: calling("shift", fleet.shift),
    stopVersion: calling("stopVersion", fleet.stopVersion),
    reach: calling("reach", fleet.reach),
    // The fleet of a simulation names none: what is asked there changes nothing, and no seed.
    proveControls: fleet.proveControls,
    traffic: calling("traffic", fleet.traffic),
  };
}
