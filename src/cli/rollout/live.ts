import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import type { liveWatch } from "#contract/watch.ts";

type Watch = z.output<typeof liveWatch>;

/** What is watched once a version is live, and what its watcher says of it. */
export const live: AddCommand = (program, io) => {
  const group = program.command("live").description("Versions that are watched since they are live");
  group
    .command("show <id>")
    .description("Limits and how they stand, the stabilisation with its check-ins, and how it ended")
    .action(async (id: string) => {
      write(io, answered(await connect(io).getLiveWatch({ params: { id } })).body);
    });
  group
    .command("check-in <id>")
    .description("Say, as its watcher, how it does")
    .requiredOption("--say <text>", "how it does, in a sentence")
    .option("--not-well", "it does not do well: whoever the Watch names is told")
    .action(async (id: string, flags: { readonly say: string; readonly notWell?: true }) => {
      const body = { isWell: flags.notWell !== true, sentence: flags.say };
      write(io, answered(await connect(io).checkInOnWatch({ params: { id }, body })).body);
    });
  group
    .command("end <id>")
    .description("End the watch, whatever is not green; the criteria stay on record")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, flags: { readonly reason: string }) => {
      write(io, answered(await connect(io).endLiveWatch({ params: { id }, body: { reason: flags.reason } })).body);
    });
};

function write(io: Io, watch: Watch): void {
  io.write(renderObject(io.format(), watch, () => watchText(watch), watch.deployment));
}

function limitText({
  name,
  kind,
  above,
  worse,
  breaches,
  of,
  does,
  standing,
  metric,
}: Watch["limits"][number]): string {
  const edge = `${worse === "lower" ? "below" : "above"} ${above}${metric === null ? "" : ` ${metric.unit}`}`;
  const what = metric === null ? kind : `${metric.source}: ${metric.query}`;
  const value = metric?.value ?? null;
  const told = metric?.trouble ?? (value === null ? null : `now ${Number(value.toPrecision(4))}`);
  return `  ${name}: ${standing} (${what} ${edge} in ${breaches} of ${of}; ${does})${told === null ? "" : `, ${told}`}`;
}

/** What is watched and how it stands, for a person: instants to the second. */
export function watchText(watch: Watch): string {
  const { stabilisation, exit } = watch;
  const next = stabilisation?.nextCheckIn ?? null;
  const nextCheckIn = next === null ? "none" : toSecond(next);
  return [
    `${watch.service}@${watch.version} in ${watch.environment}: ${watch.phase}, by ${watch.watch}${watch.isBlind ? "; nothing is known of it" : ""}`,
    `  taken back by itself until ${toSecond(watch.armedUntil)}, watched until ${toSecond(watch.watchedUntil)}`,
    ...watch.limits.map(limitText),
    ...(stabilisation === null
      ? []
      : [
          `  watcher ${stabilisation.watcher ?? "nobody"}, next check-in ${nextCheckIn}, prolonged ${stabilisation.prolonged} times`,
          ...stabilisation.criteria.map(
            ({ isGreen, sentence }) => `  ${isGreen ? "green" : "red"}: ${printable(sentence)}`,
          ),
          ...stabilisation.checkIns.map(
            ({ at, person, sentence }) => `  ${toSecond(at)} ${person}: ${printable(sentence)}`,
          ),
        ]),
    ...(exit === null ? [] : [`  ended ${toSecond(exit.at)}: ${exit.how}${exit.by === null ? "" : ` by ${exit.by}`}`]),
    "",
  ].join("\n");
}
