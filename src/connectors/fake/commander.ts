import type { Command, Commander, CommandState, CommandWork, Failure, Target } from "#connectors/port.ts";
import { err, ok, type Result } from "#core/result.ts";

/** How a command at the fake target ends, by its name; `hold`: it runs until `finish`. */
export type FakeCommand =
  | {
      readonly ends: "done" | "failed";
      readonly exitCode?: number;
      readonly isPassing?: boolean;
      readonly output?: string;
    }
  | { readonly ends: "hold" };

export interface FakeCommander extends Commander {
  /** Keys under which something was started, in order. Each stands for one effect. */
  readonly started: readonly { readonly key: string; readonly work: CommandWork }[];
  /** The next calls fail as if the answer were lost; what they ask for happens. */
  readonly loseAnswers: (count: number) => void;
  /** Ends a command that holds. */
  readonly finish: (key: string, state: CommandState["state"], output?: string) => void;
  /** The next answers are about another command. */
  readonly mixUp: (count: number) => void;
}

interface Entry {
  state: CommandState;
}

const beatAt = "2026-03-02T12:00:00Z";

interface Room {
  readonly commands: Readonly<Record<string, FakeCommand>>;
  readonly entries: Map<string, Entry>;
  readonly fences: Map<string, number>;
  readonly started: { key: string; work: CommandWork }[];
  toLose: number;
  toMix: number;
}

/** Commands in memory, under the rules of the agent: fence, then key, then effect. A migration is called `migration`, a look at data `data`. */
export function fakeCommander(commands: Readonly<Record<string, FakeCommand>>): FakeCommander {
  const room: Room = { commands, entries: new Map(), fences: new Map(), started: [], toLose: 0, toMix: 0 };
  return {
    id: "fake",
    started: room.started,
    loseAnswers: (count) => {
      room.toLose = count;
    },
    mixUp: (count) => {
      room.toMix = count;
    },
    finish: (key, state, text = "") => {
      const entry = room.entries.get(key);
      if (entry === undefined) throw new Error(`nothing was started under ${key}`);
      entry.state = { ...entry.state, state, exitCode: state === "done" ? 0 : null, output: printed(text) };
    },
    run: async ({ work, ...target }, command) => run(room, target, work, command),
    look: async (_target, key) => standing(room, key),
    cancel: async (target, command) => {
      const stale = staleness(room, target, command);
      if (stale !== null) return stale;
      const entry = room.entries.get(command.key);
      if (entry?.state.state === "running") entry.state = { ...entry.state, state: "cancelled" };
      return standing(room, command.key);
    },
  };
}

function run(room: Room, target: Target, work: CommandWork, command: Command): Result<CommandState, Failure> {
  const stale = staleness(room, target, command);
  if (stale !== null) return stale;
  const { key } = command;
  if (room.entries.has(key)) return standing(room, key);
  const name = work.kind === "command" ? work.name : work.kind;
  const given = room.commands[name];
  if (given === undefined) return fail("unknown-command", `No command ${name} is allowed there.`, "never");
  room.entries.set(key, { state: begun(key, given) });
  room.started.push({ key, work });
  return standing(room, key);
}

function standing(room: Room, key: string): Result<CommandState, Failure> {
  const entry = room.entries.get(key);
  if (entry === undefined) return fail("unknown-command", `Nothing was started under ${key}.`, "never");
  if (room.toLose > 0) {
    room.toLose -= 1;
    return fail("connection-lost", "The connection broke before the answer.", "later");
  }
  if (room.toMix === 0) return ok(entry.state);
  room.toMix -= 1;
  return ok({ ...entry.state, key: `${key}-other`, state: "done" });
}

function staleness(room: Room, { environment }: Target, { fence }: Command): Result<never, Failure> | null {
  const highest = room.fences.get(environment) ?? 0;
  if (fence < highest) return fail("stale-fence", `Fence ${fence} is behind ${highest} in ${environment}.`, "never");
  room.fences.set(environment, fence);
  return null;
}

function begun(key: string, given: FakeCommand): CommandState {
  const running = { key, exitCode: null, isPassing: false, output: printed(""), beatAt };
  if (given.ends === "hold") return { ...running, state: "running" };
  const exitCode = given.exitCode ?? (given.ends === "done" ? 0 : 1);
  const output = printed(given.output ?? "");
  return { ...running, state: given.ends, exitCode, isPassing: given.isPassing === true, output };
}

function printed(text: string) {
  return { text, bytes: text.length, isCut: false };
}

function fail(code: string, message: string, retry: Failure["retry"]): Result<never, Failure> {
  return err({ code, message, retry });
}
