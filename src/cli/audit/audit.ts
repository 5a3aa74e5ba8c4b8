import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { verifyExport } from "#core/audit/verify.ts";
import { answered, connect } from "#cli/io.ts";
import { CommandEnd, exitCodes } from "#cli/exit.ts";
import { renderList } from "#cli/output.ts";
import { parseAt, sayHere } from "#cli/time.ts";
import type { AddCommand } from "#cli/command.ts";

export const audit: AddCommand = (program, io) => {
  const group = program.command("audit").description("The record: who did what, when, with which outcome");
  group
    .command("list", { isDefault: true })
    .description("Entries, newest first")
    .option("--object <id>", "only about this object")
    .option("--action <noun.verb>", "only this action")
    .option("--limit <n>", "how many at most", "50")
    .action(async (flags: { readonly object?: string; readonly action?: string; readonly limit: string }) => {
      const { items } = answered(await connect(io).listAudit({ query: { ...flags } })).body;
      const columns = [
        { title: "SEQ", text: (row: (typeof items)[number]) => String(row.seq) },
        { title: "AT", text: (row: (typeof items)[number]) => sayHere(row.at) },
        { title: "WHO", text: (row: (typeof items)[number]) => row.person },
        { title: "ACTION", text: (row: (typeof items)[number]) => row.action },
        { title: "OBJECT", text: (row: (typeof items)[number]) => row.object },
        { title: "OUTCOME", text: (row: (typeof items)[number]) => row.outcome },
        { title: "REASON", text: (row: (typeof items)[number]) => row.reason ?? "", wide: true },
      ];
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
    });
  group
    .command("export")
    .description("Entries with the root of their hash tree, for offline verification, as JSON")
    .option("--since <time>", "from this instant on")
    .option("--until <time>", "before this instant")
    .action(async (flags: { readonly since?: string; readonly until?: string }) => {
      const query = {
        ...(flags.since === undefined ? {} : { since: parseAt(flags.since, io).toString() }),
        ...(flags.until === undefined ? {} : { until: parseAt(flags.until, io).toString() }),
      };
      io.write(`${JSON.stringify(answered(await connect(io).exportAudit({ query })).body)}\n`);
    });
  group
    .command("verify <file>")
    .description("Check an export without any server; names the first broken place")
    .action((file: string) => {
      const outcome = verifyExport(readFileSync(file, "utf8"), sha256);
      if (!outcome.ok) throw new CommandEnd(exitCodes.error, `${file}: ${outcome.error.message}`);
      io.write(`${outcome.value.size} entries, root ${outcome.value.root}: whole and in order.\n`);
    });
};

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
