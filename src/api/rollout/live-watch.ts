import type { z } from "zod";
import type { ApiDeps } from "#api/deps.ts";
import type { Context, DeepReadonly } from "#api/handler.ts";
import type { liveWatch } from "#contract/watch.ts";
import { can } from "#core/access/can.ts";
import type { Person } from "#core/catalog/people.ts";
import type { DeploymentId } from "#core/id.ts";
import { isMeant } from "#core/release/hold.ts";
import type { MeasuredTrigger } from "#core/rollout/measured.ts";
import type { Trigger } from "#core/rollout/triggers.ts";
import type { WatchView } from "#usecases/rollout/watch-operations.ts";

type Shown = DeepReadonly<z.input<typeof liveWatch>>;

export const notWatched = (id: string): string =>
  `Nothing is watched of deployment ${id}: no Watch matches it, it is not live, or its watch has ended.`;

export function presentWatch(
  { live, checkIns, nextCheckIn, criteria, notices }: WatchView,
  { person }: Context["identity"],
): Shown {
  const { watch, memory } = live;
  const limitOf = (does: "take-back" | "alert") => {
    return (trigger: Trigger): Shown["limits"][number] => {
      const { name, kind, above, breaches, of, metric } = trigger;
      const standing = memory.standings[name] ?? "unknown";
      const asked = metricOf(trigger, memory.measured?.[name]);
      return { name, kind, above, breaches, of, does, standing, worse: metric?.worse ?? "higher", metric: asked };
    };
  };
  const { stabilisation } = watch;
  const { exit } = memory;
  return {
    deployment: live.deployment,
    service: live.service,
    version: live.version,
    environment: live.environment,
    watch: watch.name,
    phase: memory.phase,
    isBlind: memory.isBlind,
    liveAt: live.liveAt.toString(),
    armedUntil: live.armedUntil.toString(),
    watchedUntil: live.watchedUntil.toString(),
    limits: [
      ...watch.triggers.map(limitOf(memory.phase === "armed" ? "take-back" : "alert")),
      ...(stabilisation?.alerts ?? []).map(limitOf("alert")),
    ],
    stabilisation:
      stabilisation === null
        ? null
        : {
            watcher: stabilisation.watcher,
            escalate: stabilisation.escalate,
            nextCheckIn: nextCheckIn?.toString() ?? null,
            prolonged: live.prolonged,
            criteria,
            checkIns: checkIns.map(({ at, ...said }) => ({ at: at.toString(), ...said })),
          },
    exit: exit === null ? null : { how: exit.how, at: exit.at, by: exit.by, reason: exit.reason },
    notices: notices.map(({ at, recipient, sentence }) => ({ at: at.toString(), recipient, sentence })),
    actions: live.lookAt === null ? [] : actionsOn(stabilisation?.watcher ?? null, person),
  };
}

/** What the viewer may do while it is watched, and why not. */
function actionsOn(watcher: string | null, person: Person): Shown["actions"] {
  const end = can({ person }, "deployment.decide");
  const ending = { name: "end", allowed: end.allowed, because: end.because.join(" ") };
  if (watcher === null) return [ending];
  const right = can({ person }, "task.answer");
  const isAsked = isMeant(watcher, person);
  const because = isAsked ? right.because.join(" ") : `${watcher} is asked.`;
  return [{ name: "check-in", allowed: isAsked && right.allowed, because }, ending];
}

function metricOf({ metric }: Trigger, seen: MeasuredTrigger | undefined): Shown["limits"][number]["metric"] {
  if (metric === undefined) return null;
  const { source, query, unit } = metric;
  return {
    source,
    query,
    unit,
    value: seen?.value ?? null,
    newest: seen?.memory?.newest ?? null,
    trouble: seen?.trouble ?? null,
  };
}

/** Where an operation has just said that there is one. */
export async function showKnownWatch(
  { watches }: Pick<ApiDeps, "watches">,
  id: DeploymentId,
  { identity }: Context,
): Promise<Shown> {
  const view = await watches.showWatch(id);
  if (view === null) throw new Error(`the watch over ${id} is not there right after it was touched`);
  return presentWatch(view, identity);
}
