import type { FlagBack, SwitchFlag } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { refused } from "#usecases/plan/steps/versions.ts";

/** The rules judge it as a change of a flag, for the version that is live. */
export const flag = actDriver<SwitchFlag>(async ({ records, action, part }) => {
  const { service, environment, project, flag: name, isOn } = action;
  const live = await records.inventory.current(service, environment);
  if (live === null && part === "forward") {
    return refused(`Nothing of ${service} is live in ${environment}, so no rule can be asked about ${name}.`);
  }
  return {
    request: { do: "set-flag", service, environment, project, flag: name, isOn },
    judged: part === "forward" && live !== null ? { version: live.version, action: "flag" } : null,
  };
});

/** What the flag was before the step switched it. Where it switched nothing, nothing is switched back. */
export const flagBack = actDriver<FlagBack>(async ({ records, run, action }) => {
  const act = await records.acts.find({ run: run.id, part: "forward", name: action.step });
  if (act?.request.do !== "set-flag" || act.before?.isOn === undefined) {
    return { state: "skipped", outcome: `${action.step} switched no flag.` };
  }
  return { request: { ...act.request, isOn: act.before.isOn }, judged: null };
});
