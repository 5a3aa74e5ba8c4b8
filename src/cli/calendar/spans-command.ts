import { worldIn } from "#cli/calendar/world.ts";
import { spanColumns, spanRows, timetableNotes } from "#cli/calendar/show-timetable.ts";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { renderList } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import { Option } from "commander";
import { stringify } from "yaml";
import { timetableToJson, type JsonTimetable } from "#core/calendar/present-timetable.ts";
import { defaultCalendarDays, maxCalendarDays, viewTimetable } from "#core/calendar/timetable-view.ts";
import { changeActions, changeClasses, type ChangeAction, type ChangeClass } from "#core/catalog/scope.ts";
import { isBefore, type Span } from "#core/span.ts";
import { systemClock } from "#runtime/clock.ts";

interface Flags {
  readonly environment: string;
  readonly service?: string;
  readonly class: ChangeClass;
  readonly action: ChangeAction;
  readonly since?: string;
  readonly until?: string;
  readonly from?: string;
}

export const spansCommand: AddCommand = (group, io) => {
  group
    .command("spans")
    .description("Open spans of an environment, with the rules behind every border")
    .requiredOption("--environment <name>", "where")
    .option("--service <name>", "for this service; otherwise what holds for every service that no narrower rule names")
    .addOption(new Option("--class <class>", "of the change").choices(changeClasses).default("normal"))
    .addOption(new Option("--action <action>", "what is meant to happen").choices(changeActions).default("deploy"))
    .option("--since <time>", "from '2026-03-25T09:00[Europe/Berlin]' or an instant with offset on; now if absent")
    .option("--until <time>", `to this instant, not included; ${defaultCalendarDays} days after the start if absent`)
    .option("--from <dir>", "the calendar in a folder, without a server; the next openings then count from --since")
    .addHelpText(
      "after",
      "\nExamples:\n  tidegate calendar spans --environment prod-emea\n  tidegate calendar spans --environment prod-emea --service cart --from config/ \\\n    --since '2026-03-25T09:00[Europe/Berlin]' --until 2026-04-06T00:00Z",
    )
    .action(async (flags: Flags) => {
      const found = flags.from === undefined ? await fromServer(io, flags) : fromFolder(io, flags.from, flags);
      show(io, found);
    });
};

async function fromServer(io: Io, flags: Flags): Promise<JsonTimetable> {
  const query = {
    environment: flags.environment,
    class: flags.class,
    action: flags.action,
    ...(flags.service === undefined ? {} : { service: flags.service }),
    ...(flags.since === undefined ? {} : { since: parseAt(flags.since, io).toString() }),
    ...(flags.until === undefined ? {} : { until: parseAt(flags.until, io).toString() }),
  };
  return answered(await connect(io).readTimetable({ query })).body;
}

/** The same function over the rules of a folder; no clock but the one that is given. */
function fromFolder(io: Io, folder: string, flags: Flags): JsonTimetable {
  const between = spanOf(io, flags);
  const { organisation } = worldIn(folder, between);
  const environment = organisation.environments.get(flags.environment);
  if (environment === undefined) {
    const known = [...organisation.environments.keys()].join(", ");
    throw usage(`${folder} declares no environment ${flags.environment}. Known: ${known}.`);
  }
  const service = flags.service === undefined ? null : organisation.services.get(flags.service);
  if (service === undefined) throw usage(`${folder} declares no service ${flags.service ?? ""}.`);
  const change = { class: flags.class, action: flags.action };
  const owner = { environment, service, unit: null, change };
  return timetableToJson(viewTimetable(organisation, owner, between, between.from));
}

function spanOf(io: Io, flags: Flags): Span {
  const from = flags.since === undefined ? systemClock.now() : parseAt(flags.since, io);
  const to = flags.until === undefined ? from.add({ hours: defaultCalendarDays * 24 }) : parseAt(flags.until, io);
  if (!isBefore(from, to)) throw usage("--until must lie after --since.");
  if (isBefore(from.add({ hours: maxCalendarDays * 24 }), to)) {
    throw usage(`--until lies more than ${maxCalendarDays} days after --since; ask for a shorter span.`);
  }
  return { from, to };
}

function show(io: Io, timetable: JsonTimetable): void {
  const format = io.format();
  if (format === "json") io.write(`${JSON.stringify(timetable, null, 2)}\n`);
  else if (format === "yaml") io.write(stringify(timetable));
  else {
    io.write(renderList(format, spanRows(timetable), spanColumns(timetable.zone), ({ from }) => from));
    for (const note of timetableNotes(timetable)) io.say(note);
  }
}
