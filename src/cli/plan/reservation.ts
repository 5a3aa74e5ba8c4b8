import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { type Column, renderList, renderObject } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import { parseAt } from "#cli/time.ts";
import type { reservation as wire, reserved as wireReserved } from "#contract/reservation.ts";

type Reservation = z.output<typeof wire>;
type Reserved = z.output<typeof wireReserved>;

interface ReserveFlags {
  readonly environment?: string;
  readonly resource?: string;
  readonly team: string;
  readonly from: string;
  readonly to: string;
  readonly seats?: string;
  readonly orNext?: boolean;
  readonly reason: string;
}

const times = "'2026-03-25T09:00[Europe/Berlin]' or an instant with offset";

export const reserve: AddCommand = (program, io) => {
  program
    .command("reserve")
    .description("Reserve an environment, or places of a shared resource, for a team of yours")
    .option("--environment <name>", "this environment")
    .option("--resource <name>", "or this resource")
    .requiredOption("--team <name>", "for this team")
    .requiredOption("--from <time>", times)
    .requiredOption("--to <time>", times)
    .option("--seats <n|all>", "how many places of a resource; one when left out")
    .option("--or-next", "when it is taken, the next free span, moving forward when others let go")
    .requiredOption("--reason <text>", "why")
    .action(async (flags: ReserveFlags) => {
      const { team, from, to, seats, orNext, reason } = flags;
      const body = {
        place: placeOf(flags),
        team,
        from: parseAt(from, io).toString(),
        to: parseAt(to, io).toString(),
        seats: seatsOf(seats),
        orNext: orNext === true,
        reason,
      };
      show(io, answered(await connect(io).reserve({ body })).body);
    });
};

export const reservation: AddCommand = (program, io) => {
  const group = program.command("reservation").description("Who has an environment or a shared resource until when");
  group
    .command("list")
    .description("Reservations that are not over, in the order of their begins")
    .option("--environment <name>", "of this environment")
    .option("--resource <name>", "of this resource")
    .action(async (query: { readonly environment?: string; readonly resource?: string }) => {
      const { items } = answered(await connect(io).listReservations({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (items.length === 0) io.say("Nothing is reserved.");
    });
  group
    .command("extend <id>")
    .description("Another end, later or earlier")
    .requiredOption("--to <time>", times)
    .action(async (id: string, { to }: { readonly to: string }) => {
      const body = { to: parseAt(to, io).toString() };
      show(io, answered(await connect(io).extendReservation({ params: { id }, body })).body);
    });
  group
    .command("release <id>")
    .description("Let go early; those behind it move forward")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, body: { readonly reason: string }) => {
      const released = answered(await connect(io).releaseReservation({ params: { id }, body })).body;
      const moved = released.moved.map((one) => `${sentenceOf(one)}, earlier than before\n`);
      io.write(renderObject(io.format(), released, () => [`${id} is let go of\n`, ...moved].join(""), id));
    });
  addArbitrate(group, io);
};

interface ArbitrateFlags {
  readonly team: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

function addArbitrate(group: Parameters<AddCommand>[0], io: Io): void {
  group
    .command("arbitrate <id>")
    .description("Decide between two teams: another one gets the span, this reservation the next free one")
    .requiredOption("--team <name>", "who gets it")
    .requiredOption("--from <time>", times)
    .requiredOption("--to <time>", times)
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, { team, from, to, reason }: ArbitrateFlags) => {
      const body = { team, from: parseAt(from, io).toString(), to: parseAt(to, io).toString(), reason };
      const decided = answered(await connect(io).arbitrateReservation({ params: { id }, body })).body;
      const { winner, loser } = decided;
      const said = `${sentenceOf(winner)}\n${sentenceOf(loser)}, moved behind it\n`;
      io.write(renderObject(io.format(), decided, () => said, winner.id));
    });
}

const columns: readonly Column<Reservation>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "PLACE", text: ({ place }) => place },
  { title: "SEATS", text: ({ seats }) => seats.join(", ") },
  { title: "TEAM", text: ({ team }) => team },
  { title: "FROM", text: ({ from }) => toSecond(from) },
  { title: "TO", text: ({ to }) => toSecond(to) },
  { title: "REASON", text: ({ reason }) => reason },
];

function placeOf({ environment, resource }: ReserveFlags): { kind: "environment" | "resource"; name: string } {
  if (environment !== undefined && resource === undefined) return { kind: "environment", name: environment };
  if (resource !== undefined && environment === undefined) return { kind: "resource", name: resource };
  throw usage("Name one place: --environment or --resource.");
}

function seatsOf(text: string | undefined): number | "all" {
  if (text === undefined) return 1;
  if (text === "all") return "all";
  const seats = Number(text);
  if (!Number.isSafeInteger(seats) || seats < 1)
    throw usage(`"${text}" is no number of places. Write a number, or all.`);
  return seats;
}

/** Exit code as of everything that has to wait when it is taken. */
function show(io: Io, found: Reserved): void {
  const { reservation: made, takenBy, options } = found;
  if (made !== null) {
    io.write(renderObject(io.format(), found, () => `${sentenceOf(made)}\n`, made.id));
    return;
  }
  const lines = [
    "Nothing was reserved. It is taken:",
    ...takenBy.map((one) => `  ${sentenceOf(one)}: ${one.reason}`),
    "What is possible:",
    ...options.map(({ kind, spans }) => `  ${kind}: ${spans.map(({ from, to }) => `${from} to ${to}`).join(" and ")}`),
  ];
  io.write(renderObject(io.format(), found, () => `${lines.join("\n")}\n`, "taken"));
  io.setExit(exitCodes.mustWait);
}

function sentenceOf({ id, place, team, from, to }: Reservation): string {
  return `${id}: ${team} has ${place} from ${from} to ${to}`;
}
