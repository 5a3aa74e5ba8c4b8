import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage, type ExitCode } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import { addStepCommands, readAttachments, signed } from "#cli/plan/step.ts";
import { addPeopleCommands, sayPeople } from "#cli/plan/run-people.ts";
import { runState, type run as wireRun, type runSummary } from "#contract/plan.ts";

type Run = z.output<typeof wireRun>;
type Summary = z.output<typeof runSummary>;

/** A run is looked at this often while it is watched. */
const watchEveryMs = 1000;

interface StartFlags {
  readonly reason: string;
  readonly owner?: string;
  readonly urgent?: true;
  readonly watch?: true;
}

interface AnswerFlags {
  readonly done?: true;
  readonly failed?: true;
  readonly note: string;
  readonly field: readonly string[];
  readonly part: "forward" | "undo" | "rollback";
  readonly attach: readonly string[];
  readonly signWith?: string;
}

interface ListFlags {
  readonly all?: true;
  readonly late?: true;
  readonly state?: string;
  readonly runbook?: string;
  readonly service?: string;
  readonly limit: string;
}

export const run: AddCommand = (program, io) => {
  const group = program.command("run").description("Runs of runbooks");
  group
    .command("start <runbook>")
    .description("Begin a run of a runbook as it is written now; its steps use your rights")
    .requiredOption("--reason <text>", "why")
    .option("--owner <person>", "who answers for it; yourself when left out")
    .option("--urgent", "first in every queue, for those who may open an emergency")
    .option("--watch", "follow it to its end")
    .action(async (runbook: string, { reason, owner, urgent, watch }: StartFlags) => {
      const body = { runbook, reason, owner: owner ?? null, urgent: urgent === true };
      const started = answered(await connect(io).startRun({ body })).body;
      await finish(io, started, watch === true);
    });
  group
    .command("list")
    .description("Runs under way, newest first")
    .option("--all", "those that have ended too")
    .option("--late", "only those that take longer than they should")
    .option("--state <state>", "only those in this state, such as needs-human")
    .option("--runbook <name>", "only runs of this runbook")
    .option("--service <name>", "only runs that deploy this service")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, late, state, ...named }: ListFlags) => {
      const shown = late === true ? { show: "late" as const } : all === true ? { show: "all" as const } : {};
      const query = { ...named, ...shown, ...(state === undefined ? {} : { state: stateOf(state) }) };
      const { items, next } = answered(await connect(io).listRuns({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
  group
    .command("show <id>")
    .description("A run with all its steps")
    .option("--watch", "follow it to its end")
    .action(async (id: string, { watch }: { readonly watch?: true }) => {
      await finish(io, answered(await connect(io).getRun({ params: { id } })).body, watch === true);
    });
  addChanges(group, io);
  addStepCommands(group, io, (shown) => show(io, shown));
  addPeopleCommands(group, io, (shown) => show(io, shown));
};

function stateOf(text: string): Summary["state"] {
  const read = runState.safeParse(text);
  if (read.success) return read.data;
  throw usage(`"${text}" is no state of a run. Name one of ${runState.options.join(", ")}.`);
}

function addChanges(group: ReturnType<Parameters<AddCommand>[0]["command"]>, io: Io): void {
  group
    .command("answer <id> <step>")
    .description("Answer a step that asks for you; the answer is final")
    .option("--done", "it is done")
    .option("--failed", "it is not, and the run turns back")
    .requiredOption("--note <text>", "what you did or saw")
    .option("--field <name=value...>", "a field of the form", [])
    .option("--part <part>", "forward, undo or rollback", "forward")
    .option("--attach <file...>", "a file as evidence", [])
    .option("--sign-with <file>", "file with a token of yours, - for standard input, where a signature is asked for")
    .action(async (id: string, step: string, { done, failed, note, field, part, attach, signWith }: AnswerFlags) => {
      if ((done === true) === (failed === true)) throw usage("Say either --done or --failed.");
      const form = Object.fromEntries(field.map(readField));
      const outcome = done === true ? ("done" as const) : ("failed" as const);
      const answers = { outcome, note, form, attachments: readAttachments(attach) };
      const signature = await signed(io, { id, part, step }, answers, signWith);
      const body = { part, step, ...answers, signature };
      show(io, answered(await connect(io).answerTask({ params: { id }, body })).body);
    });
  group
    .command("turn-back <id>")
    .description("Nothing new begins, and what was done is taken back")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, body: { readonly reason: string }) => {
      show(io, answered(await connect(io).turnRunBack({ params: { id }, body })).body);
    });
  group
    .command("hand-over <id> <person>")
    .description("Somebody else answers for it from now on")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, to: string, { reason }: { readonly reason: string }) => {
      show(io, answered(await connect(io).handOverRun({ params: { id }, body: { to, reason } })).body);
    });
}

function sayChecks({ checks }: Run["steps"][number]): string {
  const lines = checks.map(({ subject, check, outcome, sentence, at }) => {
    const seen = at === null ? "" : `, as of ${at}`;
    return `\n      ${outcome.padEnd(7)} ${check} of ${subject}: ${printable(sentence)}${seen}`;
  });
  return lines.join("");
}

function sayConsent({ state, consent, deadline }: Run["steps"][number]): string {
  if (state !== "running" || consent === null) return "";
  const { approvals, contentDigest, roles, teams, decisions } = consent;
  const given = decisions.filter((one) => one.contentDigest === contentDigest && one.decision === "approved").length;
  const who = [...roles, ...teams].join(" or ");
  return `  (${given} of ${approvals} approvals of ${who} until ${deadline ?? ""}, for ${contentDigest ?? ""})`;
}

/** `name=value`; true, false and numbers are what they look like, everything else is text. */
function readField(text: string): readonly [string, string | number | boolean] {
  const cut = text.indexOf("=");
  if (cut < 1) throw usage(`"${text}" is not name=value.`);
  const [name, value] = [text.slice(0, cut), text.slice(cut + 1)];
  if (value === "true" || value === "false") return [name, value === "true"];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}

/** Shows it as it stands, or every change until its end. */
async function finish(io: Io, first: Run, isWatched: boolean): Promise<void> {
  if (!isWatched) {
    show(io, first);
    return;
  }
  let current = first;
  const said = new Map<string, string>();
  for (;;) {
    for (const step of current.steps) {
      const key = `${step.part}/${step.name}`;
      if (step.state === "pending" || said.get(key) === step.state) continue;
      said.set(key, step.state);
      io.say(`${key}: ${step.state}. ${sayStep(step)}`);
    }
    if (current.endedAt !== null) break;
    await delay(watchEveryMs, undefined, { signal: io.interrupted });
    current = answered(await connect(io).getRun({ params: { id: current.id } })).body;
  }
  show(io, current);
  io.setExit(exitOf(current));
}

function show(io: Io, shown: Run): void {
  io.write(renderObject(io.format(), shown, () => sayRun(shown), shown.id));
}

function exitOf({ state }: Run): ExitCode {
  return state === "succeeded" || state === "running" ? exitCodes.ok : exitCodes.error;
}

function sayRun(shown: Run): string {
  const { id, runbook, state, owner, outcome, latestRollbackStart, steps, turned } = shown;
  const head = `${id}  ${runbook}  ${state}, owner ${owner}`;
  const when = state === "running" ? `\n  way back begins by itself at ${latestRollbackStart}` : "";
  const back = turned === null ? "" : `\n  turned back by ${turned.by} at ${turned.at}: ${printable(turned.reason)}`;
  const lines = steps.map(
    (step) =>
      `  ${step.state.padEnd(9)} ${step.part === "forward" ? "" : `${step.part}: `}${step.name}: ${sayStep(step)}${sayOutput(step)}`,
  );
  return `${head}${when}${sayPeople(shown)}${back}\n${lines.join("\n")}\n${outcome === null ? "" : `  ${printable(outcome)}\n`}`;
}

function sayStep(step: Run["steps"][number]): string {
  const { state, outcome, does, task, deadline, queue, waits, files, contacts } = step;
  const asked = state === "running" && task !== null ? `  (asks ${task.who} until ${deadline ?? ""})` : "";
  const places = queue.map(({ resource, position, holders, expected }) => {
    const held = holders.map(({ run: holder, name }) => `${holder}/${name}`).join(", ");
    const begins = expected === null ? "" : `, begins between ${expected.from} and ${expected.to}`;
    return `  (#${position} for ${resource}, held by ${held === "" ? "nobody" : held}${begins})`;
  });
  const kept = files.map(({ name, bytes, digest }) => `  (${name}, ${bytes} bytes, ${digest})`);
  const reach = contacts.map(({ team, persons, unknown }) => {
    const who = persons.length === 0 ? "nobody" : persons.join(", ");
    return `  (on call in ${team}: ${unknown ?? who})`;
  });
  const opens = waits === null || state !== "running" ? "" : `  (${sayWaits(waits, deadline)})`;
  return `${printable(outcome ?? does)}${asked}${sayConsent(step)}${opens}${reach.join("")}${kept.join("")}${places.join("")}${sayChecks(step)}`;
}

/** The last lines of what a command printed, where the reason of a failure stands; `-o json` has all that is kept. */
const shownLines = 15;

function sayOutput({ act }: Run["steps"][number]): string {
  const output = act?.output ?? null;
  if (output === null || output.text.trim() === "") return "";
  const lines = output.text.trimEnd().split("\n");
  const shown = lines.slice(-shownLines).map((line) => `\n      | ${printable(line)}`);
  const more = output.isCut || lines.length > shownLines ? `\n      | ... of ${output.bytes} bytes` : "";
  return `${more}${shown.join("")}`;
}

function sayWaits({ because, until }: NonNullable<Run["steps"][number]["waits"]>, deadline: string | null): string {
  const when = until === null ? "nobody knows when it opens" : `opens at ${until}`;
  return `${when}, given up at ${deadline ?? ""}: ${printable(because.join(" "))}`;
}

function stateText({ state, turned, overrun }: Summary): string {
  if (state !== "running") return state;
  return turned === null ? (overrun === null ? state : "late") : "turning back";
}

const columns: readonly Column<Summary>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "RUNBOOK", text: ({ runbook }) => runbook },
  { title: "STATE", text: stateText },
  { title: "OWNER", text: ({ owner }) => owner },
  { title: "STARTED", text: ({ startedAt }) => startedAt },
  { title: "LATEST ROLLBACK START", text: ({ latestRollbackStart }) => latestRollbackStart },
  { title: "REASON", text: ({ reason }) => printable(reason) },
];
