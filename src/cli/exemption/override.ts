import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";

export const override: AddCommand = (program, io) => {
  program
    .command("override <deployment>")
    .description("Pass one finding of a deployment of somebody else for some hours")
    .requiredOption("--rule <rule>", "rule whose finding is passed")
    .requiredOption("--reason <text>", "why")
    .option("--lasts <duration>", "hours and minutes such as PT2H; four hours when left out")
    .action(async (id: string, flags: { readonly rule: string; readonly reason: string; readonly lasts?: string }) => {
      const body = { rule: flags.rule, reason: flags.reason, lasts: flags.lasts ?? null };
      const done = answered(await connect(io).overrideFinding({ params: { id }, body })).body;
      const text = (): string =>
        `${done.id}: ${done.rule}/${done.code} of ${done.deployment} is passed until ${done.until}\n`;
      io.write(renderObject(io.format(), done, text, done.id));
    });
};
