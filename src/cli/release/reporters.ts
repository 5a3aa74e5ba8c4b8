import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import type { listReporters } from "#contract/report.ts";

type Reporter = z.infer<(typeof listReporters)["answers"][200]>["items"][number];

const columns: readonly Column<Reporter>[] = [
  { title: "HEARD", text: ({ heardAt }) => toSecond(heardAt) },
  { title: "STATE", text: stateOf },
  { title: "SOURCE", text: ({ source }) => source },
  { title: "KIND", text: ({ kind }) => kind },
  {
    title: "ABOUT",
    text: ({ service, environment }) => (environment === null ? service : `${service} ${environment}`),
  },
  { title: "SAID", text: ({ outcome }) => outcome ?? "-" },
];

export const reporters: AddCommand = (program, io) => {
  program
    .command("reporters")
    .description("Who reports signals and error budgets: the silent ones first, then by age")
    .action(async () => {
      const { items, left } = answered(await connect(io).listReporters({})).body;
      io.write(renderList(io.format(), items, columns, ({ source }) => source));
      if (left > 0) io.say(`There are ${left} more.`);
    });
};

function stateOf({ silent, freshUntil }: Reporter): string {
  if (freshUntil === null) return "reports changes";
  return `${silent ? "SILENT since" : "fresh until"} ${toSecond(freshUntil)}`;
}
