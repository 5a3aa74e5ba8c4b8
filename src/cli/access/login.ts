import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { answered, connect } from "#cli/io.ts";
import { settingsFile } from "#cli/settings.ts";
import { renderObject } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";

export const login: AddCommand = (program, io) => {
  program
    .command("login")
    .description("Remember server and token (from --token or TIDEGATE_TOKEN) for this user, after trying them")
    .action(async () => {
      const connection = io.connection();
      const who = answered(await connect(io).whoAmI()).body;
      const file = settingsFile(process.env);
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
      chmodSync(file, 0o600);
      io.say(`Logged in at ${connection.server} as ${who.displayName} (${who.account}); kept in ${file}.`);
    });
};

export const whoami: AddCommand = (program, io) => {
  program
    .command("whoami")
    .description("Who the server takes you for, and what you may do")
    .action(async () => {
      const who = answered(await connect(io).whoAmI()).body;
      const text = (): string =>
        `${who.displayName} (${who.person}), account ${who.account}, by ${who.method}\nroles: ${who.roles.join(", ")}\nmay: ${who.permissions.join(", ")}\n`;
      io.write(renderObject(io.format(), who, text, who.person));
    });
};
