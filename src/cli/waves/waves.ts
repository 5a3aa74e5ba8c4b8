import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import { saySeconds } from "#cli/plan/say-seconds.ts";
import { parseRisk } from "#cli/risk.ts";
import { parseAt } from "#cli/time.ts";
import type { waveForecast, wavePlan } from "#contract/waves.ts";
import { sayInstant } from "#core/policy/say.ts";

type WavePlan = z.output<typeof wavePlan>;
type Forecast = z.output<typeof waveForecast>;

interface Flags {
  readonly risk?: string;
  readonly order?: string;
  readonly notBefore?: string;
}

interface StartFlags extends Flags {
  readonly reason: string;
  readonly owner?: string;
}

export const waves: AddCommand = (program, io) => {
  const group = program.command("waves").description("Releases that go round the world in waves");
  group
    .command("list")
    .description("Wave plans in force, by name")
    .action(async () => {
      const { items } = answered(await connect(io).listWavePlans()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("There is no wave plan: apply a document of kind WavePlan.");
    });
  asking(group.command("plan <name> <version>"))
    .description("When the waves would go, or orders in which they would fit; nothing is begun")
    .action(async (name: string, version: string, flags: Flags) => {
      const body = { version, ...questionOf(io, flags) };
      const forecast = answered(await connect(io).forecastWaves({ params: { name }, body })).body;
      io.write(renderObject(io.format(), forecast, () => show(forecast), forecast.fits ? "fits" : "does-not-fit"));
      if (!forecast.fits) io.setExit(exitCodes.mustWait);
    });
  asking(group.command("start <name> <version>"))
    .description("Begin the waves as a run; its steps use your rights")
    .requiredOption("--reason <text>", "why")
    .option("--owner <person>", "who answers for it; yourself when left out")
    .action(async (name: string, version: string, { reason, owner, ...flags }: StartFlags) => {
      const body = { version, ...questionOf(io, flags), reason, owner: owner ?? null };
      const run = answered(await connect(io).startWaves({ params: { name }, body })).body;
      io.write(renderObject(io.format(), run, () => `${run.id} ${run.state}\n${printable(run.headline)}\n`, run.id));
    });
};

function asking(command: ReturnType<Parameters<AddCommand>[0]["command"]>) {
  return command
    .option("--risk <risk>", "low or high; that of the service's tier if absent")
    .option("--order <regions>", "the regions in another order, with commas between them")
    .option("--not-before <time>", "no target before '2026-03-25T09:00[Europe/Berlin]' or an instant with offset");
}

function questionOf(io: Io, { risk, order, notBefore }: Flags) {
  return {
    risk: risk === undefined ? null : parseRisk(risk),
    order: order === undefined ? null : order.split(",").map((name) => name.trim()),
    notBefore: notBefore === undefined ? null : parseAt(notBefore, io).toString(),
  };
}

const columns: readonly Column<WavePlan>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "SERVICE", text: ({ service }) => service },
  { title: "OWNER", text: ({ owner }) => owner },
  { title: "REGIONS", text: ({ regions }) => regions.map(({ name }) => name).join(", ") },
  { title: "SOAK", text: ({ soak }) => saySeconds(soak) },
  { title: "MIX", text: ({ mixLimit }) => (mixLimit === null ? "" : saySeconds(mixLimit)) },
  { title: "SUMMARY", text: ({ summary }) => printable(summary) },
  { title: "VERSION", text: ({ version }) => version, wide: true },
];

function show({ headline, waves: planned, offers, obstacles }: Forecast): string {
  const lines = [printable(headline)];
  for (const [place, { region, targets }] of planned.entries()) {
    lines.push(`Wave ${place + 1}, ${printable(region)}`);
    for (const { environment, zone, from } of targets) {
      lines.push(`  ${printable(environment)}  ${from === null ? "" : sayInstant(Temporal.Instant.from(from), zone)}`);
    }
  }
  for (const { order, ends, mix } of offers) {
    lines.push(
      `Fits: --order ${order.map(printable).join(",")}  ends ${sayInstant(Temporal.Instant.from(ends), null)}, mix ${saySeconds(mix)}`,
    );
  }
  for (const obstacle of obstacles) lines.push(`- ${printable(obstacle)}`);
  return `${lines.join("\n")}\n`;
}
