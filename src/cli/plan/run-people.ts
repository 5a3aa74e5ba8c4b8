import type { Command } from "commander";
import type { z } from "zod";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable } from "#cli/output.ts";
import type { run as wireRun } from "#contract/plan.ts";

type Run = z.output<typeof wireRun>;

interface NoteFlags {
  readonly issue?: true;
  readonly decision?: true;
}

/** What people do on a run beside its steps: be present, leave, and note what everybody should know. */
export function addPeopleCommands(group: Command, io: Io, show: (run: Run) => void): void {
  for (const [name, present, description] of [
    ["oversee", true, "Be present at a run of high risk as its overseer"],
    ["leave", false, "Do not oversee it any more; what changes something waits for somebody else"],
  ] as const) {
    group
      .command(`${name} <id>`)
      .description(description)
      .requiredOption("--reason <text>", "why")
      .action(async (id: string, { reason }: { readonly reason: string }) => {
        show(answered(await connect(io).overseeRun({ params: { id }, body: { present, reason } })).body);
      });
  }
  group
    .command("note <id> <text>")
    .description("Note an issue or a decision; nobody can change or remove it")
    .option("--issue", "something is not as it should be")
    .option("--decision", "somebody has decided something")
    .action(async (id: string, text: string, { issue, decision }: NoteFlags) => {
      if ((issue === true) === (decision === true)) throw usage("Say either --issue or --decision.");
      const kind = issue === true ? ("issue" as const) : ("decision" as const);
      show(answered(await connect(io).noteOnRun({ params: { id }, body: { kind, text } })).body);
    });
}

/** Who has to be present, that it is late, and what people noted; empty where there is nothing to say. */
export function sayPeople({ overseer, overrun, findings, timeline }: Run): string {
  const notes = timeline.filter(({ kind }) => kind === "issue" || kind === "decision");
  const lines = [
    ...(overseer === null || overseer.person === null ? [] : [`overseen by ${overseer.person}`]),
    ...findings.map(({ sentence, remedies }) => {
      const ways = remedies.map(({ who, what }) => `${who} can ${what}`).join("; ");
      return `${sentence} ${ways}.`;
    }),
    ...(overrun === null ? [] : [`late since ${overrun.at}: ${overrun.because}`]),
    ...notes.map(({ at, kind, by, sentence }) => `${at} ${kind}, ${by ?? ""}: ${printable(sentence)}`),
  ];
  return lines.map((line) => `\n  ${line}`).join("");
}
