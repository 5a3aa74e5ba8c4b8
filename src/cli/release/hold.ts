import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList, renderObject } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import { parseAt } from "#cli/time.ts";
import type { hold as wireHold, stop as wireStop } from "#contract/hold.ts";
import type { scope as wireScope } from "#contract/scope.ts";

type Hold = z.infer<typeof wireHold>;
type Stop = z.infer<typeof wireStop>;
type Scope = z.input<typeof wireScope>;

interface ScopeFlags {
  readonly environment?: string[];
  readonly service?: string[];
  readonly team?: string[];
  readonly unit?: string[];
  readonly tag?: string[];
  readonly region?: string[];
  readonly everything?: boolean;
}

interface HoldFlags extends ScopeFlags {
  readonly reason: string;
  readonly until?: string;
  readonly liftedBy?: string;
}

const names = "names, with * and ? as wildcards";

export const hold: AddCommand = (program, io) => {
  program
    .command("hold")
    .description("Hold what matches all that you name, until it is lifted")
    .option("--environment <glob...>", names)
    .option("--service <glob...>", names)
    .option("--team <glob...>", names)
    .option("--unit <glob...>", names)
    .option("--tag <glob...>", names)
    .option("--region <glob...>", names)
    .option("--everything", "whatever it is; for an emergency there is tidegate stop")
    .requiredOption("--reason <text>", "why")
    .option("--until <time>", "lifts itself then")
    .option("--lifted-by <name>", "person, team or role that may lift it; you when left out")
    .action(async (flags: HoldFlags) => {
      const body = {
        scope: scopeOf(flags),
        reason: flags.reason,
        until: untilOf(flags.until),
        liftedBy: flags.liftedBy ?? null,
      };
      const placed = answered(await connect(io).placeHold({ body })).body;
      io.write(renderObject(io.format(), placed, () => `${sayHold(placed)}\n`, placed.id));
    });
};

export const unhold: AddCommand = (program, io) => {
  program
    .command("unhold <id>")
    .description("Lift a hold that names you, a team or a role of yours")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      const lifted = answered(await connect(io).liftHold({ params: { id }, body: { reason } })).body;
      io.write(renderObject(io.format(), lifted, () => `${id} is lifted\n`, id));
    });
};

interface ListFlags {
  readonly all?: boolean;
  readonly limit: string;
}

const holdColumns: readonly Column<Hold>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "SCOPE", text: ({ scope }) => sayScope(scope) },
  { title: "SINCE", text: ({ since }) => toSecond(since) },
  { title: "UNTIL", text: ({ until, ended, liftedBy }) => ended?.at ?? until ?? `lifted by ${liftedBy}` },
  { title: "BY", text: ({ by }) => by },
  { title: "REASON", text: ({ reason }) => reason },
];

export const holds: AddCommand = (program, io) => {
  program
    .command("holds")
    .description("Holds in force, newest first")
    .option("--all", "those that have ended too")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, limit }: ListFlags) => {
      const query = { limit, ...(all === true ? { show: "all" as const } : {}) };
      const { items, next } = answered(await connect(io).listHolds({ query })).body;
      io.write(renderList(io.format(), items, holdColumns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
};

interface StopFlags {
  readonly reason: string;
  readonly until?: string;
  readonly rollBack: boolean;
}

const stopColumns: readonly Column<Stop>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "SINCE", text: ({ since }) => toSecond(since) },
  { title: "UNTIL", text: ({ until, ended }) => ended?.at ?? until ?? "somebody resumes" },
  { title: "ROLL-BACKS", text: ({ allowsRollBack }) => (allowsRollBack ? "pass" : "stop too") },
  { title: "BY", text: ({ by }) => by },
  { title: "REASON", text: ({ reason }) => reason },
];

export const stop: AddCommand = (program, io) => {
  program
    .command("stop")
    .description("The global stop: nothing starts anywhere until somebody resumes")
    .requiredOption("--reason <text>", "why")
    .option("--until <time>", "ends by itself then")
    .option("--no-roll-back", "stop roll-backs too")
    .action(async ({ reason, until, rollBack }: StopFlags) => {
      const body = { reason, until: untilOf(until), allowsRollBack: rollBack };
      const placed = answered(await connect(io).stopAll({ body })).body;
      const sentence = `${placed.id}: nothing starts from now on${rollBack ? ", roll-backs excepted" : ""}\n`;
      io.write(renderObject(io.format(), placed, () => sentence, placed.id));
    });
};

export const stops: AddCommand = (program, io) => {
  program
    .command("stops")
    .description("Global stops in force, newest first")
    .option("--all", "those that have ended too")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, limit }: ListFlags) => {
      const query = { limit, ...(all === true ? { show: "all" as const } : {}) };
      const { items, next } = answered(await connect(io).listStops({ query })).body;
      io.write(renderList(io.format(), items, stopColumns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
};

export const resume: AddCommand = (program, io) => {
  program
    .command("resume [id]")
    .description("End a global stop; without an id the only one in force")
    .requiredOption("--reason <text>", "why")
    .action(async (given: string | undefined, { reason }: { readonly reason: string }) => {
      const calls = connect(io);
      const id = given ?? onlyStop(answered(await calls.listStops()).body.items);
      const ended = answered(await calls.resumeAll({ params: { id }, body: { reason } })).body;
      io.write(renderObject(io.format(), ended, () => `${id} is ended; what waits is judged again\n`, id));
    });
};

function onlyStop(items: readonly Stop[]): string {
  const [first, ...more] = items;
  if (first === undefined) throw usage("Nothing is stopped, so there is nothing to resume.");
  if (more.length > 0) throw usage(`Several stops are in force; name one: ${items.map(({ id }) => id).join(", ")}.`);
  return first.id;
}

function scopeOf(flags: ScopeFlags): Scope {
  const { environment, service, team, unit, tag, region, everything } = flags;
  const fields = { environments: environment, services: service, teams: team, units: unit, tags: tag, regions: region };
  const named = Object.entries(fields).filter(([, globs]) => globs !== undefined);
  if ((named.length === 0) !== (everything === true)) {
    throw usage("Name what to hold (--service, --environment, --team, --unit, --tag, --region), or say --everything.");
  }
  return Object.fromEntries(named);
}

function untilOf(text: string | undefined): string | null {
  return text === undefined ? null : parseAt(text).toString();
}

function sayHold({ id, scope, until, liftedBy }: Hold): string {
  return `${id} holds ${sayScope(scope)} until ${until === null ? "" : `${until} or until `}${liftedBy} lifts it`;
}

function sayScope(scope: Scope): string {
  const fields = Object.entries(scope).map(([field, globs = []]) => `${field} ${globs.join(" or ")}`);
  return fields.length === 0 ? "everything" : fields.join(", ");
}
