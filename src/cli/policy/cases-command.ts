import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { exitCodes } from "#cli/exit.ts";
import { type Column, printable, renderList, renderObject } from "#cli/output.ts";
import type { listPolicyCases } from "#contract/policy.ts";

type Answer = z.infer<(typeof listPolicyCases)["answers"][200]>;
type Case = Answer["items"][number];

export const casesCommand: AddCommand = (group, io) => {
  group
    .command("cases")
    .description("How the cases of the folder that was applied last stand under the configuration in force")
    .addHelpText(
      "after",
      "\nExits with 1 when a case fails.\n\nExamples:\n  tidegate policy cases\n  tidegate policy cases -o json",
    )
    .action(async () => {
      const { items, left } = answered(await connect(io).listPolicyCases()).body;
      const failed = items.filter(({ failures }) => failures.length > 0);
      if (io.format() === "table") {
        io.write(renderObject("table", items, () => items.map(show).join(""), ""));
      } else {
        io.write(renderList(io.format(), items, columns, ({ name }) => name));
      }
      io.say(`${items.length} ${items.length === 1 ? "case" : "cases"}, ${failed.length} failed.`);
      if (left > 0) io.say(`${left} were not judged: run \`tidegate policy test\` in the folder for all.`);
      if (failed.length > 0) io.setExit(exitCodes.error);
    });
};

function show({ name, failures, verdict, place }: Case): string {
  const state = failures.length === 0 ? "pass" : "FAIL";
  const lines = [`${state}  ${name}  (${verdict ?? "not judged"}, ${place})`, ...failures.map((one) => `      ${one}`)];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

const columns: readonly Column<Case>[] = [
  { title: "CASE", text: ({ name }) => name },
  { title: "STATE", text: ({ failures }) => (failures.length === 0 ? "pass" : "FAIL") },
  { title: "VERDICT", text: ({ verdict }) => verdict ?? "-" },
  { title: "POLICIES", text: ({ policies }) => policies.join(", ") },
  { title: "PLACE", text: ({ place }) => place },
  { title: "FAILURES", text: ({ failures }) => failures.join(" "), wide: true },
];
