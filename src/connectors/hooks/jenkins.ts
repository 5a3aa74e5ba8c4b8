import { z } from "zod";
import { fits } from "#connectors/hooks/fits.ts";
import { readGeneric } from "#connectors/hooks/generic.ts";
import { wholeRun, type HookIntent } from "#core/release/hook-intent.ts";
import { ok, type Result } from "#core/result.ts";

const notification = z.object({
  name: z.string().min(1).max(150),
  build: z.object({
    number: z.int().nonnegative(),
    phase: z.string().max(50),
    status: z.string().max(50).optional(),
  }),
});

/**
 * What Jenkins jobs send at the end of a build (the shape of its notification plugin); the run is `jenkins:JOB/BUILD`. A
 * step of a pipeline may as well send our own messages.
 */
export function readJenkins(event: string, body: unknown): Result<HookIntent, string> {
  if (z.object({ type: z.string() }).safeParse(body).success) return readGeneric(event, body);
  const read = fits(notification, body);
  if (!read.ok) return read;
  const { name, build } = read.value;
  if (build.phase !== "FINALIZED" && build.phase !== "COMPLETED")
    return ok({ kind: "ignore", sentence: `the phase ${build.phase} is no end` });
  const run = `jenkins:${name}/${build.number}`;
  if (build.status === "SUCCESS")
    return ok({ kind: "result", run, of: wholeRun, result: { outcome: "succeeded", live: null } });
  if (build.status === "ABORTED" || build.status === "NOT_BUILT")
    return ok({ kind: "cancel", run, of: wholeRun, reason: `Jenkins says ${build.status}` });
  return ok({ kind: "result", run, of: wholeRun, result: { outcome: "failed", live: null } });
}
