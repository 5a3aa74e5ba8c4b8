import { fakeCommander } from "#connectors/fake/commander.ts";
import type { Commander, CommandState, CommandWork, Failure } from "#connectors/port.ts";
import { err, type Result } from "#core/result.ts";
import type { TargetOptions } from "./target.ts";

/** Commands at a place that run once per key, whatever becomes of the answers. */
export interface CommandPlace {
  readonly commander: Commander;
  /** Keys under which something was started, in order: it never lies. */
  readonly started: readonly { readonly key: string; readonly work: CommandWork }[];
}

const manners = { honest: 70, unreachable: 10, "lost-answer": 12, "mixed-up": 4, "no-for-good": 2 } as const;
const ends = { done: 20, failed: 1, lost: 1 } as const;
const unreachable: Failure = {
  code: "unreachable",
  message: "The place cannot be reached; ask again.",
  retry: "later",
};
const refused: Failure = { code: "refused", message: "The place refuses the command; look there.", retry: "never" };

/** A place behind turns: each call meets a fault now and then, and a command ends when somebody looks again. */
export function commandPlace({ random, scheduler, isFaulty, notice, trace }: TargetOptions): CommandPlace {
  const fake = fakeCommander({ drain: { ends: "hold" }, migration: { ends: "hold" } });
  const calling = (
    what: string,
    key: string,
    body: () => Promise<Result<CommandState, Failure>>,
  ): Promise<Result<CommandState, Failure>> => {
    const manner = isFaulty() ? random.weighted(manners) : "honest";
    return scheduler.turn(`command ${what}`, async () => {
      if (manner !== "honest") {
        notice(`command-${manner}`);
        trace(`command ${what} ${key} ${manner}`);
      }
      if (manner === "unreachable") return err(unreachable);
      if (manner === "no-for-good") return err(refused);
      if (manner === "lost-answer") fake.loseAnswers(1);
      if (manner === "mixed-up") fake.mixUp(1);
      const answer = await body();
      fake.loseAnswers(0);
      fake.mixUp(0);
      return answer;
    });
  };
  const end = (key: string): void => {
    const state = isFaulty() ? random.weighted(ends) : "done";
    fake.finish(key, state);
    trace(`command ${key} ${state}`);
  };
  return {
    started: fake.started,
    commander: {
      id: fake.id,
      run: (wish, command) =>
        calling("run", command.key, async () => {
          const known = fake.started.length;
          const answer = await fake.run(wish, command);
          if (fake.started.length > known) notice("command-started");
          return answer;
        }),
      look: (target, key) =>
        calling("look", key, async () => {
          const standing = await fake.look(target, key);
          if (standing.ok && standing.value.state === "running" && random.chance(0.7)) end(key);
          return standing;
        }),
      cancel: (target, command) => calling("cancel", command.key, () => fake.cancel(target, command)),
    },
  };
}
