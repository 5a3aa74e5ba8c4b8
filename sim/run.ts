import type { Store } from "./database.ts";
import { openInstallation, type Installation } from "./installation.ts";
import { grantedAndQueued } from "./invariants.ts";
import type { Mutant } from "./mutants.ts";
import type { SweepName } from "./plane.ts";
import { surroundWith } from "./process.ts";
import { isSettled, neededSweeps, unsettled } from "./quiet.ts";
import { openStory, type Story } from "./story.ts";
import { Violation, type InvariantId } from "./violation.ts";
import { firstInstant } from "./world.ts";

export interface SeedReport {
  readonly seed: bigint;
  readonly violation: { readonly id: InvariantId | "none"; readonly message: string } | null;
  readonly trace: readonly string[];
  readonly situations: ReadonlyMap<string, number>;
  readonly turns: number;
  readonly commits: number;
  readonly faults: number;
  readonly runs: number;
  readonly ended: number;
  readonly virtualSeconds: number;
  /** Digest over every turn: two runs of one seed agree in it or were not the same. */
  readonly digest: string;
}

export interface SeedOptions {
  readonly seed: bigint;
  readonly store: Store;
  readonly mutant: Mutant;
}

/** Things that happen in the storm, people's and others', before the faults are over. */
const stormActs = 34;
/** Tasks under way at the same time: enough to meet, few enough to come to an end. */
const maxTasks = 7;
/** Rounds after the storm in which everything must have come to its end. */
const maxRounds = 120;
/** Rounds after the storm in which targets go on as they like: most calls are made then. */
const roughRounds = 8;
/** Looks of a worker after which whoever was given what it waits for has begun. */
const wakeRounds = 6;
/** Processes that are up, below which none freezes. */
const fewestUp = 4;

const stormWeights = { person: 34, sweep: 46, clock: 12, pause: 2, resume: 4, restart: 8 } as const;
const sweepWeights: Readonly<Record<SweepName, number>> = {
  runs: 30,
  engine: 40,
  waiting: 12,
  lost: 3,
  hooks: 6,
  lapse: 1,
};

export async function runSeed({ seed, store, mutant }: SeedOptions): Promise<SeedReport> {
  const story = openStory(seed);
  const installation = await openInstallation(story, store, mutant);
  try {
    await installation.eye.look(0, "world");
    await storm(story, installation);
    await quiet(story, installation);
  } catch (error) {
    story.fail(error);
  } finally {
    surroundWith(null);
    await installation.close();
  }
  const { runs } = story.last;
  return {
    seed,
    violation: story.violation(),
    trace: story.trace,
    situations: story.situations,
    turns: installation.scheduler.turns(),
    commits: story.commits,
    faults: story.faults,
    runs: runs.length,
    ended: runs.filter(({ endedAt }) => endedAt !== null).length,
    virtualSeconds: Math.round(story.clock.now().since(firstInstant).total("seconds")),
    digest: story.digest(),
  };
}

/** Everything happens at once, and processes and connections break. */
async function storm(story: Story, installation: Installation): Promise<void> {
  const { scheduler, crew, actors } = installation;
  const happenings = happeningsOf(story, installation);
  for (let acts = 0; acts < stormActs && story.isWell();) {
    const canStep = scheduler.live().length > 0 && (scheduler.live().length >= maxTasks || actors.chance(0.88));
    if (canStep && (await scheduler.step())) continue;
    acts++;
    await happenings[actors.weighted(stormWeights)]();
  }
  story.isStorm = false;
  story.say("the storm of faults is over");
  crew.inState("paused").forEach(crew.wakeUp);
  crew.inState("down").forEach(crew.restart);
  await settleAll(story, installation);
}

function happeningsOf(
  story: Story,
  { crew, people, actors }: Installation,
): Readonly<Record<keyof typeof stormWeights, () => Promise<void> | void>> {
  return {
    person: () => people.act(),
    sweep: () => crew.sweep(actors.pick(crew.workers), actors.weighted(sweepWeights)),
    clock: async () => {
      const kind = actors.weighted({ seconds: 3, due: 6, hours: 1 });
      if (kind === "hours") story.notice("clock-jump");
      const next = kind === "due" ? crew.nextDue() : null;
      const by = kind === "hours" ? 3600 * (1 + actors.below(9)) : 1 + actors.below(40);
      await crew.setClock(next ?? story.clock.now().add({ seconds: by }));
    },
    pause: () => {
      const up = crew.inState("up");
      if (up.length >= fewestUp) crew.pause(actors.pick(up));
    },
    resume: () => crew.inState("paused").slice(0, 1).forEach(crew.wakeUp),
    restart: () => crew.inState("down").slice(0, 1).forEach(crew.restart),
  };
}

async function settleAll(story: Story, { scheduler }: Installation): Promise<void> {
  while (story.isWell() && (await scheduler.step())) continue;
}

/** No more faults: everything comes to its end, and then the oracle looks at all of it. */
async function quiet(story: Story, installation: Installation): Promise<void> {
  const { scheduler, eye } = installation;
  let forgotten: ReadonlyMap<string, number> = new Map();
  let round = 0;
  for (; round < maxRounds && story.isWell(); round++) {
    if (story.isRough && round === roughRounds) {
      story.isRough = false;
      story.say("the targets behave");
    }
    await eye.look(scheduler.turns(), "world");
    if (isSettled(story.last) && round > 0) break;
    forgotten = stillForgotten(story, forgotten);
    await playRound(story, installation, round);
  }
  if (!story.isWell()) return;
  await eye.look(scheduler.turns(), "world");
  const left = unsettled(story.last);
  if (left !== null) throw new Violation("I17", `${round} rounds after the faults were over this is left: ${left}`);
  eye.checkEnd();
}

/** For how many rounds each step has had what it uses and has not begun. */
function stillForgotten({ last }: Story, before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const now = new Map(grantedAndQueued(last).map((id) => [id, (before.get(id) ?? 0) + 1]));
  for (const [id, rounds] of now) {
    if (rounds > wakeRounds) throw new Violation("I17", `${id} has been given what it uses and does not begin.`);
  }
  return now;
}

async function playRound(story: Story, installation: Installation, round: number): Promise<void> {
  const { crew, people, actors } = installation;
  people.attend(round);
  await settleAll(story, installation);
  for (const name of neededSweeps(story.last, round))
    crew.sweep(crew.workers[round % crew.workers.length] ?? actors.pick(crew.workers), name);
  await settleAll(story, installation);
  // What nothing is due for ends by an age: a gate that nobody claims, a lease of a worker that is no more.
  const later = story.clock.now().add(round < 4 ? { seconds: 20 } : { hours: 6 });
  await crew.setClock(crew.nextDue(round % 4 === 0) ?? later);
  await settleAll(story, installation);
}
