import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import type { AddCommand } from "#cli/command.ts";

export const clock: AddCommand = (program, io) => {
  const group = program.command("clock").description("The time the product decides by");
  group
    .command("show", { isDefault: true })
    .description("Read it")
    .action(async () => {
      const answer = answered(await connect(io).readClock()).body;
      const shift = answer.shiftMs === 0 ? "the system's clock" : `shifted by ${answer.shiftMs} ms`;
      io.write(
        renderObject(io.format(), answer, () => `${answer.now}  ${shift}, zone data ${answer.zoneData}\n`, answer.now),
      );
    });
  group
    .command("set <time>")
    .description("Shift it; only where the server was started for demonstration or test")
    .action(async (text: string) => {
      const answer = answered(await connect(io).setClock({ body: { now: parseAt(text, io).toString() } })).body;
      io.write(renderObject(io.format(), answer, () => `${answer.now}\n`, answer.now));
    });
};
