import { Option } from "commander";
import type { z } from "zod";
import type { configurationChange } from "#contract/configuration.ts";
import type { Client } from "#contract/client.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { checkFiles } from "#cli/catalog/check-folder.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import { CommandEnd, exitCodes, usage } from "#cli/exit.ts";
import { isError } from "#config/problem.ts";
import { countProblems, renderProblems } from "#config/render.ts";
import type { AddCommand } from "#cli/command.ts";

interface Outcome {
  readonly applied: boolean;
  readonly revision: number | null;
  readonly changes: readonly z.infer<typeof configurationChange>[];
}

const places = ["client", "server"] as const;

interface ApplyFlags {
  readonly file: string;
  readonly dryRun?: (typeof places)[number];
  readonly allowRemoval?: boolean;
}

type Files = Parameters<Client["applyConfiguration"]>[0]["body"]["files"];

export const apply: AddCommand = (program, io) => {
  program
    .command("apply")
    .description("Make the documents of a folder the configuration in force: all of them, or none")
    .requiredOption("-f, --file <dir>", "folder or file")
    .addOption(
      new Option("--dry-run <where>", "client: check here; server: check there, change nothing").choices(places),
    )
    .option("--allow-removal", "remove what is in force and not in the folder")
    .action(async (flags: ApplyFlags) => {
      const files = checkedFiles(io, flags.file);
      if (flags.dryRun === "client") {
        const count = `${files.length} ${files.length === 1 ? "file" : "files"}`;
        io.say(
          `${count} checked here and nothing wrong. No server was asked; --dry-run server says what would change.`,
        );
        return;
      }
      if (flags.dryRun === undefined && flags.allowRemoval !== true) await refuseRemoval(io, flags.file, files);
      const query = flags.dryRun === "server" ? { dryRun: "server" as const } : {};
      show(io, answered(await connect(io).applyConfiguration({ query, body: { files } })).body);
    });
};

/** More names than this say nothing more. */
const namesShown = 10;

/** The folder is everything: one file of many would take away the rest, which hardly anybody means. */
async function refuseRemoval(io: Io, folder: string, files: Files): Promise<void> {
  const { changes } = answered(await connect(io).diffConfiguration({ body: { files } })).body;
  const removed = changes.filter(({ change }) => change === "removed").map(({ kind, name }) => `${kind}/${name}`);
  if (removed.length === 0) return;
  const shown = removed.slice(0, namesShown).join(", ");
  const rest = removed.length > namesShown ? ` and ${removed.length - namesShown} more` : "";
  throw usage(
    `${folder} would be the whole configuration, and ${removed.length} of the documents in force are not in it: ` +
      `${shown}${rest}. Nothing was applied. Name the whole folder, or remove them with --allow-removal.`,
  );
}

export const diff: AddCommand = (program, io) => {
  program
    .command("diff")
    .description("What applying a folder would change")
    .requiredOption("-f, --file <dir>", "folder or file")
    .action(async (flags: { readonly file: string }) => {
      const files = checkedFiles(io, flags.file);
      show(io, answered(await connect(io).diffConfiguration({ body: { files } })).body);
    });
};

export const exportConfiguration: AddCommand = (program, io) => {
  program
    .command("export")
    .description("The configuration in force as YAML")
    .action(async () => {
      const answer = answered(await connect(io).exportConfiguration()).body;
      io.write(renderObject(io.format(), answer, () => answer.yaml, String(answer.revision ?? "none")));
    });
};

/** Wrong files are shown here with their places, as `lint` shows them; the server checks again. */
function checkedFiles(io: Io, folder: string): Files {
  const files = readFolder(folder);
  const { problems } = checkFiles(files);
  if (problems.length > 0) io.say(renderProblems(problems));
  if (problems.some(isError)) throw new CommandEnd(exitCodes.error, `${countProblems(problems)} Nothing was applied.`);
  return files.map(({ path, text }) => ({ path, text }));
}

function show(io: Io, outcome: Outcome): void {
  const marks = { added: "+", changed: "~", removed: "-" } as const;
  const lines = outcome.changes.flatMap(({ kind, name, change, fields }) => [
    `${marks[change]} ${kind}/${name}`,
    ...fields.map(({ path, before, after }) =>
      printable(`    ${path}: ${JSON.stringify(before) ?? "absent"} → ${JSON.stringify(after) ?? "absent"}`),
    ),
  ]);
  const closing = outcome.applied ? `Applied as revision ${outcome.revision ?? 0}.` : "Nothing was applied.";
  io.write(
    renderObject(
      io.format(),
      outcome,
      () => lines.map((line) => `${line}\n`).join(""),
      String(outcome.revision ?? "none"),
    ),
  );
  io.say(`${countChanges(outcome)}. ${closing}`);
}

function countChanges({ changes, applied }: Outcome): string {
  if (changes.length === 0) return applied ? "No change" : "No change: it is in force already";
  const count = (kind: string): number => changes.filter(({ change }) => change === kind).length;
  return `${count("added")} added, ${count("changed")} changed, ${count("removed")} removed`;
}
