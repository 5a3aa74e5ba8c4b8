import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/*
 * The folder of one command: what agent and runner tell each other, over the end of either.
 *
 *   request.json   the agent, before anything happens: what was asked under which key
 *   start.json     the agent: what the runner is to do
 *   runner.lock    the runner, once: whoever made it runs the command, nobody else ever does
 *   progress.json  the runner: signs of life, output, and how it ended
 *   cancel         the agent: end it
 */

const variables = z.record(z.string(), z.string());
export const commandRequest = z.strictObject({
  key: z.string(),
  /** Canonical text of what was asked: a key stands for one thing. */
  body: z.string(),
  environment: z.string(),
  service: z.string(),
  fence: z.int(),
  /** A text that only the processes of this command carry. */
  instance: z.string(),
  withinSeconds: z.int(),
  at: z.string(),
});
export const commandStart = z.strictObject({
  program: z.string(),
  args: z.array(z.string()),
  env: variables,
  /** Variable → absolute path of the file. */
  secrets: variables,
  folder: z.string(),
  instance: z.string(),
  withinMs: z.int(),
  endWithinMs: z.int(),
  passingExitCodes: z.array(z.int()),
});
export const commandProgress = z.strictObject({
  runnerPid: z.int(),
  childPid: z.int().nullable(),
  beatAt: z.string(),
  output: z.strictObject({ text: z.string(), bytes: z.int(), isCut: z.boolean() }),
  end: z
    .strictObject({
      state: z.enum(["done", "failed", "timed-out", "cancelled"]),
      exitCode: z.int().nullable(),
      isPassing: z.boolean(),
    })
    .nullable(),
});
export type CommandRequest = z.infer<typeof commandRequest>;
export type CommandStart = z.infer<typeof commandStart>;
export type CommandProgress = z.infer<typeof commandProgress>;

/** Keys come from outside; folders are named after their digest. */
export function folderOf(stateFolder: string, key: string): string {
  const digest = createHash("sha256").update(key).digest("hex");
  return join(stateFolder, "commands", digest.slice(0, 40));
}

/** On disk when it returns; a crash leaves the old file or the new one. */
export async function writeWhole(folder: string, name: string, value: unknown): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `${name}.new`);
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(JSON.stringify(value));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(fresh, join(folder, name));
  await syncFolder(folder);
}

/** True for the one who made it. */
export async function takeRunnerLock(folder: string): Promise<boolean> {
  try {
    const handle = await open(join(folder, "runner.lock"), "wx", 0o600);
    await handle.datasync();
    await handle.close();
    await syncFolder(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Null where there is none. Throws on a file that is not what was written. */
export async function readWhole<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
