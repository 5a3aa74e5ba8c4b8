import { maxShownProblems } from "#api/catalog/refuse-configuration.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentBacktest } from "#api/policy/present-policy.ts";
import { backTestPolicies } from "#contract/policy.ts";
import { isBefore } from "#core/span.ts";

/** Reads and judges; changes nothing, and stores nothing. */
export const backTestPoliciesHandler = defineHandler(backTestPolicies, async (deps, call) => {
  const { files, remove, cursor, limit } = call.body;
  const since = Temporal.Instant.from(call.body.since);
  const until = call.body.until === undefined ? call.now : Temporal.Instant.from(call.body.until);
  if (!isBefore(since, until)) return refuse("bad-span", "until must lie after since; it is now when left out.");
  const question = { files, remove, since, until, after: cursor ?? null, limit };
  const found = await deps.policies.backTest(question, call.identity.actor.account);
  if (found.ok) return answer(200, presentBacktest(found.value));
  switch (found.error) {
    case "yours":
      return refuse(
        "backtest-running",
        "You have a back-test running or waiting. Ask again when it has been answered.",
        soon,
      );
    case "full":
      return refuse(
        "backtests-full",
        "Others are judging drafts, and no more wait than may. Ask again in some seconds.",
        soon,
      );
    case "too-heavy":
      return refuse(
        "backtest-too-heavy",
        "The stretch took more memory or time than it may. Ask with a smaller limit.",
      );
  }
  const { problems } = found.error;
  const detail = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was tried. Mend the draft and try again.`;
  return refuse("invalid-configuration", detail, { problems: problems.slice(0, maxShownProblems) });
});

/** About the length of a stretch. */
const soon = { headers: { "retry-after": "5" } };
