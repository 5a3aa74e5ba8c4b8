import type { ApiDeps } from "#api/deps.ts";
import { ageSeconds } from "#api/health.ts";

/** The process answers. Nothing else is asked: a database that is away is no reason to kill the process. */
export function live(): Response {
  return Response.json({ status: "ok" });
}

/** 200 when everything the server needs works and due work is being done; 503 with the reasons otherwise. */
export async function ready(deps: ApiDeps): Promise<Response> {
  const dependencies = await deps.health.dependencies();
  const broken = dependencies.some((dependency) => !dependency.ready);
  // A database that is away cannot say what is due; it is among the dependencies already.
  const oldestDueAt = broken ? null : await deps.health.oldestDueAt();
  const oldestDueSeconds = ageSeconds(oldestDueAt, deps.clock.now());
  const overdue = oldestDueSeconds * 1000 > deps.settings.limits.overdueMs;
  const progress = {
    name: "progress",
    ready: !overdue,
    reason: overdue
      ? `Work has been due for ${Math.round(oldestDueSeconds)} s and nobody takes it.`
      : "Due work is taken.",
  };
  const all = broken ? dependencies : [...dependencies, progress];
  const isReady = all.every((dependency) => dependency.ready);
  return Response.json(
    { status: isReady ? "ok" : "not-ready", oldestDueSeconds, dependencies: all },
    { status: isReady ? 200 : 503 },
  );
}

export function versionOf(deps: ApiDeps): Response {
  return Response.json({ version: deps.settings.version, zoneData: deps.clock.zoneData });
}

export async function metricsOf(deps: ApiDeps): Promise<Response> {
  const { type, text } = await deps.metrics.render(deps.health, deps.clock.now());
  return new Response(text, { headers: { "content-type": type } });
}
