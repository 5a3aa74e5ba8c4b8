import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { parseAt, roughly } from "#cli/time.ts";
import type { AddCommand } from "#cli/command.ts";

export const clock: AddCommand = (program, io) => {
  const group = program.command("clock").description("The time the product decides by");
  group
    .command("show", { isDefault: true })
    .description("Read it")
    .action(async () => {
      const answer = answered(await connect(io).readClock()).body;
      const shift = shiftOf(answer.shiftMs);
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

/** `7 h 25 m ahead of the system's clock`. */
function shiftOf(ms: number): string {
  if (ms === 0) return "the system's clock";
  const length = roughly(Temporal.Duration.from({ milliseconds: Math.abs(ms) }));
  return `${length} ${ms > 0 ? "ahead of" : "behind"} the system's clock`;
}
