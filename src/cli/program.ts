import { Command, CommanderError, Help } from "commander";
import type { AddCommand } from "./command.ts";
import { commands } from "./registry.ts";
import { CommandEnd, exitCodes } from "./exit.ts";
import type { Io } from "./io.ts";
import { formats, parseFormat, type Format } from "./output.ts";
import { connectionFrom, tokenSource } from "./settings.ts";

export interface ProgramSettings {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly write: (data: string) => void;
  readonly say: (talk: string) => void;
  readonly interrupted: AbortSignal;
  /** Commands that need more than the contract (the server itself); wired in `main`. */
  readonly local: readonly AddCommand[];
}

/** Runs one command line; returns its exit code. Nothing here ends the process. */
export async function runCommandLine(settings: ProgramSettings, args: readonly string[]): Promise<number> {
  let exit: number = exitCodes.ok;
  const program = rootCommand(settings);
  const flags = (): { server?: string; token?: string; output: string } => program.opts();
  const io: Io = {
    write: settings.write,
    say: settings.say,
    interrupted: settings.interrupted,
    connection: () => connectionFrom(flags(), settings.env),
    format: (): Format => parseFormat(flags().output),
    setExit: (code) => {
      exit = code;
    },
  };
  for (const add of [...commands, ...settings.local]) add(program, io);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exit;
  } catch (error) {
    return endOf(error, settings, { format: flags().output, token: tokenSource(flags(), settings.env) });
  }
}

interface Asked {
  readonly format: string;
  /** Where the token came from; null: none was sent. */
  readonly token: string | null;
}

function endOf(error: unknown, settings: ProgramSettings, asked: Asked): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (settings.interrupted.aborted) return exitCodes.interrupted;
  const code = error instanceof CommandEnd ? error.code : exitCodes.error;
  const said = error instanceof Error ? error.message : String(error);
  const hint = code === exitCodes.authentication ? ` ${whoAreYou(asked.token)}` : "";
  const problem = error instanceof CommandEnd ? error.problem : null;
  const isJson = asked.format === "json" || asked.format === "jsonl";
  settings.say(isJson ? JSON.stringify({ error: `${said}${hint}`, exit: code, problem }) : `tidegate: ${said}${hint}`);
  return code;
}

function whoAreYou(token: string | null): string {
  const sent = token === null ? "No token was sent." : `The token of ${token} was sent.`;
  return (
    `${sent} Set TIDEGATE_TOKEN, or keep one with "tidegate login"; ` +
    'on the host of the server "tidegate issue-token --account NAME" issues one.'
  );
}

function rootCommand(settings: ProgramSettings): Command {
  return new Command("tidegate")
    .description("Decides whether and when a change may go, runs it, and keeps the proof.")
    .version(settings.version)
    .option("--server <url>", "address of the server (TIDEGATE_SERVER)")
    .option(
      "--token <token>",
      "who you are (TIDEGATE_TOKEN; better than the flag, which others can see in the process list)",
    )
    .option("-o, --output <format>", `output: ${formats.join(", ")}`, "table")
    .configureHelp({
      optionDescription: (option) => new Help().optionDescription(option) + (option.mandatory ? " (mandatory)" : ""),
    })
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({ writeOut: settings.write, writeErr: (text) => settings.say(text.trimEnd()) })
    .addHelpText(
      "after",
      `\nExamples:\n  tidegate why cart@1.1.0 --to prod-emea\n  tidegate deploy cart@1.1.0 --to prod-emea --watch\n  tidegate approve dep_…\n\nExit codes:\n  0 allowed or done   1 error   2 usage   3 denied   4 authentication   5 must wait or hold   6 conflict   130 interrupted\n`,
    );
}
