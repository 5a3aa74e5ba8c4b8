import type { Command } from "commander";
import type { z } from "zod";
import { textOf } from "#cli/calendar/import.ts";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList, renderObject } from "#cli/output.ts";
import { parseAt, roughly } from "#cli/time.ts";
import type { coverChange, rotaSource } from "#contract/cover.ts";

type Source = z.infer<typeof rotaSource>;
type Change = z.infer<typeof coverChange>;

interface ImportFlags {
  readonly team: string;
  readonly source: string;
  readonly zone: string;
  readonly person: readonly string[];
  readonly until?: string;
}

interface SwapFlags {
  readonly team: string;
  readonly person?: string;
  readonly replaces?: string;
  readonly since: string;
  readonly until: string;
  readonly reason: string;
}

const columns = [
  { title: "TEAM", text: ({ team }: Source) => team },
  { title: "SOURCE", text: ({ source }: Source) => source },
  { title: "AGE", text: ({ ageSeconds }: Source) => (ageSeconds === null ? "never read" : ageOf(ageSeconds)) },
  { title: "KNOWN UNTIL", text: ({ until }: Source) => until ?? "" },
  { title: "SHIFTS", text: ({ duties }: Source) => String(duties) },
  { title: "FAILURE", text: ({ failure }: Source) => printable(failure ?? "") },
];

function ageOf(seconds: number): string {
  return roughly(Temporal.Duration.from({ seconds }));
}

export const rotaCommand: AddCommand = (program, io) => {
  const group = program.command("rota").description("Who is on duty, as other systems say: imports, ages, swaps");
  group
    .command("list")
    .description("Imported and subscribed rotas: how old, how far they reach, why they fail")
    .action(async () => {
      const { items } = answered(await connect(io).listRotas()).body;
      io.write(renderList(io.format(), items, columns, ({ source }) => source));
    });
  addImport(group, io);
  addSwap(group, io);
  group
    .command("withdraw <swap>")
    .description("Take a swap back")
    .requiredOption("--reason <text>", "why")
    .action(async (swap: string, { reason }: { readonly reason: string }) => {
      show(io, answered(await connect(io).withdrawSwap({ params: { swap }, body: { reason } })).body);
    });
};

function addImport(group: Command, io: Io): void {
  group
    .command("import <file-or-url>")
    .description("Take an iCalendar file or address as the rota of a team: every event is a shift")
    .requiredOption("--team <name>", "whose rota it is")
    .requiredOption("--source <name>", "the system or file that says so; its next import takes the place of this one")
    .requiredOption("--zone <zone>", "IANA zone of days and of times that name none")
    .option("--person <name=person>", "whom ATTENDEE, ORGANIZER or SUMMARY mean; may be given often", collect, [])
    .option("--until <time>", "shifts are known up to here; the end of the last one if absent")
    .action(async (from: string, { team, source, zone, person, until }: ImportFlags) => {
      const about = {
        source,
        zone,
        persons: Object.fromEntries(person.map(mappingIn)),
        ...(until === undefined ? {} : { until: parseAt(until, io).toString() }),
      };
      // The server reads addresses, by its own rules; a file is read here.
      const what = /^https?:/i.test(from) ? { url: from } : { calendar: textOf(from) };
      show(io, answered(await connect(io).importRota({ params: { team }, body: { ...about, ...what } })).body);
    });
}

function addSwap(group: Command, io: Io): void {
  group
    .command("swap")
    .description("Somebody steps in, is away, or takes another's place")
    .requiredOption("--team <name>", "in whose rota")
    .option("--person <name>", "who steps in")
    .option("--replaces <name>", "who is away")
    .requiredOption("--since <time>", "from '2026-03-28T02:00[Europe/Berlin]' or an instant with offset on")
    .requiredOption("--until <time>", "to this instant, not included")
    .requiredOption("--reason <text>", "why")
    .action(async ({ team, person, replaces, since, until, reason }: SwapFlags) => {
      const span = { from: parseAt(since, io).toString(), to: parseAt(until, io).toString() };
      const body = { person: person ?? null, replaces: replaces ?? null, ...span, reason };
      show(io, answered(await connect(io).swapShift({ params: { team }, body })).body);
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function mappingIn(text: string): readonly [string, string] {
  const place = text.lastIndexOf("=");
  if (place < 1 || place === text.length - 1)
    throw usage(`--person takes name=person, such as ann@example.org=ann, not "${text}".`);
  return [text.slice(0, place), text.slice(place + 1)];
}

function show(io: Io, change: Change): void {
  const { id, gained, lost } = change;
  const lines = [
    ...gained.map((deployment) => `${deployment} has cover again\n`),
    ...lost.map((deployment) => `${deployment} has lost its cover\n`),
  ];
  io.write(renderObject(io.format(), change, () => `${id}\n${lines.join("")}`, id));
}
