import { spawn } from "node:child_process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { invariantTitles } from "./violation.ts";
import { healthy, mutants } from "./mutants.ts";
import { runSeed, type SeedReport } from "./run.ts";
import { situations } from "./situations.ts";
import { openStore } from "./database.ts";
import { fillTemplate } from "./world.ts";

/**
 * `npm run sim -- --seed N` replays one seed with its trace; `--seeds A..B` runs many. Exit codes: 0 all held, 1 an
 * invariant was broken or a situation was never met, 2 wrong arguments. See docs/operations/simulation.md.
 */
const usage = `npm run sim -- --seed N | --seeds A..B [--json] [--jobs N] [--mutant NAME] [--quiet]
  --seed N        one seed (0 to 2^64 - 1), with its trace
  --seeds A..B    every seed from A to B; the first that fails is named with the command that replays it
  --json          one JSON object per seed, and one for all
  --jobs N        so many processes at the same time, each with a database of its own (1)
  --mutant NAME   with a defect planted: ${mutants.map(({ name }) => name).join(", ")}
  --quiet         no trace of a single seed`;

/** From so many seeds on, every situation must have been met. */
const enoughSeeds = 200;

interface Line {
  readonly seed: string;
  readonly violation: SeedReport["violation"];
  readonly turns: number;
  readonly commits: number;
  readonly faults: number;
  readonly runs: number;
  readonly ended: number;
  readonly virtualSeconds: number;
  readonly digest: string;
  readonly situations: Readonly<Record<string, number>>;
  readonly trace?: readonly string[];
}

interface Asked {
  readonly from: bigint;
  readonly to: bigint;
  readonly json: boolean;
  readonly jobs: number;
  readonly mutant: string | null;
  readonly withTrace: boolean;
}

function readArguments(): Asked | null {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: "string" },
        seeds: { type: "string" },
        json: { type: "boolean", default: false },
        jobs: { type: "string", default: "1" },
        mutant: { type: "string" },
        quiet: { type: "boolean", default: false },
      },
    });
    const range = /^(\d+)\.\.(\d+)$/.exec(values.seeds ?? `${values.seed ?? ""}..${values.seed ?? ""}`);
    if (range === null || (values.seed === undefined) === (values.seeds === undefined)) return null;
    const [from, to] = [BigInt(range[1] ?? "0"), BigInt(range[2] ?? "0")];
    const mutant = values.mutant ?? null;
    const isKnown = mutant === null || mutants.some(({ name }) => name === mutant);
    if (from > to || to >= 2n ** 64n || !isKnown || !/^[1-9]\d?$/.test(values.jobs)) return null;
    const withTrace = values.seed !== undefined && !values.quiet;
    return { from, to, json: values.json, jobs: Number(values.jobs), mutant, withTrace };
  } catch {
    return null;
  }
}

function lineOf(report: SeedReport, withTrace: boolean): Line {
  const { seed, situations: met, trace, ...rest } = report;
  const sorted = [...met].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { seed: String(seed), ...rest, situations: Object.fromEntries(sorted), ...(withTrace ? { trace } : {}) };
}

async function runHere({ from, to, mutant, withTrace }: Asked, take: (line: Line) => void): Promise<void> {
  const planted = mutants.find(({ name }) => name === mutant) ?? healthy;
  await using store = await openStore(fillTemplate);
  for (let seed = from; seed <= to; seed++) take(lineOf(await runSeed({ seed, store, mutant: planted }), withTrace));
}

/** Each process gets a run of seeds of its own; what it says is passed on. */
async function runInProcesses(asked: Asked, take: (line: Line) => void): Promise<void> {
  const share = (asked.to - asked.from) / BigInt(asked.jobs) + 1n;
  const parts = Array.from({ length: asked.jobs }, (_, nth) => asked.from + BigInt(nth) * share).filter(
    (from) => from <= asked.to,
  );
  await Promise.all(
    parts.map(async (from) => {
      const to = from + share - 1n > asked.to ? asked.to : from + share - 1n;
      const more = asked.mutant === null ? [] : ["--mutant", asked.mutant];
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", import.meta.filename, "--seeds", `${from}..${to}`, "--json", ...more],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let lines = 0n;
      for await (const text of createInterface({ input: child.stdout })) {
        const line: Line | { readonly summary: unknown } = JSON.parse(text);
        if ("summary" in line) continue;
        lines++;
        take(line);
      }
      if (lines !== to - from + 1n) throw new Error(`the process for ${from}..${to} ended after ${lines} seeds`);
    }),
  );
}

function replayOf({ seed }: Line, { mutant }: Asked): string {
  return `npm run sim -- --seed ${seed}${mutant === null ? "" : ` --mutant ${mutant}`}`;
}

function sayFailure(line: Line, asked: Asked): void {
  const { violation } = line;
  if (violation === null) return;
  const title = violation.id === "none" ? "Something failed that is no invariant." : invariantTitles[violation.id];
  console.log(
    `\nseed ${line.seed}: ${violation.id} is broken: ${title}\n  ${violation.message}\n  again: ${replayOf(line, asked)}`,
  );
}

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  const lines: Line[] = [];
  const take = (line: Line): void => {
    lines.push(line);
    if (asked.json) console.log(JSON.stringify(line));
    else {
      for (const text of line.trace ?? []) console.log(text);
      sayFailure(line, asked);
    }
  };
  await (asked.jobs > 1 ? runInProcesses(asked, take) : runHere(asked, take));
  const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const met = new Map<string, number>();
  for (const line of lines)
    for (const [name, count] of Object.entries(line.situations)) met.set(name, (met.get(name) ?? 0) + count);
  const missed = situations.filter((name) => !met.has(name));
  const failed = lines.filter(({ violation }) => violation !== null);
  const summary = {
    seeds: lines.length,
    failed: failed.map(({ seed, violation }) => ({ seed, id: violation?.id ?? "" })),
    turns: sum(({ turns }) => turns),
    commits: sum(({ commits }) => commits),
    faults: sum(({ faults }) => faults),
    runs: sum(({ runs }) => runs),
    ended: sum(({ ended }) => ended),
    days: Math.round(sum(({ virtualSeconds }) => virtualSeconds) / 86_400),
    missed,
    met: Object.fromEntries([...met].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  if (asked.json) console.log(JSON.stringify({ summary }));
  else {
    const { seeds, turns, commits, faults, runs, ended, days } = summary;
    console.log(
      `\n${seeds} seeds, ${days} days: ${runs} runs begun, ${ended} ended, ${turns} turns, ${commits} commits looked at, ${faults} faults; ${failed.length} seeds failed.`,
    );
    if (seeds >= enoughSeeds)
      console.log(
        `situations: ${situations.length - missed.length} of ${situations.length} met${missed.length > 0 ? `, never: ${missed.join(", ")}` : ""}`,
      );
  }
  const isIdle = lines.length >= enoughSeeds && (summary.faults === 0 || summary.ended === 0 || missed.length > 0);
  return failed.length > 0 || (isIdle && asked.mutant === null) ? 1 : 0;
}

process.exitCode = await main();
