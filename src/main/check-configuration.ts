import { Worker } from "node:worker_threads";
import type { Problem } from "#config/problem.ts";
import type { SourceFile } from "#config/source.ts";
import { checkTexts } from "#main/check-texts.ts";
import type { CheckConfiguration } from "#usecases/catalog/apply-configuration.ts";

type Checked = Awaited<ReturnType<CheckConfiguration>>;

/** Below this a check takes some milliseconds, and a thread would cost more than it saves. */
const inlineChars = 64 * 1024;
/** Below the limit of a request; a configuration that takes longer is not one that people wrote. */
const maxCheckMs = 20_000;
const maxHeapMb = 1024;

/** Checks large texts in a thread, one after the other, so that neither time nor memory of the server goes with them. */
export function checkApart(): CheckConfiguration {
  let before: Promise<unknown> = Promise.resolve();
  return async (files) => {
    const chars = files.reduce((sum, { text }) => sum + text.length, 0);
    if (chars <= inlineChars) return checkTexts(files);
    const checked = before.then(() => inThread(files));
    before = checked.catch(() => undefined);
    return await checked;
  };
}

function inThread(files: readonly SourceFile[]): Promise<Checked> {
  return new Promise((resolve) => {
    const thread = new Worker(new URL("./check-thread.ts", import.meta.url), {
      workerData: { files },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const end = (checked: Checked): void => {
      clearTimeout(timer);
      void thread.terminate();
      resolve(checked);
    };
    const timer = setTimeout(() => end(tooMuch(files)), maxCheckMs);
    thread.once("message", end);
    thread.once("error", () => end(tooMuch(files)));
  });
}

function tooMuch(files: readonly SourceFile[]): Checked {
  const problem: Problem = {
    severity: "error",
    path: files[0]?.path ?? "",
    line: 1,
    column: 1,
    code: "too-much-text",
    message: `The files cannot be checked within ${maxCheckMs / 1000} s and ${maxHeapMb} MiB.`,
    remedy: "Apply the folder in parts.",
    excerpt: "",
    document: null,
  };
  return { documents: [], problems: [problem] };
}
