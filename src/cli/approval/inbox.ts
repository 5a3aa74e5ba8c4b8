import type { z } from "zod";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, type Column } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import type { AddCommand } from "#cli/command.ts";
import type { listInbox } from "#contract/approval.ts";

type Inbox = z.output<(typeof listInbox)["answers"][200]>;
type Item = Inbox["items"][number];
type Ask = Inbox["asks"][number];

const columns: readonly Column<Item>[] = [
  { title: "ID", text: ({ deployment }) => deployment.id },
  { title: "SERVICE", text: ({ deployment }) => `${deployment.service}@${deployment.version}` },
  { title: "ENVIRONMENT", text: ({ deployment }) => deployment.environment },
  { title: "REQUESTED BY", text: ({ deployment }) => deployment.requestedBy },
  {
    title: "FREEZE",
    text: ({ despite }) => despite.map(({ freeze, who }) => `${freeze} (--despite, ${who})`).join(", ") || "none",
  },
  { title: "ASKS", text: ({ ask }) => ask },
];

const askColumns: readonly Column<Ask>[] = [
  { title: "DEPLOYMENT", text: ({ deployment }) => deployment },
  { title: "KIND", text: ({ kind }) => kind },
  { title: "SINCE", text: ({ since }) => toSecond(since) },
  { title: "UNTIL", text: ({ until }) => (until === null ? "none" : toSecond(until)) },
  { title: "ASKS", text: ({ sentence }) => printable(sentence) },
];

export const inbox: AddCommand = (program, io) => {
  program
    .command("inbox")
    .description("What waits for you: decisions, answers, check-ins, and what you were told and still stands")
    .option("--live", "only what is wanted about what goes live or is live, as a list")
    .action(async (flags: { readonly live?: true }) => {
      const { items, asks } = answered(await connect(io).listInbox()).body;
      if (flags.live === true) {
        io.write(renderList(io.format(), asks, askColumns, (ask) => ask.deployment));
        return;
      }
      io.write(renderList(io.format(), items, columns, (row) => row.deployment.id));
      for (const ask of asks) io.say(`${printable(ask.sentence)}${untilOf(ask)} ${commandOf(ask)}`);
      const tasks = answered(await connect(io).listTasks()).body;
      for (const { run, step, who, deadline, consent } of tasks.items) {
        const how =
          consent === null
            ? `tidegate run answer ${run} ${step}`
            : `tidegate run decide ${run} ${step} --content ${consent.contentDigest}`;
        io.say(`${run} asks ${who} in its step ${step} until ${deadline}: ${how}`);
      }
      for (const { run, asked } of tasks.unseen)
        io.say(`${run} needs an overseer of ${asked}: tidegate run oversee ${run}`);
      if (items.length + asks.length + tasks.items.length + tasks.unseen.length === 0) io.say("Nothing waits for you.");
    });
};

function untilOf({ until }: Ask): string {
  return until === null ? "" : ` Until ${toSecond(until)}.`;
}

/** What a person types to do it; gone from the list then. */
function commandOf({ kind, deployment }: Ask): string {
  const commands: Readonly<Record<Ask["kind"], string>> = {
    decide: `tidegate decide ${deployment} --go-back|--go-on --reason "…"`,
    answer: `tidegate way-back say ${deployment} --text "…"`,
    held: `tidegate decide ${deployment} --go-back|--go-on --reason "…"`,
    sessions: `tidegate way-back sessions ${deployment} --end|--wait --reason "…"`,
    "check-in": `tidegate live check-in ${deployment} --say "…"`,
    notice: `tidegate live show ${deployment}`,
  };
  return commands[kind];
}
