import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { type Column, printable, renderList, renderObject } from "#cli/output.ts";
import { saySeconds } from "#cli/plan/say-seconds.ts";
import { toSecond } from "#cli/release/to-second.ts";
import { parseSubject } from "#cli/subject.ts";
import type { getWayBack, listRollbackDecisions, rehearsal } from "#contract/rollback.ts";

type WayBack = z.output<(typeof getWayBack)["answers"][200]>;
type Decision = z.output<(typeof listRollbackDecisions)["answers"][200]>["items"][number];
type Rehearsal = z.output<typeof rehearsal>;

interface SayFlags {
  readonly text: string;
  readonly goBack?: boolean;
  readonly goOn?: boolean;
}

interface SessionFlags {
  readonly reason: string;
  readonly end?: boolean;
  readonly wait?: boolean;
}

export const wayBack: AddCommand = (program, io) => {
  const group = program
    .command("way-back")
    .description("How a release is taken back, with its limits, and who decides");
  group
    .command("show <id>")
    .description("The plan of the way back of a deployment, and what is being decided about it")
    .action(async (id: string) => show(io, id, answered(await connect(io).getWayBack({ params: { id } })).body));
  group
    .command("rehearse <service@version>")
    .description("Rehearse the way back where the service is rehearsed; follow it with tidegate run show")
    .requiredOption("--reason <text>", "why")
    .action(async (subject: string, { reason }: { readonly reason: string }) => {
      const body = { ...parseSubject(subject), reason };
      const started = answered(await connect(io).rehearse({ body })).body;
      io.write(renderObject(io.format(), started, () => `It is rehearsed as ${started.run}.\n`, started.run));
    });
  group
    .command("rehearsals")
    .description("What was rehearsed, the newest first")
    .option("--service <name>", "of this service")
    .action(async (query: { readonly service?: string }) => {
      const { items } = answered(await connect(io).listRehearsals({ query })).body;
      io.write(renderList(io.format(), items, rehearsals, ({ run }) => run));
      if (items.length === 0) io.say("Nothing was rehearsed.");
    });
  addDeciding(group, io);
};

function addDeciding(group: Parameters<AddCommand>[0], io: Io): void {
  group
    .command("alert <id>")
    .description("Say that something is wrong with what has gone live: who decides is asked, and the clock begins")
    .requiredOption("--because <text>", "what is wrong")
    .action(async (id: string, body: { readonly because: string }) =>
      show(io, id, answered(await connect(io).askDecision({ params: { id }, body })).body),
    );
  group
    .command("say <id>")
    .description("Object, or answer, while it is decided whether a release goes back")
    .requiredOption("--text <text>", "what you say")
    .option("--go-back", "you want it to go back")
    .option("--go-on", "you want it not to go back")
    .action(async (id: string, { text, goBack, goOn }: SayFlags) => {
      if (goBack === true && goOn === true) throw usage("Say --go-back or --go-on, not both.");
      const option = goBack === true ? ("go-back" as const) : goOn === true ? ("go-on" as const) : null;
      show(io, id, answered(await connect(io).sayOnDecision({ params: { id }, body: { text, option } })).body);
    });
  group
    .command("sessions <id>")
    .description(
      "Decide on the sessions of the version that was left running: end them, or wait for them as long again",
    )
    .requiredOption("--reason <text>", "why")
    .option("--end", "end them: their users are logged out")
    .option("--wait", "wait for them")
    .action(async (id: string, { reason, end, wait }: SessionFlags) => {
      if (end === wait) throw usage("Say --end or --wait.");
      const body = { decision: end === true ? ("end" as const) : ("wait" as const), reason };
      show(io, id, answered(await connect(io).decideOnSessions({ params: { id }, body })).body);
    });
  group
    .command("decisions")
    .description("What is being decided now; decide with tidegate decide")
    .action(async () => {
      const { items } = answered(await connect(io).listRollbackDecisions()).body;
      io.write(renderList(io.format(), items, decisions, ({ id }) => id));
      if (items.length === 0) io.say("Nothing is being decided.");
    });
}

const rehearsals: readonly Column<Rehearsal>[] = [
  { title: "RUN", text: ({ run }) => run },
  { title: "SERVICE", text: ({ service }) => service },
  { title: "FROM", text: ({ version }) => version },
  { title: "BACK TO", text: ({ former }) => former },
  { title: "IN", text: ({ environment }) => environment },
  { title: "AT", text: ({ at }) => toSecond(at) },
  { title: "OUTCOME", text: ({ outcome }) => outcome },
  { title: "TOOK", text: ({ seconds, reason }) => (reason === null ? saySeconds(Math.ceil(seconds)) : "") },
  { title: "WHY NOT", text: ({ differing, reason }) => printable(reason ?? differing.join(", ")) },
];

const decisions: readonly Column<Decision>[] = [
  { title: "DEPLOYMENT", text: ({ deployment }) => deployment },
  { title: "DECIDER", text: ({ decider, deputy }) => (deputy === null ? decider : `${decider} or ${deputy}`) },
  { title: "UNTIL", text: ({ expiresAt }) => toSecond(expiresAt) },
  { title: "DEFAULT", text: ({ whenSilent }) => whenSilent },
  { title: "BECAUSE", text: ({ because }) => printable(because) },
];

function show(io: Io, id: string, found: WayBack): void {
  io.write(renderObject(io.format(), found, () => [...planLines(found), ...decisionLines(found)].join("\n"), id));
}

const known = { rehearsed: "as rehearsed", history: "as before", estimate: "as planned" } as const;

function planLines({ service, version, environment, former, plan, missing, time, ...rest }: WayBack): string[] {
  const lines = [`Way back of ${service}@${version} in ${environment}${former === null ? "" : ` to ${former}`}`];
  lines.push(`How      ${printable(rest.how)}`);
  if (time !== null) lines.push(`Takes    ${saySeconds(Math.ceil(time.seconds))}, ${known[time.known]}`);
  if (rest.isPastNoReturn) lines.push(`Past the point of no return: fix forward. ${plan?.pointOfNoReturn?.why ?? ""}`);
  if (plan === null) lines.push("Nobody has planned it.");
  for (const trigger of plan?.triggers ?? []) lines.push(`When     ${printable(trigger)}`);
  for (const [index, step] of (plan?.steps ?? []).entries()) lines.push(`Step ${index + 1}   ${printable(step)}`);
  for (const { service: other, cannot, remedy } of plan?.limits ?? []) {
    lines.push(`Limit    ${other === null ? "" : `${other}: `}${printable(cannot)} ${printable(remedy)}`);
  }
  lines.push(`Config   ${printable(rest.configuration)}`);
  for (const edge of missing) lines.push(`Missing  a limit for ${edge.service} (${edge.kind})`);
  if (rest.rehearsal !== null) {
    const { at, outcome, run, reason } = rest.rehearsal;
    lines.push(`Rehearsed ${toSecond(at)}: ${outcome}, ${run}${reason === null ? "" : `. ${printable(reason)}`}`);
  }
  return lines;
}

function decisionLines({ decisions: all, left }: WayBack): string[] {
  return [...left.map(leftLine), ...all.flatMap(decisionOf), ""];
}

function leftLine({ version, leftAt, sessions, isExact, askAt, ended }: WayBack["left"][number]): string {
  const forced = ended?.forcedOut ?? 0;
  if (ended !== null)
    return `Left     ${version}: ${ended.how} ${toSecond(ended.at)}, ${forced} sessions ended by force`;
  const count = sessions === null ? "" : `, ${sessions} sessions${isExact ? "" : " at most"}`;
  const asking = askAt === null ? "" : `; asked again ${toSecond(askAt)}`;
  return `Left     ${version} runs since ${toSecond(leftAt)}${count}${asking}`;
}

function decisionOf({ because, decider, deputy, expiresAt, whenSilent, statements, ended }: Decision): string[] {
  const who = deputy === null ? decider : `${decider} or ${deputy}`;
  const state =
    ended === null
      ? `Open: ${who} decides until ${toSecond(expiresAt)}, else ${whenSilent}`
      : `Ended ${toSecond(ended.at)}: ${ended.option}, ${ended.by ?? "by default"}`;
  return [
    `Decision ${printable(because)}`,
    `  ${state}`,
    ...statements.map(({ at, person, kind, text }) => `  ${toSecond(at)} ${person} (${kind}): ${printable(text)}`),
  ];
}
