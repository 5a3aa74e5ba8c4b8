import { worldIn } from "#cli/calendar/world.ts";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import {
  defaultLeastMonthlyHours,
  defaultUsualRun,
  lintCatalog,
  lintRange,
  orderedCatalog,
  type CatalogLint,
} from "#core/calendar/lint-catalog.ts";
import { defaultDecisionTime } from "#core/calendar/lint-approvers.ts";
import { usualRunsFrom } from "#core/calendar/lint-usual-run.ts";
import { systemClock } from "#runtime/clock.ts";

interface Flags {
  readonly usualRun?: string;
  readonly decisionTime: string;
  readonly leastHours: string;
  readonly at?: string;
  readonly strict?: true;
}

interface Settings {
  /** Null: what is known of each service. */
  readonly usualRun: Temporal.Duration | null;
  readonly decisionTime: Temporal.Duration;
  readonly leastHours: number;
}

interface Found extends Pick<CatalogLint, "checked"> {
  readonly hints: readonly {
    readonly code: string;
    readonly kind: string;
    readonly name: string;
    readonly message: string;
  }[];
  readonly since: string;
  readonly until: string;
}

export const lintCommand: AddCommand = (group, io) => {
  group
    .command("lint [dir]")
    .description("What is legal in a calendar and hardly meant: of a folder, or of the configuration in force")
    .option(
      "--usual-run <duration>",
      `name openings shorter than this; if absent, than the P95 of runs and their way back, or ${defaultUsualRun.toString()} where none is known`,
    )
    .option(
      "--decision-time <duration>",
      "how long before a window opens somebody may still approve",
      defaultDecisionTime.toString(),
    )
    .option(
      "--least-hours <hours>",
      "name services with less open time than this in some month",
      String(defaultLeastMonthlyHours),
    )
    .option("--at <time>", "with a folder: look at the months from this instant on; now if absent")
    .option("--strict", "exit 1 when there is anything to say")
    .action(async (dir: string | undefined, flags: Flags) => {
      const settings = settingsOf(flags);
      if (dir === undefined && flags.at !== undefined)
        throw usage("--at needs a folder; a server judges by its own clock.");
      const found = dir === undefined ? await lintServer(io, settings) : lintFolder(io, dir, settings, flags.at);
      show(io, found);
      if (flags.strict === true && found.hints.length > 0) io.setExit(exitCodes.error);
    });
};

function settingsOf(flags: Flags): Settings {
  const leastHours = Number(flags.leastHours);
  if (flags.leastHours.trim() === "" || !(leastHours >= 0 && leastHours <= 744))
    throw usage(`"${flags.leastHours}" is not a number of hours from 0 to 744.`);
  return {
    usualRun: flags.usualRun === undefined ? null : durationOf(flags.usualRun),
    decisionTime: durationOf(flags.decisionTime),
    leastHours,
  };
}

/** Whole minutes up to a week, as the API takes them. */
const mostMinutes = 10_080;

function durationOf(text: string): Temporal.Duration {
  const wrong = usage(`"${text}" is not a duration from a minute to a week; write PT90M or PT4H.`);
  let minutes: number;
  try {
    minutes = Temporal.Duration.from(text).total("minutes");
  } catch {
    throw wrong;
  }
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > mostMinutes) throw wrong;
  return Temporal.Duration.from({ minutes }).round({ largestUnit: "hours" });
}

async function lintServer(io: Io, { usualRun, decisionTime, leastHours }: Settings): Promise<Found> {
  const minutes = { usualRun: usualRun?.total("minutes"), decisionTime: decisionTime.total("minutes") };
  const query = { ...minutes, leastHours };
  const { hints, checked, since, until } = answered(await connect(io).lintCalendar({ query })).body;
  return { hints, checked, since, until };
}

/** A folder says itself what runs take, in the durations of its State documents. */
function lintFolder(
  io: Io,
  dir: string,
  { usualRun, decisionTime, leastHours }: Settings,
  at: string | undefined,
): Found {
  const between = lintRange(at === undefined ? systemClock.now() : parseAt(at, io));
  const { organisation, state } = worldIn(dir, between);
  const found = lintCatalog({
    ...orderedCatalog(organisation, { imported: state.imported, swaps: state.swaps }, decisionTime),
    between,
    shortestUseful: usualRun ?? defaultUsualRun,
    usualRunOf: usualRunsFrom(usualRun === null ? state.durations : []),
    leastMonthlyHours: leastHours,
  });
  return { ...found, since: between.from.toString(), until: between.to.toString() };
}

function show(io: Io, { hints, checked, since, until }: Found): void {
  const format = io.format();
  if (format === "table" || format === "wide") {
    for (const { message, code } of hints) io.write(`${printable(message)} [${code}]\n`);
  } else if (format === "json") io.write(`${JSON.stringify({ since, until, hints, checked }, null, 2)}\n`);
  else io.write(renderList(format, hints, [], ({ kind, name }) => `${kind}/${name}`));
  const count = hints.length === 0 ? "Nothing odd" : `${hints.length} ${hints.length === 1 ? "hint" : "hints"}`;
  const leftOut = checked.placesLeftOut === 0 ? "" : `; ${checked.placesLeftOut} more were left out`;
  const unknown = checked.windowsWithUnknownApprovers;
  const silent =
    unknown === 0
      ? ""
      : ` In ${unknown} of the windows an approver has no stated hours: whether one is awake is unknown.`;
  io.say(
    `${count}. Looked at ${checked.windows} windows, ${checked.freezes} freezes and ${checked.places} services in ` +
      `environments${leftOut}, ${checked.placesMeasured} with a known usual run, ` +
      `from ${since.slice(0, 10)} to ${until.slice(0, 10)}.${silent}`,
  );
}
