import { forwardActions } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rollbackTime, type RollbackTime, type WayBack } from "#core/rollback/plan.ts";

type WayBackFacts = Pick<Facts, "subject" | "artifact" | "rollback" | "durations" | "evidence" | "deployed">;

/** What is known of the way back of the subject; of what goes back itself only its history. */
export function wayBackOf(facts: WayBackFacts): WayBack {
  const { subject, artifact, rollback, durations, evidence } = facts;
  const expected =
    durations.find((one) => one.service === subject.service && one.environment === subject.environment) ?? null;
  if (!forwardActions.includes(subject.action)) {
    return { plan: null, expected, evidence: "assumed", digest: null, former: null };
  }
  const digest = artifact === null || artifact === "assumed" ? null : artifact.digest;
  return { plan: rollback, expected, evidence, digest, former: formerOf(facts) };
}

/** Version that the subject would go back to; null: none is live there, or nobody knows which. */
export function formerOf({ subject, deployed }: Pick<Facts, "subject" | "deployed">): string | null {
  if (deployed === "assumed" || deployed === "unknown") return null;
  const { service, environment, version } = subject;
  const live = deployed.find((one) => one.service === service && one.environment === environment);
  return live === undefined || live.version === version ? null : live.version;
}

/** How long the way back of the subject takes; null: nobody knows. */
export function rollbackTimeOf(facts: WayBackFacts): RollbackTime | null {
  return rollbackTime(wayBackOf(facts));
}
