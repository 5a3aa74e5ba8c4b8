import { createInterface } from "node:readline";
import { answerLine as canary } from "#cli/lab/canary.ts";
import { answerLine as recur } from "#cli/lab/recur.ts";
import { answerLine as resolve } from "#cli/lab/resolve.ts";
import { answerLine as spans } from "#cli/lab/spans.ts";
import { answerLine as verdict } from "#cli/lab/verdict.ts";
import { usage } from "#cli/exit.ts";
import type { AddCommand } from "#cli/command.ts";

const labs: Readonly<Record<string, (line: unknown) => object>> = { canary, recur, resolve, spans, verdict };

/** Judge the judge: one decision function, JSON lines in, JSON lines out. A bad line is answered and the rest goes on. */
export const lab: AddCommand = (program, io) => {
  program
    .command("lab <name>")
    .description(`One decision function over JSON lines from standard input: ${Object.keys(labs).join(", ")}`)
    .action(async (name: string) => {
      const answer = labs[name];
      if (answer === undefined) throw usage(`There is no lab "${name}". Known: ${Object.keys(labs).join(", ")}.`);
      for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
        if (line.trim() !== "") io.write(`${JSON.stringify(answerText(answer, line))}\n`);
      }
    });
};

function answerText(answer: (line: unknown) => object, line: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    return { id: null, error: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  return answer(parsed);
}
