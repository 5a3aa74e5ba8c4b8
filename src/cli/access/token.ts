import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";

export const token: AddCommand = (program, io) => {
  const group = program.command("token").description("Tokens of your own accounts");
  group
    .command("create")
    .description("A new token, shown once")
    .requiredOption("--account <name>", "one of your accounts")
    .requiredOption("--label <text>", "what it is for")
    .option("--hours <n>", "how long it lives", "720")
    .action(async (flags: { readonly account: string; readonly label: string; readonly hours: string }) => {
      const body = { account: flags.account, label: flags.label, expiresInHours: Number(flags.hours) };
      const made = answered(await connect(io).createToken({ body })).body;
      io.write(renderObject(io.format(), made, () => `${made.token}\n`, made.id));
      io.say(`${made.id} lives until ${made.expiresAt}. It is shown this once.`);
    });
  group
    .command("revoke <id>")
    .description("End one of your tokens")
    .action(async (id: string) => {
      answered(await connect(io).revokeToken({ params: { id } }));
      io.say(`${id} is revoked.`);
    });
};
