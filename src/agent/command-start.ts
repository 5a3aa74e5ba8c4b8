import { resolve } from "node:path";
import { toArguments } from "#agent/allowed.ts";
import type { CommandStart } from "#agent/command-files.ts";
import type { AgentSettings } from "#agent/settings.ts";
import type { Refusal } from "#agent/refusal.ts";
import type { Place } from "#agent/world.ts";
import type { commandWork } from "#contract/agent.ts";
import type { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";

/** Where programs are looked for by those that a command starts itself. */
const searchPath = "/usr/local/bin:/usr/bin:/bin";

export interface Asked {
  readonly place: Place;
  readonly work: z.infer<typeof commandWork>;
  readonly key: string;
  readonly fence: number;
  readonly withinSeconds: number;
  /** The command's own folder. */
  readonly folder: string;
  readonly instance: string;
}

/**
 * What the runner is to do, or why the agent does not: `unknown-command` for what its configuration does not allow in
 * this environment, `bad-argument` for a value that does not fit. The command gets its key and number, so that it can
 * tell repetitions itself, and nothing of the agent's own environment.
 */
export async function startOf(settings: AgentSettings, asked: Asked): Promise<Result<CommandStart, Refusal>> {
  const { place, work, key, fence, folder, instance } = asked;
  if (work.kind === "migration") return unknown(`This agent has no database ${work.database} in ${place.environment}.`);
  const allowed = settings.commands.find(
    ({ name, environments }) =>
      name === work.name && (environments ?? settings.environments).includes(place.environment),
  );
  if (allowed === undefined || !settings.environments.includes(place.environment)) {
    return unknown(`This agent allows no command ${work.name} in ${place.environment}; see its configuration.`);
  }
  const args = toArguments(allowed, work.arguments);
  if (!args.ok) return args;
  const own = { TIDEGATE_KEY: key, TIDEGATE_FENCE: String(fence), TIDEGATE_ENVIRONMENT: place.environment };
  return ok({
    program: allowed.program,
    args: [...args.value],
    env: { PATH: searchPath, LANG: "C.UTF-8", ...allowed.env, ...own, TIDEGATE_SERVICE: place.service },
    secrets: Object.fromEntries(Object.entries(allowed.secrets).map(([name, file]) => [name, resolve(file)])),
    folder: allowed.folder ?? folder,
    instance,
    withinMs: Math.min(asked.withinSeconds, allowed.withinSeconds) * 1000,
    endWithinMs: settings.endWithinMs,
    passingExitCodes: allowed.passingExitCodes,
  });
}

function unknown(message: string): Result<never, Refusal> {
  return err({ code: "unknown-command", status: 404, message });
}
