import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { readFolder } from "#cli/catalog/read-folder.ts";
import type { AddCommand } from "#cli/command.ts";
import { CommandEnd, exitCodes, usage } from "#cli/exit.ts";
import { connect, type Io, refused } from "#cli/io.ts";
import { type Column, printable, renderList, renderObject } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import type { Client } from "#contract/client.ts";
import type { Problem } from "#contract/common.ts";
import { configurationProblem } from "#contract/configuration.ts";
import type { backtestPage } from "#contract/policy.ts";
import { type BacktestSummary, summarise } from "#core/policy/backtest-summary.ts";

type Page = z.infer<typeof backtestPage>;
type Change = Page["changes"][number];
type Replay = Page["replay"];

interface Flags {
  readonly since: string;
  readonly until?: string;
  readonly remove: readonly string[];
  readonly max: string;
}

/** All pages of one back-test. */
interface Report {
  readonly since: string;
  readonly until: string | null;
  readonly draft: Page["draft"];
  readonly ignored: Page["ignored"];
  readonly total: number;
  readonly judged: number;
  readonly summary: BacktestSummary;
  readonly replay: Replay;
  readonly changes: readonly Change[];
}

const defaultMax = 10_000;

export const backtestCommand: AddCommand = (group, io) => {
  group
    .command("backtest <path>")
    .description("What the documents of a file or folder would have done to the recorded deployments; changes nothing")
    .requiredOption("--since <time>", "verdicts from 2026-01-01T00:00[Europe/Berlin] or an instant with offset on")
    .option("--until <time>", "up to, not at, this instant; now if absent")
    .option("--remove <document...>", "as if Kind/name were gone, such as Policy/quality-bar", [])
    .option("--max <verdicts>", "judge at most so many", String(defaultMax))
    .addHelpText(
      "after",
      "\nA draft counts as in force at every verdict, whatever its dates say. Documents that equal those in force are no part\nof it.\n\nExamples:\n  tidegate policy backtest draft.yaml --since 2026-07-01T00:00Z\n  tidegate policy backtest config/ --since 2026-07-01T00:00Z --remove Policy/old-bar -o json",
    )
    .action(async (file: string, flags: Flags) => {
      const max = Number(flags.max);
      if (!Number.isSafeInteger(max) || max < 1) throw usage(`--max takes a number from 1 on, not "${flags.max}".`);
      const report = await run(io, file, flags, max);
      if (io.format() === "wide") io.write(renderList("wide", report.changes, columns, ({ verdict }) => verdict));
      else io.write(renderObject(io.format(), report, () => show(report), String(report.changes.length)));
    });
};

async function run(io: Io, file: string, flags: Flags, max: number): Promise<Report> {
  const files = readFolder(file).map(({ path, text }) => ({ path, text }));
  const since = parseAt(flags.since).toString();
  const until = flags.until === undefined ? null : parseAt(flags.until).toString();
  const asked = { files, remove: [...flags.remove], since, ...(until === null ? {} : { until }) };
  const pages: Page[] = [];
  let judged = 0;
  let cursor: string | null = null;
  do {
    const limit = Math.min(1000, max - judged);
    const body = { ...asked, limit, ...(cursor === null ? {} : { cursor }) };
    const page: Page = await pageOf(io, body);
    pages.push(page);
    judged += page.judged;
    cursor = page.next;
    if (cursor !== null) io.say(`${judged} of ${page.total} verdicts judged …`);
  } while (cursor !== null && judged < max && !io.interrupted.aborted);
  if (cursor !== null) io.say(`Ended after ${judged} verdicts; raise --max or narrow the time to see all.`);
  return together(pages, since, until);
}

type Body = Parameters<Client["backTestPolicies"]>[0]["body"];

/** Others have their turns too: some seconds each, so that ten minutes of waiting mean that something is wrong. */
const maxTurnsWaited = 120;

async function pageOf(io: Io, body: Body): Promise<Page> {
  for (let waited = 0; ; waited++) {
    const outcome = await connect(io).backTestPolicies({ body });
    if (!("problem" in outcome)) return outcome.body;
    refuseDraft(outcome.problem);
    if (outcome.problem.code !== "backtests-full" || waited === maxTurnsWaited) refused(outcome);
    if (waited === 0) io.say("Others are judging drafts; waiting for a turn …");
    await delay((outcome.retryAfter ?? 5) * 1000, undefined, { signal: io.interrupted });
  }
}

/** Problems of a draft are shown with their places, as `lint` shows them. Other problems are left to the caller. */
function refuseDraft({ code, problems }: Problem): void {
  const found = z.array(configurationProblem.loose()).safeParse(problems ?? []);
  if (code !== "invalid-configuration" || !found.success) return;
  const lines = found.data.map(
    ({ path, line, column, message, remedy, code: what }) =>
      `${path}:${line}:${column}: ${message} [${what}]\n    ${remedy}`,
  );
  throw new CommandEnd(
    exitCodes.error,
    `The draft cannot be applied, so it was not tried.\n${lines.map((text) => text.split("\n").map(printable).join("\n")).join("\n")}`,
  );
}

function together(pages: readonly Page[], since: string, until: string | null): Report {
  const sum = (of: (page: Page) => number): number => pages.reduce((total, page) => total + of(page), 0);
  const changes = pages.flatMap((page) => page.changes);
  return {
    since,
    until,
    draft: pages[0]?.draft ?? [],
    ignored: pages[0]?.ignored ?? [],
    total: pages[0]?.total ?? 0,
    judged: sum((page) => page.judged),
    summary: summarise(
      changes,
      sum((page) => page.deployments),
    ),
    replay: {
      comparable: sum(({ replay }) => replay.comparable),
      reproduced: sum(({ replay }) => replay.reproduced),
      different: pages.flatMap(({ replay }) => replay.different),
      olderRules: sum(({ replay }) => replay.olderRules),
      olderZoneData: sum(({ replay }) => replay.olderZoneData),
      unreadable: pages.flatMap(({ replay }) => replay.unreadable),
    },
    changes,
  };
}

/** More rows are in `-o wide` and `-o json`. */
const shownChanges = 20;

function show({ draft, ignored, judged, summary, replay, changes }: Report): string {
  const tried = draft.map(({ kind, name, change }) => `${change} ${kind}/${name}`);
  const lines = [
    `Tried: ${tried.length === 0 ? "nothing, because no policy, window, freeze or route differs from those in force" : tried.join(", ")}`,
    ...(ignored.length === 0 ? [] : [`Not tried: ${ignored.join(", ")} (the past keeps its catalog)`]),
    ...summary.sentences,
    `Reproduced without the draft: ${replay.reproduced} of ${replay.comparable} recorded verdicts, ${judged} judged.`,
    ...older(replay),
    "",
  ];
  const table = renderList("table", changes.slice(0, shownChanges), columns, ({ verdict }) => verdict);
  const more = changes.length > shownChanges ? `… and ${changes.length - shownChanges} more (-o wide, -o json)\n` : "";
  return `${lines.map((line) => `${printable(line)}\n`).join("")}${changes.length === 0 ? "" : table}${more}`;
}

function older({ olderRules, olderZoneData, unreadable, different }: Replay): readonly string[] {
  return [
    ...(olderRules > 0
      ? [`${olderRules} were judged with other versions of rules; they are compared with what today's would have said.`]
      : []),
    ...(olderZoneData > 0 ? [`${olderZoneData} were judged with other zone data; they are compared likewise.`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} cannot be read by this version and are not counted.`] : []),
    ...(different.length > 0 ? [`NOT reproduced: ${different.join(", ")}. Report this: verdicts must replay.`] : []),
  ];
}

const columns: readonly Column<Change>[] = [
  { title: "CHANGE", text: ({ kind }) => kind },
  { title: "AT", text: ({ at }) => at },
  { title: "WHAT", text: ({ service, version, environment }) => `${service}@${version} → ${environment}` },
  { title: "WAS", text: ({ was }) => was },
  { title: "WOULD", text: ({ would }) => would },
  {
    title: "LATER",
    text: ({ delaySeconds }) => (delaySeconds === null ? "-" : `${(delaySeconds / 3600).toFixed(1)} h`),
  },
  { title: "BECAUSE", text: ({ because }) => because.map(({ rule, code }) => `${rule} ${code}`).join(", ") },
  { title: "BECAME", text: ({ state, fix }) => `${state ?? "-"}${fix ? " (fix)" : ""}` },
  { title: "DEPLOYMENT", text: ({ deployment }) => deployment ?? "-" },
  { title: "VERDICT", text: ({ verdict }) => verdict, wide: true },
  { title: "SENTENCE", text: ({ because }) => because.map(({ sentence }) => sentence).join(" "), wide: true },
];
