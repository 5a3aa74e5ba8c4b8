import { readFileSync, statSync } from "node:fs";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";

/** As large as the server takes. */
const maxFileBytes = 5 * 1024 * 1024;

export const importCommand: AddCommand = (group, io) => {
  group
    .command("import <file-or-url>")
    .description("Take an iCalendar file or address as a whole calendar: all of it or nothing")
    .requiredOption("--calendar <name>", "the Calendar of the configuration that it is for")
    .action(async (from: string, flags: { readonly calendar: string }) => {
      // The server reads addresses, by its own rules; a file is read here.
      const body = /^https?:/i.test(from) ? { url: from } : { text: textOf(from) };
      const params = { name: flags.calendar };
      const outcome = answered(await connect(io).importBusinessCalendar({ params, body })).body;
      const { added, removed, unchanged, reflow } = outcome;
      const counts = `${added} occurrences added, ${removed} removed, ${unchanged} unchanged\n`;
      io.write(renderObject(io.format(), outcome, () => counts, flags.calendar));
      if (reflow !== null) io.say(`Bookings are concerned. Decide on ${reflow}: tidegate calendar reflow list`);
    });
};

/** The text of a file as large as the server takes; what is no text is refused before anything is sent. */
export function textOf(file: string): string {
  try {
    if (statSync(file).size > maxFileBytes)
      throw usage(`${file} is larger than ${maxFileBytes} bytes; nothing was sent.`);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) throw usage(`${file} is not UTF-8 text; nothing was sent.`);
    if (error instanceof Error && "code" in error) throw usage(`${file} cannot be read (${String(error.code)}).`);
    throw error;
  }
}
