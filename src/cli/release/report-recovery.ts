import type { Command } from "commander";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { common, instantOrNull, numberOf, oneOf, reportOf, told, type Common } from "#cli/release/report-flags.ts";

/** What is saved, how often, and when it last succeeded. */
export function backup(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly environment: string;
    readonly every?: string;
    readonly lastSuccess?: string;
    readonly outcome: string;
    readonly bytes?: string;
    readonly ref?: string;
  }
  reportOf(group, "backup <service>", "How often a service is saved, and when it last succeeded")
    .requiredOption("--environment <name>", "where")
    .option("--every <duration>", "from one backup to the next: PT5M, PT1H")
    .option("--last-success <time>", "when what was saved last was true; left out: nothing was ever saved")
    .option("--outcome <outcome>", "of the last one: done or failed", "done")
    .option("--bytes <number>", "size of the last one")
    .option("--ref <text>", "where to read more")
    .action(async (service: string, { environment, every, lastSuccess, outcome, bytes, ref, ...flags }: Flags) => {
      const body = {
        service,
        environment,
        outcome: oneOf(outcome, ["done", "failed"]),
        intervalSeconds: every === undefined ? null : secondsOf(every),
        lastSuccessAt: instantOrNull(lastSuccess),
        bytes: bytes === undefined ? null : numberOf("bytes", bytes),
        ref: ref ?? null,
        ...common(flags),
      };
      told(io, answered(await connect(io).reportBackup({ body })).body);
    });
}

/** What came of restoring, where it was not `tidegate restore-test` that restored. */
export function restore(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly environment: string;
    readonly took?: string;
    readonly outcome: string;
    readonly savedAt?: string;
    readonly detail?: string;
    readonly digest?: string;
    readonly ref?: string;
  }
  reportOf(group, "restore <service>", "What came of restoring a backup of a service, and how long it took")
    .requiredOption("--environment <name>", "whose backup it was")
    .requiredOption("--outcome <outcome>", "done, failed, or different: other data than was saved")
    .option("--took <duration>", "as measured: PT20M")
    .option("--saved-at <time>", "when what was restored was true")
    .option("--detail <text>", "what was compared")
    .option("--digest <digest>", "of the protocol")
    .option("--ref <text>", "where to read more")
    .action(async (service: string, { environment, outcome, took, savedAt, detail, digest, ref, ...flags }: Flags) => {
      const body = {
        service,
        environment,
        outcome: oneOf(outcome, ["done", "failed", "different"]),
        tookSeconds: took === undefined ? null : secondsOf(took),
        savedAt: instantOrNull(savedAt),
        detail: detail ?? null,
        digest: digest ?? null,
        ref: ref ?? null,
        ...common(flags),
      };
      told(io, answered(await connect(io).reportRestore({ body })).body);
    });
}

function secondsOf(text: string): number {
  try {
    return Temporal.Duration.from(text).total("seconds");
  } catch {
    throw usage(`"${text}" is no duration: write it as PT15M, PT1H or P1D.`);
  }
}
