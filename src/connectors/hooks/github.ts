import { z } from "zod";
import { fits } from "#connectors/hooks/fits.ts";
import type { HookIntent } from "#core/release/hook-intent.ts";
import { err, ok, type Result } from "#core/result.ts";

const rule = z.object({
  action: z.string(),
  environment: z.string().min(1).max(255),
  deployment_callback_url: z.string().max(2000),
  deployment: z.object({
    ref: z.string().max(300),
    sha: z.string().regex(/^[0-9a-f]{7,64}$/),
    payload: z.unknown(),
    created_at: z.iso.datetime({ offset: true }),
  }),
  repository: z.object({ full_name: z.string().regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/) }),
  installation: z.object({ id: z.int().positive() }),
});

const payloadVersion = z.object({ version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}$/) });

/** Run and repository of a callback of a protection rule; null for every other address. */
export function callbackRun(url: string): { readonly repository: string; readonly run: string } | null {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  const [, repository, run] =
    /\/repos\/([A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+)\/actions\/runs\/(\d{1,20})\/deployment_protection_rule$/.exec(path) ??
    [];
  return repository === undefined || run === undefined ? null : { repository, run };
}

/**
 * The event of a custom deployment protection rule asks a gate; GitHub keeps the job back until it is answered, and no
 * runner with it. The version is `payload.version` of the deployment, the tag without its `v`, or the commit.
 */
export function readGitHub(event: string, body: unknown): Result<HookIntent, string> {
  if (event !== "deployment_protection_rule")
    return ok({ kind: "ignore", sentence: `the event ${event} concerns no gate` });
  const read = fits(rule, body);
  if (!read.ok) return read;
  const { action, environment, deployment, repository, installation, deployment_callback_url: url } = read.value;
  if (action !== "requested") return ok({ kind: "ignore", sentence: `the action ${action} asks nothing` });
  const run = callbackRun(url);
  if (run === null || run.repository !== repository.full_name)
    return err("deployment_callback_url is not that of a run of the repository");
  return ok({
    kind: "ask",
    question: {
      project: repository.full_name,
      version: versionOf(deployment),
      digest: null,
      environment,
      action: "deploy",
      class: "normal",
      whenDenied: "end",
      run: `github:${run.repository}/${run.run}`,
      url: null,
      callbackUrl: null,
      askedAt: Temporal.Instant.from(deployment.created_at),
      github: { url, environment, installation: installation.id },
    },
  });
}

function versionOf({ ref, sha, payload }: z.infer<typeof rule>["deployment"]): string {
  const given = payloadVersion.safeParse(typeof payload === "string" ? jsonOf(payload) : payload);
  if (given.success) return given.data.version;
  const [, tag] = /^(?:refs\/tags\/)?v?(\d+\.\d+\.\d+[0-9A-Za-z.+_-]{0,80})$/.exec(ref) ?? [];
  return tag ?? sha;
}

/** GitHub hands a payload on as it was given: an object, or a text that holds one. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
