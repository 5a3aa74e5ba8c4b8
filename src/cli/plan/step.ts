import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import type { z } from "zod";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import type { run as wireRun } from "#contract/plan.ts";
import type { signStep } from "#contract/plan-step.ts";

type Run = z.output<typeof wireRun>;
type Part = "forward" | "undo" | "rollback";
type Signs = z.input<typeof signStep.body>["signs"];

interface DecideFlags {
  readonly approve?: true;
  readonly reject?: true;
  readonly content: string;
  readonly note: string;
  readonly signWith?: string;
}

/** Decisions and files of runs. */
export function addStepCommands(group: Command, io: Io, show: (run: Run) => void): void {
  group
    .command("decide <id> <step>")
    .description("Approve or reject what a run is going to do, as it was shown to you")
    .option("--approve", "it may go on like this")
    .option("--reject", "it may not; final for this content")
    .requiredOption("--content <digest>", "digest of what was shown")
    .requiredOption("--note <text>", "what you looked at, or why not")
    .option("--sign-with <file>", "file with a token of yours, - for standard input, where a signature is asked for")
    .action(async (id: string, step: string, { approve, reject, content, note, signWith }: DecideFlags) => {
      if ((approve === true) === (reject === true)) throw usage("Say either --approve or --reject.");
      const decision = approve === true ? ("approved" as const) : ("rejected" as const);
      const decides = { decision, note, contentDigest: content };
      const signature = await signed(io, { id, part: "forward", step }, decides, signWith);
      const body = { step, ...decides, signature };
      show(answered(await connect(io).decideStep({ params: { id }, body })).body);
    });
  group
    .command("file <id> <digest>")
    .description("Save a file that came with an answer")
    .requiredOption("--out <path>", "where to; a file that is there is left alone")
    .action(async (id: string, digest: string, { out }: { readonly out: string }) => {
      const { content, name } = answered(await connect(io).readRunFile({ params: { id, digest } })).body;
      writeFileSync(out, Buffer.from(content, "base64"), { flag: "wx", mode: 0o600 });
      io.say(`Saved ${name} as ${out}.`);
    });
}

/** A signature of exactly this answer; null when none is asked for. */
export async function signed(
  io: Io,
  { id, part, step }: { readonly id: string; readonly part: Part; readonly step: string },
  signs: Signs,
  tokenFile: string | undefined,
): Promise<string | null> {
  if (tokenFile === undefined) return null;
  const token = readFileSync(tokenFile === "-" ? 0 : tokenFile, "utf8").trim();
  const body = { part, step, token, signs };
  return answered(await connect(io).signStep({ params: { id }, body })).body.signature;
}

/** Files as they are sent with an answer. */
export function readAttachments(paths: readonly string[]): { readonly name: string; readonly content: string }[] {
  return paths.map((path) => ({ name: basename(path), content: readFileSync(path).toString("base64") }));
}
