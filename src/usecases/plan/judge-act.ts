import type { ChangeAction } from "#core/catalog/scope.ts";
import type { ActRequest } from "#core/plan/act-request.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { nextCheck } from "#usecases/release/next-check.ts";
import type { StepContext } from "#usecases/plan/steps/driver.ts";

/** Why a step may not act now: never, or look again after a pause. */
export type Obstacle =
  | { readonly kind: "never"; readonly why: string }
  | { readonly kind: "later"; readonly why: string; readonly pause: Temporal.DurationLike };

/** Nobody tells a waiting step that a fact has changed; this is how often it asks again. */
const askAgainAfter = { minutes: 5 } as const;

/** The stored verdict has them all; more in one sentence is read by nobody. */
const maxReasons = 5;

/**
 * The gate at the start of a step: the one verdict function, for whoever started the run, over the content that this step
 * would bring. The verdict is stored like every other. The run's own lock does not block it.
 */
export async function judgeAct(
  context: StepContext,
  { environment, service }: ActRequest,
  { version, action }: { readonly version: string; readonly action: ChangeAction },
): Promise<Obstacle | null> {
  const { deps, records, run, part, at, key } = context;
  const artifact = await records.artifacts.find(service, version);
  const content = { runbook: run.version, step: key, artifact: artifact?.digest ?? null };
  const subject: Subject = {
    service,
    version,
    environment,
    action: part === "forward" ? action : "roll-back",
    class: "normal",
    invoker: "automation",
    requestedBy: run.startedBy,
    contentDigest: deps.digestOf({ service, version, environment, action, ...content }),
    onBehalfOf: run.id,
  };
  const facts = await withOwnHistory(context, await records.facts.load(subject, at, horizonOf(at)));
  const verdict = deps.judge(facts);
  await records.verdicts.save(verdict, facts, "start", null);
  if (verdict.decision === "allow") return null;
  const reasons = verdict.findings
    .filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable")
    .map(({ sentence }) => sentence);
  const why = `The verdict on it is ${verdict.decision}: ${[...new Set(reasons)].slice(0, maxReasons).join(" ")}`;
  if (verdict.decision === "deny") return { kind: "never", why };
  const [next, again] = [nextCheck(verdict, at), at.add(askAgainAfter)];
  const until = Temporal.Instant.compare(next, again) < 0 ? next : again;
  return { kind: "later", why, pause: at.until(until) };
}

/**
 * Whether it fits before an opening closes goes by what this step took before, where that is known, and not by how long
 * whole deployments of the service take. Taking it back counts as long as the step itself when nobody has seen that.
 */
async function withOwnHistory({ records, run, part, step }: StepContext, facts: Facts): Promise<Facts> {
  const usual = await records.acts.usualSeconds(run.runbook, { part, name: step.name });
  if (usual === null) return facts;
  const back = (await records.acts.usualSeconds(run.runbook, { part: "undo", name: step.name })) ?? usual;
  const { service, environment } = facts.subject;
  const own = { service, environment, p95: lengthOf(usual), rollbackP95: lengthOf(back) };
  const others = facts.durations.filter((each) => each.service !== service || each.environment !== environment);
  return { ...facts, durations: [...others, own] };
}

/** Balanced to hours, so that it reads well. */
function lengthOf(seconds: number): Temporal.Duration {
  return Temporal.Duration.from({ seconds }).round({ largestUnit: "hour" });
}
