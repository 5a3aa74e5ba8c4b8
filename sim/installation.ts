import { createOrganisationCache } from "#store/organisation.ts";
import { openClients } from "./clients.ts";
import { commandPlace } from "./commands.ts";
import { openCrew, type Crew } from "./crew.ts";
import type { SimDatabase, Store } from "./database.ts";
import { openEye, type Eye } from "./eye.ts";
import type { Mutant } from "./mutants.ts";
import { openPeople, type People } from "./people.ts";
import { openPlane } from "./plane.ts";
import { surroundWith } from "./process.ts";
import type { Random } from "./random.ts";
import { createScheduler, type Process, type Scheduler, type SchedulerOptions } from "./scheduler.ts";
import { faultsOf, type Story } from "./story.ts";
import { calledSystem, faultyFleet, type TargetOptions } from "./target.ts";
import { fleet as openFleet } from "./world.ts";

/** Everything of one seed: processes, people, targets, a database, and the eye that sees all of it. */
export interface Installation {
  readonly scheduler: Scheduler;
  readonly crew: Crew;
  readonly people: People;
  readonly eye: Eye;
  /** Draws for whoever does something next. */
  readonly actors: Random;
  readonly close: () => Promise<void>;
}

const writes = /^(insert|update|delete|with)\b/i;

export async function openInstallation(story: Story, store: Store, mutant: Mutant): Promise<Installation> {
  const { random, clock } = story;
  const later: { database: SimDatabase | null; eye: Eye | null } = { database: null, eye: null };
  const scheduler: Scheduler = createScheduler({
    random: random.fork("turns"),
    clock,
    fault: faultsOf(story),
    onCrash: async (process) => await later.database?.onCrash(process),
    onError: (_task, error) => story.fail(error),
    onTurn: watching(story, {
      turns: () => scheduler.turns(),
      look: async (begunAt, by) => await later.eye?.look(begunAt, by),
    }),
  });
  surroundWith({ scheduler, clock, random: random.fork("process") });
  const database = await store.begin(scheduler);
  later.database = database;
  if (mutant.prepare !== undefined) await database.look(mutant.prepare, [], () => null);
  const targets = openTargets(story, scheduler);
  const organisations = createOrganisationCache();
  const shared = { organisations, database, scheduler, now: clock.now, notice: story.notice, mutant };
  const { faulty, called, place, fleet } = targets;
  const planeOf = (process: Process) =>
    openPlane({ ...shared, process, fleet: faulty, commander: place.commander, send: called.receive });
  const crew = openCrew({ story, scheduler, database, planeOf });
  const clients = openClients();
  const actors = random.fork("actors");
  const eye = openEye({ story, scheduler, database, clients, called, place, fleet, webhooks: () => people.webhooks });
  later.eye = eye;
  const people: People = openPeople({
    random: random.fork("people"),
    scheduler,
    clients,
    now: clock.now,
    snapshot: () => story.last,
    api: () => {
      const up = crew.apis.filter(({ process }) => process.state === "up");
      return up.length === 0 ? null : actors.pick(up);
    },
    notice: story.notice,
    trace: story.say,
    configured: (next) => eye.frozen(next.frozen),
  });
  return { scheduler, crew, people, eye, actors, close: database.close };
}

/** The eye looks behind every commit of a transaction that has written something. */
function watching(
  story: Story,
  { turns, look }: { readonly turns: () => number; readonly look: Eye["look"] },
): SchedulerOptions["onTurn"] {
  const wrote = new Set<number>();
  return async (turn, outcome, error) => {
    const { task, label } = turn;
    story.note(turn, outcome, error);
    if (label.startsWith("begin")) task.begunAt = turns();
    if (writes.test(label)) wrote.add(task.id);
    if (label !== "commit" || !wrote.delete(task.id)) return;
    if (outcome === "lost-before" || outcome === "crash-before") return;
    story.commits++;
    await look(task.begunAt, `${task.process.name}/${task.name}`);
  };
}

function openTargets(story: Story, scheduler: Scheduler) {
  const { random, clock } = story;
  const outside: Process = { name: "world", state: "up", life: 1 };
  const targets: TargetOptions = {
    random: random.fork("targets"),
    scheduler,
    now: clock.now,
    isFaulty: () => story.isRough,
    notice: story.notice,
    trace: story.say,
    later: (name, body) => void scheduler.spawn(outside, name, body),
  };
  const fleet = openFleet(clock.now, () => Promise.resolve());
  return {
    fleet,
    called: calledSystem(targets),
    place: commandPlace({ ...targets, random: random.fork("commands") }),
    faulty: faultyFleet(targets, fleet),
  };
}
