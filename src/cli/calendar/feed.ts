import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, renderObject } from "#cli/output.ts";
import type { calendarFeed } from "#contract/business-calendar.ts";

type Feed = z.infer<typeof calendarFeed>;

interface Flags {
  readonly label: string;
  readonly environment?: string;
  readonly service?: string;
  readonly include: string;
}

const contents = ["bookings", "freezes", "openings"] as const;

const columns = [
  { title: "ID", text: ({ id }: Feed) => id },
  { title: "LABEL", text: ({ label }: Feed) => printable(label) },
  { title: "ENVIRONMENT", text: ({ environment }: Feed) => environment ?? "all" },
  { title: "SERVICE", text: ({ service }: Feed) => service ?? "all" },
  { title: "SHOWS", text: ({ include }: Feed) => include.join(", ") },
  { title: "REVOKED", text: ({ revokedAt }: Feed) => revokedAt ?? "no" },
];

export const feedCommand: AddCommand = (program, io) => {
  const group = program.command("feed").description("Private iCalendar addresses for views of the calendar");
  group
    .command("create")
    .description("A new address, shown once")
    .requiredOption("--label <text>", "what it is for")
    .option("--environment <name>", "only there")
    .option("--service <name>", "only of this service")
    .option("--include <list>", "bookings, freezes, openings; separated by commas", "bookings,freezes")
    .action(async (flags: Flags) => {
      const { label, environment = null, service = null } = flags;
      const body = { label, environment, service, include: contentsIn(flags.include) };
      const made = answered(await connect(io).createFeed({ body })).body;
      const address = new URL(made.path, io.connection().server).href;
      io.write(renderObject(io.format(), { ...made.feed, address }, () => `${address}\n`, made.feed.id));
      io.say("Whoever holds this address reads what you may read. It is shown this once.");
    });
  group
    .command("list")
    .description("Your feeds")
    .action(async () => {
      const { items } = answered(await connect(io).listFeeds()).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
    });
  group
    .command("revoke <id>")
    .description("End one of your feeds")
    .action(async (id: string) => {
      const { revoked } = answered(await connect(io).revokeFeed({ params: { id } })).body;
      io.say(revoked ? `${id} is revoked.` : `${id} is none of your feeds, or was revoked before.`);
    });
};

function contentsIn(text: string): (typeof contents)[number][] {
  return text.split(",").map((word) => {
    const found = contents.find((content) => content === word.trim());
    if (found === undefined) throw usage(`--include takes ${contents.join(", ")}, not "${word.trim()}".`);
    return found;
  });
}
