import type { ShellCommand } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { refused } from "#usecases/plan/steps/versions.ts";

/** The target knows what the name stands for and checks the arguments; the rules judge it for the version that is live. */
export const shell = actDriver<ShellCommand>(async ({ records, action, step, part }) => {
  const { environment, service, command, change } = action;
  const live = await records.inventory.current(service, environment);
  if (live === null && part === "forward") {
    return refused(`Nothing of ${service} is live in ${environment}, so no rule can be asked about ${command}.`);
  }
  const call = { command, arguments: action.arguments, withinSeconds: step.timeoutSeconds };
  return {
    request: { do: "run-command", environment, service, ...call },
    // On the way back it takes back what was let through.
    judged: part === "forward" && live !== null ? { version: live.version, action: change } : null,
  };
});
