import { answer, defineHandler } from "#api/handler.ts";
import { listNotices } from "#contract/notice.ts";
import type { Told } from "#core/policy/correction.ts";

export const listNoticesHandler = defineHandler(listNotices, async (deps, call) => {
  const { person, deployment, limit, cursor } = call.query;
  const page = await deps.views.notices({
    person: person ?? null,
    deployment: deployment ?? null,
    limit,
    cursor: cursor ?? null,
  });
  const items = page.items.map(({ deployment: id, person: who, at, verdict, correction }) => ({
    deployment: id,
    person: who,
    at: at.toString(),
    verdict,
    was: presentTold(correction.was),
    is: presentTold(correction.is),
    because: correction.because,
  }));
  return answer(200, { items, next: page.next });
});

function presentTold({ decision, opensAt }: Told): {
  readonly verdict: Told["decision"];
  readonly opensAt: string | null;
} {
  return { verdict: decision, opensAt: opensAt?.toString() ?? null };
}
