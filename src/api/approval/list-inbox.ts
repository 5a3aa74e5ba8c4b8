import { answer, defineHandler } from "#api/handler.ts";
import { askOf, presentSummary } from "#api/release/present.ts";
import { listInbox } from "#contract/approval.ts";
import { despiteDeed } from "#core/policy/freezes-stopping.ts";
import type { DeploymentView } from "#usecases/views.ts";

export const listInboxHandler = defineHandler(listInbox, async (deps, call) => {
  const { name } = call.identity.person;
  const views = await deps.views.undecided(name);
  const items = views.map((view) => ({ view, despite: despiteOf(view) }));
  return answer(200, {
    items: items
      .filter(({ view, despite }) => !hasApproved(view, name) || despite.some(({ who }) => isAmong(who, name)))
      .map(({ view, despite }) => ({
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

function hasApproved({ verdict }: DeploymentView, person: string): boolean {
  const finding = verdict?.findings.find(({ rule }) => rule === "approved-by-another");
  return finding?.evidence.some(({ kind, ref }) => kind === "approval" && ref === person) === true;
}

function isAmong(who: string, person: string): boolean {
  return who.split(/, | or /).includes(person);
}
