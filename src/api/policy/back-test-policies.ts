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
  const found = await deps.policies.backTest({ files, remove, since, until, after: cursor ?? null, limit });
  if (found.ok) return answer(200, presentBacktest(found.value));
  if (found.error === "busy") {
    const detail = "Another back-test is being judged on this server. Ask again when it has ended.";
    return refuse("backtest-running", detail, { headers: { "retry-after": "5" } });
  }
  const { problems } = found.error;
  const detail = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was tried. Mend the draft and try again.`;
  return refuse("invalid-configuration", detail, { problems: problems.slice(0, maxShownProblems) });
});
