import type { z } from "zod";
import { answer, defineHandler } from "#api/handler.ts";
import { listRunbooks, type runbook as wire } from "#contract/plan.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import { wayBackSeconds } from "#core/plan/timing.ts";

export const listRunbooksHandler = defineHandler(listRunbooks, async (deps) => {
  const found = await deps.plans.listRunbooks();
  return answer(200, { items: found.map(presentRunbook) });
});

export function presentRunbook({ name, version, owner, summary, plan, overseer }: Runbook): z.input<typeof wire> {
  return {
    name,
    version,
    owner,
    summary,
    within: plan.withinSeconds,
    wayBack: wayBackSeconds(plan),
    steps: plan.steps.length,
    overseer,
  };
}
