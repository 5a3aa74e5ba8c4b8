import { sayDuration, sayInstant } from "#core/policy/say.ts";
import {
  dueActs,
  expiresAt,
  nextDueAt,
  type DecisionAct,
  type MessageAbout,
  type RollbackDecision,
} from "#core/rollback/decision.ts";
import { isOfWith, personsOf } from "#usecases/rollback/audience.ts";
import { endDecision } from "#usecases/rollback/end-decision.ts";
import { decisionLine, deploymentOf, sayOption } from "#usecases/rollback/open-decision.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { rollBackIn } from "#usecases/rollout/roll-back-deployment.ts";

/** Decisions that one turn looks at; the next turn comes within a second. */
const maxDecisions = 50;

/**
 * Does what is due by the protocols of open decisions: messages, and the default where nobody decided. How many were due.
 * A run that holds ends its own decision when its wait is over, so that one clock decides. Each is a transaction of its
 * own: one that fails keeps no other clock from running, and is told when all have been looked at.
 */
export function makeAdvanceDecisions(deps: AdmitDeps & { readonly transact: Transact }): () => Promise<number> {
  return async () => {
    const at = deps.now();
    const due = await deps.transact((records) => records.rollbackDecisions.due(at, maxDecisions));
    const failed: unknown[] = [];
    for (const { id, deployment } of due) {
      try {
        await deps.transact(async (records) => {
          const decision = await records.rollbackDecisions.openOf(deploymentOf(deployment));
          if (decision?.id === id) await advance(deps, records, decision, at);
        });
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw new AggregateError(failed, `${failed.length} of ${due.length} decisions failed`);
    return due.length;
  };
}

async function advance(
  deps: AdmitDeps,
  records: Records,
  decision: RollbackDecision,
  at: Temporal.Instant,
): Promise<void> {
  const { people } = await records.catalog.inForce();
  const isOf = isOfWith(people);
  const acts = dueActs(decision, at, isOf);
  const sent: string[] = [];
  for (const act of acts) {
    if (act.kind !== "message") continue;
    await tell(records, decision, act, at);
    sent.push(act.key);
  }
  const ends = acts.find((act) => act.kind === "expire");
  if (ends !== undefined && decision.cause === "alert") {
    await endDecision(records, decision, { at, option: ends.option, by: null, reason: null });
    if (ends.option === "go-back") await goBack(deps, records, decision, at);
    return;
  }
  const next = nextDueAt({ ...decision, sent: [...decision.sent, ...sent] }, isOf);
  const isEnd = next !== null && next.equals(expiresAt(decision));
  await records.rollbackDecisions.sent(decision.id, sent, isEnd && decision.cause === "held" ? null : next);
}

async function tell(
  records: Records,
  decision: RollbackDecision,
  { key, to, about }: Extract<DecisionAct, { readonly kind: "message" }>,
  at: Temporal.Instant,
): Promise<void> {
  const persons = await personsOf(records, to, at);
  const text = await textOf(records, decision, about);
  if (persons.length > 0) {
    await records.messages.insert({ key: `${decision.id}:${key}`, run: decision.deployment, at, text }, persons);
  }
  const told = persons.length === 0 ? `Nobody is meant by ${to.join(", ")}` : `Told ${persons.join(", ")}`;
  await decisionLine(records, decision, at, `message ${key}`, `${told}: ${text}`);
}

async function textOf(records: Records, decision: RollbackDecision, about: MessageAbout): Promise<string> {
  const { because, cause, protocol } = decision;
  const deployment = await records.deployments.find(deploymentOf(decision.deployment));
  const { service, version, environment } = deployment?.subject ?? { service: "?", version: "?", environment: "?" };
  const what = `${service}@${version} in ${environment}`;
  const until = sayInstant(expiresAt(decision), null);
  const silent = `without a decision ${sayOption(cause, protocol.whenSilent)}`;
  switch (about) {
    case "decide":
      return `${what}: ${because} Decide until ${until}, or ${silent}.`;
    case "first":
      return `${what}: ${because} ${protocol.decider} decides until ${until}; ${silent}.`;
    case "ask":
    case "ask-deputy":
      return `${what}: ${because} ${options(decision, until)}`;
  }
}

/** What may be done, with its times. */
function options({ protocol, cause }: RollbackDecision, until: string): string {
  const downtime = protocol.downtime === null ? "" : `, without the service for ${sayDuration(protocol.downtime)}`;
  const other = cause === "held" ? "it goes on to more users" : "it stays live as it is";
  return `Either it goes back${downtime}, or ${other}. Say what your business needs before ${until}.`;
}

/** Nobody asked at this moment, so it is asked for in the name of the system; what keeps it from starting is on record. */
async function goBack(
  deps: AdmitDeps,
  records: Records,
  decision: RollbackDecision,
  at: Temporal.Instant,
): Promise<void> {
  const id = deploymentOf(decision.deployment);
  const call = { actor: systemActor, requestId: decision.id, key: decision.id };
  const asked = await rollBackIn(deps, records, { id, reason: decision.because }, call);
  const sentence = asked.ok
    ? `It is taken back as ${asked.value}.`
    : `It could not be taken back (${asked.error}); somebody has to look at it.`;
  await decisionLine(records, decision, at, "taken back", sentence);
}
