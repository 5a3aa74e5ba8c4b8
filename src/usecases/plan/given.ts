import { cleanName, decodedBase64, fileLimits } from "#core/plan/attachment.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { GivenFile } from "#usecases/plan/plan-operations.ts";
import type { GivenAnswer, GivenDecision } from "#usecases/plan/step-operations.ts";
import type { NewFile } from "#usecases/plan/step-records.ts";
import type { DigestOf } from "#usecases/release/content.ts";

/** `sha256:…` over bytes. */
export type DigestOfBytes = (bytes: Uint8Array) => string;

/** The files of an answer under clean names, or one sentence for each that cannot be kept. */
export function readFiles(
  given: readonly GivenFile[],
  digestOfBytes: DigestOfBytes,
): Result<readonly NewFile[], readonly string[]> {
  const problems: string[] = [];
  const files: NewFile[] = [];
  if (given.length > fileLimits.files) problems.push(`An answer has ${fileLimits.files} files at most.`);
  for (const { name, content: text } of given.slice(0, fileLimits.files)) {
    const fileName = cleanName(name);
    const content = decodedBase64(text);
    if (content === null) problems.push(`The content of ${fileName} is not base64.`);
    else if (content.length === 0) problems.push(`${fileName} is empty.`);
    else if (content.length > fileLimits.bytes) {
      problems.push(`${fileName} has ${content.length} bytes; ${fileLimits.bytes} are kept at most.`);
    } else if (files.some((file) => file.fileName === fileName)) problems.push(`Two files are called ${fileName}.`);
    else files.push({ fileName, digest: digestOfBytes(content), content });
  }
  return problems.length === 0 ? ok(files) : err(problems);
}

/** What a signature of an answer signs: the step, and all that was said to it. */
export function answerDigest(
  digestOf: DigestOf,
  step: StepKey,
  { outcome, note, form }: Pick<GivenAnswer, "outcome" | "note" | "form">,
  files: readonly NewFile[],
): string {
  const attachments = files.map(({ fileName, digest }) => ({ fileName, digest }));
  return digestOf({ ...step, answers: { outcome, note, form, attachments } });
}

export function decisionDigest(
  digestOf: DigestOf,
  step: StepKey,
  { decision, note, contentDigest }: Pick<GivenDecision, "decision" | "note" | "contentDigest">,
): string {
  return digestOf({ ...step, decides: { decision, note, contentDigest } });
}
