import { askVerdict } from "#contract/verdict.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { answerWritten, defineHandler, refuse } from "#api/handler.ts";
import { presentVerdict, retryAfter } from "#api/policy/present.ts";
import { noSuchDeployment, subjectOfQuestion } from "#api/policy/question-subject.ts";

/** A question changes nothing, whoever asks it; about a deployment it is judged with what was decided on that. */
export const askVerdictHandler = defineHandler(askVerdict, async (deps, call) => {
  const { at, deployment } = call.body;
  const subject = await subjectOfQuestion(deps, call.body, call.identity.person.name);
  if (subject === null) return refuse("no-such-deployment", noSuchDeployment(call.body));
  const now = deployment === undefined ? null : call.now;
  const verdict = await deps.operations.askVerdict(
    { subject, at: at === undefined ? now : Temporal.Instant.from(at) },
    { actor: call.identity.actor, requestId: call.requestId },
  );
  deps.metrics.countVerdict(verdict.decision, "question");
  const headers = retryAfter(verdict, call.now);
  // The text that was stored: the same members as what is presented, written once.
  return answerWritten(200, verdictText(verdict), () => presentVerdict(verdict), headers);
});
