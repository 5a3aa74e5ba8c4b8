import { manualClock, type ManualClock } from "#runtime/clock.ts";
import type { TurnFault, TurnView } from "./scheduler.ts";
import { randomOf, type Random } from "./random.ts";
import { empty } from "./quiet.ts";
import type { Snapshot } from "./snapshot.ts";
import { errorCode, hash256, shorten } from "./trace.ts";
import { Violation, type InvariantId } from "./violation.ts";
import { firstInstant } from "./world.ts";

/** One seed as it is told: its chance, its clock, what has happened so far and what went wrong. */
export interface Story {
  readonly random: Random;
  readonly clock: ManualClock;
  readonly trace: readonly string[];
  readonly situations: ReadonlyMap<string, number>;
  readonly say: (line: string) => void;
  readonly notice: (situation: string) => void;
  readonly fail: (error: unknown) => void;
  readonly isWell: () => boolean;
  /** The first thing that went wrong. */
  readonly violation: () => { readonly id: InvariantId | "none"; readonly message: string } | null;
  /** Adds a turn to the digest of all of them. */
  readonly note: (turn: TurnView, outcome: string, error: unknown) => void;
  readonly digest: () => string;
  /** Processes end and connections break. */
  isStorm: boolean;
  /** Targets do as they like. */
  isRough: boolean;
  faults: number;
  commits: number;
  /** What the database said when it was looked at last. */
  last: Snapshot;
}

export function openStory(seed: bigint): Story {
  const clock = manualClock(firstInstant);
  const trace: string[] = [];
  const named = new Map<string, string>();
  const situations = new Map<string, number>();
  const failures: unknown[] = [];
  const digest = hash256();
  const say = (line: string): void => void trace.push(`${clock.now().toString()} ${shorten(line, named)}`);
  const notice = (situation: string): void => void situations.set(situation, (situations.get(situation) ?? 0) + 1);
  return {
    random: randomOf(seed),
    clock,
    trace,
    situations,
    say,
    notice,
    fail: (error) => void failures.push(error),
    isWell: () => failures.length === 0,
    violation: () => (failures.length === 0 ? null : violationOf(failures[0], named)),
    note: (turn, outcome, error) => {
      const code = error === null ? "" : errorCode(error);
      digest.add(`${turn.task.name}|${turn.label}|${outcome}|${code}`);
      if (code === "40001" || code === "40P01") notice("conflict");
      if (outcome === "blocked") notice("blocked");
      if (outcome !== "done" && outcome !== "failed")
        say(`${turn.task.process.name}/${turn.task.name}: ${outcome} at "${turn.label}"`);
    },
    digest: digest.end,
    isStorm: true,
    isRough: true,
    faults: 0,
    commits: 0,
    last: empty,
  };
}

const maxFaults = 9;

/** What goes wrong with a turn: while the storm lasts, seldom, and rather at COMMIT and at calls. */
export function faultsOf(story: Story): (turn: TurnView) => TurnFault | null {
  const chaos = story.random.fork("faults");
  return (turn) => {
    if (!story.isStorm || story.faults >= maxFaults || turn.task.process.name === "world") return null;
    const isCommit = turn.label === "commit";
    if (!chaos.chance(isCommit ? 0.03 : turn.label.startsWith("call") ? 0.05 : 0.004)) return null;
    story.faults++;
    const kind = turn.hasLine
      ? chaos.weighted({ "crash-before": 2, "crash-after": 3, "lost-before": 2, "lost-after": 3 })
      : chaos.weighted({ "crash-before": 1, "crash-after": 1 });
    story.notice(kind);
    if (isCommit && kind.endsWith("after")) story.notice("commit-reply-lost");
    return kind;
  };
}

function violationOf(failure: unknown, names: Map<string, string>): NonNullable<ReturnType<Story["violation"]>> {
  if (failure instanceof Violation) return { id: failure.id, message: shorten(failure.message, names) };
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return { id: "none", message: shorten(text, names) };
}
