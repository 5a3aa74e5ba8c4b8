import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import type { sequenceForecast, sequence as wire } from "#contract/sequence.ts";

type Sequence = z.output<typeof wire>;
type Release = z.output<typeof sequenceForecast>["releases"][number];

export const sequence: AddCommand = (program, io) => {
  const group = program.command("sequence").description("Releases of several services that go one after the other");
  group
    .command("list")
    .description("Sequences in force, by name")
    .action(async () => {
      const { items } = answered(await connect(io).listSequences()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("There is no sequence: apply a document of kind Sequence.");
    });
  group
    .command("show <name>")
    .description("How each release stands in an environment, when it would be ready, and what is critical")
    .requiredOption("--environment <name>", "where")
    .action(async (name: string, query: { readonly environment: string }) => {
      const { releases } = answered(await connect(io).forecastSequence({ params: { name }, query })).body;
      io.write(renderList(io.format(), releases, releaseColumns, (release) => release.name));
    });
};

const columns: readonly Column<Sequence>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "OWNER", text: ({ owner }) => owner },
  { title: "ENVIRONMENTS", text: ({ environments }) => environments.join(", ") },
  { title: "RELEASES", text: ({ releases }) => releases.map(({ name }) => name).join(", ") },
];

const releaseColumns: readonly Column<Release>[] = [
  { title: "RELEASE", text: ({ name }) => name },
  { title: "WHAT", text: ({ service, versions }) => (versions === null ? service : `${service} ${versions}`) },
  { title: "AFTER", text: ({ after }) => after.join(", ") },
  { title: "STATE", text: ({ state }) => state },
  { title: "LIVE", text: ({ liveAt }) => toSecond(liveAt) },
  { title: "READY", text: ({ readyAt }) => toSecond(readyAt) },
  { title: "CRITICAL", text: ({ isCritical }) => (isCritical ? "yes" : "") },
];
