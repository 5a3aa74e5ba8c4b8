import type { ActAnswer } from "#core/plan/act-request.ts";
import type { CommandState, CommandWork, Failure, Target } from "#connectors/port.ts";
import { redact } from "#core/plan/output.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import { RepeatableFailure } from "#usecases/rollout/change.ts";
import { standingOf } from "#usecases/plan/make-act.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";

type CommandAct = ActOf<"run-command"> | ActOf<"migrate"> | ActOf<"digest-data">;

const lookEveryMs = 500;
/** Between a failure that may pass and the next try, times the number of the try. */
const pauseMs = 1_000;

/**
 * Runs a command at its target and follows it to its end. Each try has a key of its own: after a crash the target is
 * asked under the same keys again and tells how each of them ended, so nothing runs twice.
 */
export async function followCommand(deps: ActDeps, act: CommandAct): Promise<ActAnswer> {
  for (let nth = 1; ; nth += 1) {
    // Before the key and not behind it: names of steps may hold anything, and a key begins with the run.
    const key = nth === 1 ? act.key : `try-${nth}:${act.key}`;
    const end = await runOnce(deps, act, key, nth === 1);
    if ("outcome" in end) return end;
    if (!end.isPassing || nth >= act.attempts) return toAnswer(act, end);
    await deps.pause(pauseMs * nth);
    if ((await standingOf(deps.transact, act.id)) !== "open") return toAnswer(act, end);
  }
}

async function runOnce(
  deps: ActDeps,
  act: CommandAct,
  key: string,
  isFirst: boolean,
): Promise<CommandState | ActAnswer> {
  const { environment, service, withinSeconds } = act.request;
  const target: Target = { environment, service };
  const command = { key, fence: act.fence };
  const begun = await deps.commander.run({ ...target, work: workOf(act), withinSeconds }, command);
  if (!begun.ok) {
    // Refused before it began: only what was never started has touched nothing, and the first try may have.
    const failed = failedBy(begun.error);
    const isUntouched = begun.error.code === "unknown-command" || begun.error.code === "bad-argument";
    return isFirst && isUntouched ? { ...failed, state: "refused" } : failed;
  }
  // Whatever it says, it is not about this command.
  if (begun.value.key !== key) throw new RepeatableFailure(otherAnswer(key, begun.value));
  let seen = begun.value;
  while (seen.state === "running") {
    await deps.pause(lookEveryMs);
    const standing = await standingOf(deps.transact, act.id);
    const looked =
      standing === "open" ? await deps.commander.look(target, key) : await deps.commander.cancel(target, command);
    if (looked.ok && looked.value.key === key) seen = looked.value;
    // The step is over: the target has been told, and ends it at its time-out if it has not heard.
    else if (standing === "ended") return answered("failed", "The step was over before the command.");
    if (!looked.ok && looked.error.retry === "never") return answered("failed", looked.error.message);
  }
  return seen;
}

function otherAnswer(key: string, other: CommandState): Failure {
  const message = `The target answered for ${other.key}, where ${key} was asked about.`;
  return { code: "bad-answer", message, retry: "later" };
}

function workOf({ request }: CommandAct): CommandWork {
  if (request.do === "run-command") return { kind: "command", name: request.command, arguments: request.arguments };
  if (request.do === "digest-data") return { kind: "data", database: request.database, tables: request.tables };
  const { database, version, digest, direction, appliedUnder } = request;
  return { kind: "migration", database, version, digest, direction, appliedUnder };
}

function nameOf(request: CommandAct["request"]): string {
  if (request.do === "run-command") return request.command;
  return request.do === "migrate" ? `The migration of ${request.database}` : `The look at ${request.database}`;
}

function toAnswer({ request }: CommandAct, { state, exitCode, output }: CommandState): ActAnswer {
  const name = nameOf(request);
  // The target has taken its own secrets out; what looks like one is taken out here too, whatever the target does.
  const kept = { ...output, text: redact(output.text) };
  const answer = { output: kept, live: null };
  switch (state) {
    case "done":
      return { ...answer, state: "done", outcome: `${name} ended well in ${request.environment}.` };
    case "cancelled":
      return { ...answer, state: "cancelled", outcome: `${name} was ended, because the run turned back.` };
    case "timed-out":
      return { ...answer, state: "failed", outcome: `${name} was not over in time and was ended.` };
    case "failed":
      return {
        ...answer,
        state: "failed",
        outcome: `${name} ended with ${exitCode ?? "a signal"}; its output says why.`,
      };
    case "lost":
    case "running":
      return { ...answer, state: "failed", outcome: `${name} is lost; what it did is not known.` };
  }
}
