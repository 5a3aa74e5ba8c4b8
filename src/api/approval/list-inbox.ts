import { answer, defineHandler } from "#api/handler.ts";
import { askOf, presentSummary } from "#api/release/present.ts";
import { listInbox } from "#contract/approval.ts";
import { whyNotOpen } from "#core/approval/open-consent.ts";
import { despiteDeed } from "#core/policy/freezes-stopping.ts";
import type { DeploymentView } from "#usecases/views.ts";

export const listInboxHandler = defineHandler(listInbox, async (deps, call) => {
  const { person } = call.identity;
  const { name } = person;
  const candidates = await deps.views.undecided(name);
  const items = candidates.map((view) => ({ view, despite: despiteOf(view) }));
  const waits = ({ view, despite }: (typeof items)[number]): boolean =>
    whyNotOpen(view.consent, view.approvals, name, call.now) === null || despite.some(({ who }) => isAmong(who, name));
  const asks = await deps.watches.listAsks(person);
  return answer(200, {
    asks: asks.map(({ since, until, ...ask }) => ({
      ...ask,
      since: since.toString(),
      until: until?.toString() ?? null,
    })),
    items: items.filter(waits).map(({ view, despite }) => ({
      deployment: presentSummary(view, call.now),
      contentDigest: view.record.contentDigest,
      ask: [askOf(view), ...despite.map(({ freeze }) => `The freeze ${freeze} is in force.`)].join(" "),
      despite,
    })),
  });
});

/** Freezes that consent in spite of them would pass; an approval of the content alone passes none. */
function despiteOf({ verdict }: DeploymentView): readonly { readonly freeze: string; readonly who: string }[] {
  const finding = verdict?.findings.find(({ rule }) => rule === "freeze-in-force");
  return (finding?.evidence ?? []).flatMap(({ kind, ref: freeze }) => {
    const remedy = finding?.remedies.find(({ what }) => what === despiteDeed(freeze));
    return kind === "freeze" && remedy !== undefined ? [{ freeze, who: remedy.who }] : [];
  });
}

function isAmong(who: string, person: string): boolean {
  return who.split(/, | or /).includes(person);
}
