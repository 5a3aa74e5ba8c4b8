import { answer, defineHandler } from "#api/handler.ts";
import { listResources } from "#contract/plan-command.ts";
import type { Span } from "#core/span.ts";
import { usualPriority } from "#usecases/plan/start-run.ts";
import type { ResourceQueue } from "#usecases/plan/plan-operations.ts";
import type { OpenPlace } from "#usecases/plan/plan-records.ts";

export const listResourcesHandler = defineHandler(listResources, async (deps) => {
  const found = await deps.plans.listResources();
  return answer(200, { items: found.map(presentQueue) });
});

function presentQueue({ resource, holders, waiting }: ResourceQueue) {
  const { name, owner, capacity } = resource;
  return {
    name,
    owner,
    capacity,
    inUse: holders.reduce((sum, place) => sum + unitsOf(place, name), 0),
    holders: holders.map((place) => presentPlace(place, name, null)),
    waiting: waiting.map((place) => presentPlace(place, name, place.expected)),
  };
}

function unitsOf({ uses }: OpenPlace, resource: string): number {
  return uses.find((use) => use.resource === resource)?.units ?? 0;
}

function presentPlace(place: OpenPlace, resource: string, expected: Span | null) {
  const { step, runbook, owner, priority, askedAt, heldAt, deadline } = place;
  return {
    run: step.run,
    runbook,
    owner,
    part: step.part,
    step: step.name,
    units: unitsOf(place, resource),
    isUrgent: priority < usualPriority,
    askedAt: askedAt.toString(),
    heldAt: heldAt?.toString() ?? null,
    until: deadline.toString(),
    expected: expected === null ? null : { from: expected.from.toString(), to: expected.to.toString() },
  };
}
