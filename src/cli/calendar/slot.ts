import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import type { negotiation } from "#contract/advice.ts";

type Talk = z.infer<typeof negotiation>;
type Position = Talk["positions"][number];

interface ProposeFlags {
  readonly at: string;
  readonly reason: string;
}

export const slotCommand: AddCommand = (program, io) => {
  const group = program
    .command("slot")
    .description("Agree on the slot of a waiting deployment; every position is kept");
  group
    .command("list <deployment>")
    .description("Where it stands in the calendar, and every position that was taken about it")
    .action(async (id: string) => show(io, answered(await connect(io).readSlots({ params: { id } })).body));
  for (const [name, what] of [
    ["propose", "Propose a start; it is scored like the advice"],
    ["counter", "Propose another start than the one on the table; it is scored anew, with the difference"],
  ] as const) {
    group
      .command(`${name} <deployment>`)
      .description(what)
      .requiredOption("--at <time>", "start: '2026-03-28T01:00[Europe/Berlin]' or an instant with offset")
      .requiredOption("--reason <text>", "why")
      .action(async (id: string, { at, reason }: ProposeFlags) => {
        const body = { from: parseAt(at, io).toString(), reason };
        show(io, answered(await connect(io).proposeSlot({ params: { id }, body })).body);
      });
  }
  group
    .command("agree <deployment> <slot>")
    .description("Accept what the other side has proposed: it becomes the planned span")
    .option("--reason <text>", "why")
    .action(async (id: string, slot: string, flags: { readonly reason?: string }) => {
      const body = { reason: flags.reason ?? null };
      show(io, answered(await connect(io).acceptSlot({ params: { id, slot }, body })).body);
    });
  group
    .command("withdraw <deployment> <slot>")
    .description("Take back a proposal, or the agreement that rests on it")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, slot: string, { reason }: { readonly reason: string }) => {
      show(io, answered(await connect(io).withdrawSlot({ params: { id, slot }, body: { reason } })).body);
    });
};

function show(io: Io, talk: Talk): void {
  io.write(
    renderObject(io.format(), talk, () => showTalk(talk), talk.agreed?.id ?? talk.positions.at(-1)?.id ?? "none"),
  );
}

function showTalk({ deployment, planned, plannedSlot, agreed, positions }: Talk): string {
  const score = plannedSlot === null ? "in no opening" : `score ${plannedSlot.score}`;
  const lines = [`${deployment}: planned from ${planned.from} to ${planned.to}, ${score}`];
  for (const position of positions) lines.push(...sayPosition(position));
  lines.push(
    agreed === null ? "└─ nothing is agreed on" : `└─ agreed: ${agreed.from}, accepted by ${agreed.acceptedBy}`,
  );
  return `${lines.join("\n")}\n`;
}

function sayPosition({ kind, proposal, person, at, from, score, delta, reason, reasons }: Position): readonly string[] {
  const why = reason === null ? "" : `: ${printable(reason)}`;
  const than = delta === null ? "" : ` (${delta < 0 ? "" : "+"}${delta})`;
  const head = `├─ ${at}  ${printable(person)} ${kind} ${proposal}${why}`;
  if (kind !== "proposed") return [head];
  const scored = reasons.map(({ sentence, weight }) => `│    +${weight}  ${printable(sentence)}`);
  return [head, `│    starts ${from}, score ${score}${than}`, ...scored];
}
